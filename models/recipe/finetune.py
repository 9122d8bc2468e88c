"""Quantization-aware fine-tuning: `python -m models.recipe.finetune RECIPE CHECKPOINT --data FOLDER --out FILE.npz`.

The folded network goes on learning with weights and activations rounded as INT8 rounds them; gradients pass the
rounding as if it were not there (Jacob et al., "Quantization and Training of Neural Networks for Efficient
Integer-Arithmetic-Only Inference", CVPR 2018). Only the reconstruction learns: what comes before it loses nothing
to INT8.
"""

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import torch
import typer
from rich.progress import track
from torch import Tensor, nn
from torch.nn import functional

from edge_vsr.calibration.bicubic import DENOMINATOR
from edge_vsr.calibration.codes import LARGEST_WEIGHT, Codes, factors, weight_scales
from edge_vsr.calibration.folded import Conv, Folded
from edge_vsr.calibration.grid import LUMA, Grid
from edge_vsr.calibration.original import Original
from edge_vsr.calibration.ranges import find_grids
from models.recipe.allocation import keep_freed_memory
from models.recipe.config import Recipe
from models.recipe.data import CALIBRATION, Patches, calibration_frames, hold_out, load_pairs
from models.recipe.fold import fold
from models.recipe.loss import loss_of
from models.recipe.network import load_network
from models.recipe.teacher import taught
from models.recipe.trace import in_float, trace
from models.recipe.train import average

EMA = 0.99


