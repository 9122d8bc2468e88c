"""PSNR-Y, as super-resolution papers measure it, and the float network's.

`python -m models.recipe.evaluate RECIPE CHECKPOINT FOLDER...`
"""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import numpy as np
import torch
import typer
from numpy.typing import NDArray

from edge_vsr.frame import Plane
from edge_vsr.sr.network import mirrored, unmirrored
from models.recipe.config import Recipe
from models.recipe.data import make_pair, read_lumas
from models.recipe.network import Network, load_network
from models.recipe.pairs import Pair

LIMITED = 219 / 255
"""What a level of full-range luma is in BT.601's limited range, in which papers measure."""


class FloatUpscaler:
    """The float network behind the interface of the released ones, padded as they are."""

    def __init__(self, network: Network) -> None:
        self.name = "float"
        self.scale = network.recipe.scale
        self._network = network

    @torch.no_grad()
    def luma(self, y: Plane) -> Plane:
        """Luma (height, width) to (scale * height, scale * width), both uint8."""
        device = next(self._network.parameters()).device
        feature = 2 * self._network.recipe.coarse
        padded = torch.from_numpy(mirrored(y, feature)[None, None].astype(np.float32)).to(device)
        out = self._network(padded, feature).clamp(0, 255).round()[0, 0].cpu().numpy().astype(np.uint8)
        return unmirrored(out, y.shape, self.scale)


def psnr(difference: NDArray[np.floating], border: int) -> float:
    """PSNR in dB of a difference in levels of 0..255, `border` pixels left out."""
    return 20 * math.log10(255) - 10 * math.log10(float(np.mean(difference[border:-border, border:-border] ** 2)))


def mean_psnr(network: Network, pairs: Sequence[Pair], scale: int) -> float:
    """Mean PSNR-Y in dB over `pairs`, a border of `scale` pixels left out; the network's training mode is left as it
    was."""
    was_training = network.training
    upscaler = FloatUpscaler(network.eval())
    figures = [psnr((upscaler.luma(pair.low) - pair.high.astype(float)) * LIMITED, scale) for pair in pairs]
    network.train(was_training)
    return float(np.mean(figures))


def evaluate(
    recipe_file: Annotated[Path, typer.Argument(exists=True)],
    checkpoint: Annotated[Path, typer.Argument(exists=True)],
    folders: Annotated[list[Path], typer.Argument(exists=True)],
) -> None:
    """Print the float network's PSNR-Y on each folder of pictures."""
    recipe = Recipe.load(recipe_file)
    network = load_network(recipe, checkpoint)
    for folder in folders:
        pairs = [make_pair(luma, recipe.scale) for luma in read_lumas(folder)]
        typer.echo(f"{folder.name}: {mean_psnr(network, pairs, recipe.scale):.3f} dB on {len(pairs)} pictures")


if __name__ == "__main__":
    typer.run(evaluate)