class _HalfBackward(torch.autograd.Function):
    """A convolution with zeros around, in single precision; its gradients are multiplied in bfloat16, as those of
    training are, where a processor does that many times as fast."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, bias: Tensor, stride: int, padding: int) -> Tensor:
        ctx.save_for_backward(x.bfloat16(), weight.bfloat16())
        ctx.stride, ctx.padding = stride, padding
        return functional.conv2d(x, weight, bias, stride, padding)

    @staticmethod
    def backward(ctx: Any, above: Tensor) -> tuple[Tensor | None, ...]:
        x, weight = ctx.saved_tensors
        wanted = [*ctx.needs_input_grad[:2], False]
        half, stride, padding = above.bfloat16(), [ctx.stride] * 2, [ctx.padding] * 2
        found = torch.ops.aten.convolution_backward(
            half, x, weight, None, stride, padding, [1, 1], False, [0, 0], 1, wanted
        )
        by_x, by_weight = (None if one is None else one.float() for one in found[:2])
        return by_x, by_weight, above.sum((0, 2, 3)), None, None


convolved: Callable[..., Tensor] = _HalfBackward.apply
"""Of x, weight, bias, stride and padding."""


class _Learning(nn.Module):
    """One convolution whose weights learn while they are rounded."""

    def __init__(self, conv: Conv, x: Codes, grid: Grid, half: bool, step: float | None = None) -> None:
        """`half`: gradients in bfloat16. `step`: scale of the weights as maps of codes, if not theirs to choose."""
        super().__init__()
        self._convolve: Callable[..., Tensor] = convolved if half else functional.conv2d
        self._step = step
        self._x = x
        self._grid = grid
        self.weight = nn.Parameter(torch.from_numpy(conv.weight).float())
        self.bias = nn.Parameter(torch.from_numpy(conv.bias).float())
        self._factors = torch.from_numpy(factors(x.scales, grid)).float()

    def rounded(self) -> Tensor:
        by_codes = self.weight * self._factors
        scales = self._step or self._scales(by_codes)
        codes = (by_codes / scales).round().clamp(-LARGEST_WEIGHT, LARGEST_WEIGHT)
        return by_codes + (codes * scales - by_codes).detach()

    def _scales(self, by_codes: Tensor) -> Tensor:
        now, bias = (p.detach().double().numpy() for p in (by_codes, self.bias))
        return torch.from_numpy(weight_scales(now, bias, self._x, self._grid)).float()

    def forward(self, x: Tensor, conv: Conv) -> Tensor:
        return self._convolve(x, self.rounded() / self._factors, self.bias, conv.stride, conv.padding)


def on_grid(x: Tensor, grid: Grid) -> Tensor:
    """`x` rounded and clipped; the gradient passes where nothing is clipped."""
    channels = x.shape[1]
    scales = torch.from_numpy(grid.scales).float().expand(channels)
    zeros = torch.full((channels,), grid.zero, dtype=torch.int32)
    return torch.fake_quantize_per_channel_affine(x, scales, zeros, 1, 0, 255)


def learning(net: Folded, grids: dict[str, Grid], half: bool = False) -> nn.ModuleDict:
    cells = net.layout.samples
    attended = Codes.on("attended", grids["attended"])
    parts = [(attended, net.join.weight.shape[1] - cells), (Codes.on("cells", LUMA), cells)]
    layers = {"join": _Learning(net.join, Codes.joined("joint", parts, grids["attended"]), grids["joined"], half)}
    before = "joined"
    for i, block in enumerate(net.blocks):
        layers[f"block{i}"] = _Learning(block, Codes.on(before, grids[before]), grids[f"block{i}"], half)
        before = f"block{i}"
    layers["tail"] = _Learning(net.tail, Codes.on(before, grids[before]), LUMA, half, 1 / DENOMINATOR)
    return nn.ModuleDict(layers)


def _learnt(net: Folded, layers: nn.ModuleDict) -> Folded:
    def conv(name: str, old: Conv) -> Conv:
        weight, bias = (p.detach().double().numpy() for p in layers[name].parameters())
        return replace(old, weight=weight, bias=bias)

    blocks = tuple(conv(f"block{i}", block) for i, block in enumerate(net.blocks))
    return replace(net, join=conv("join", net.join), blocks=blocks, tail=conv("tail", net.tail))


def finetune(
    recipe_file: Annotated[Path, typer.Argument(exists=True)],
    checkpoint: Annotated[Path, typer.Argument(exists=True)],
    data: Annotated[Path, typer.Option(exists=True, help="folder of training pictures")],
    out: Annotated[Path, typer.Option(help="file to write")],
    calibration: Annotated[Path, typer.Option(exists=True, help="frames for the activations' ranges")] = CALIBRATION,
    threads: Annotated[int, typer.Option(min=1)] = 2,
) -> None:
    """Fold, find ranges, learn with rounding."""
    keep_freed_memory()
    recipe = Recipe.load(recipe_file)
    torch.set_num_threads(threads)
    torch.manual_seed(recipe.seed)
    net = fold(load_network(recipe, checkpoint))
    grids = find_grids(net, calibration_frames(calibration, 2 * recipe.coarse))
    runs = checkpoint.parent.parent
    pairs, _ = hold_out(load_pairs(data, recipe, runs))
    # Not the patches of the first steps again.
    patches = Patches(taught(pairs, recipe, runs), recipe, recipe.seed + 1)
    layers = learning(net, grids, recipe.half_precision > 0)
    mean = learning(net, grids)
    adam = torch.optim.Adam(layers.parameters(), lr=recipe.finetune_rate)

    def run(name: str, x: Tensor, conv: Conv) -> Tensor:
        if name in layers:
            made: Tensor = layers[name](x.contiguous(memory_format=torch.channels_last), conv)
            return made
        return in_float(name, x, conv)

    for step in track(range(recipe.finetune_steps), f"{recipe.name} in INT8"):
        for group in adam.param_groups:
            group["lr"] = recipe.finetune_rate * 0.5 * (1 + math.cos(math.pi * step / recipe.finetune_steps))
        low, high = (torch.from_numpy(np.ascontiguousarray(x)) for x in patches.batch(step, recipe.batch))
        made = trace(net, low, lambda name, x: on_grid(x, grids[name]), run, recipe.context)
        error = loss_of(made, high, recipe.scale, recipe.finetune_loss)
        adam.zero_grad(set_to_none=True)
        torch.autograd.backward(error)
        adam.step()
        average(mean, layers, min(EMA, (step + 1) / (step + 10)))
    steps = torch.load(checkpoint, map_location="cpu")["step"]
    part = out.with_suffix(".part")
    part.write_bytes(Original(_learnt(net, mean), grids, steps).to_bytes())
    part.replace(out)


if __name__ == "__main__":
    typer.run(finetune)
