"""PSNR-Y of a float network, as super-resolution papers measure it.

`python -m models.recipe.evaluate RECIPE CHECKPOINT FOLDER...`
"""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import numpy as np
import torch
import typer
from torch import nn

from edge_vsr.sr.network import padding
from models.recipe.config import Recipe
from models.recipe.data import Luma, Pair, make_pair, read_lumas
from models.recipe.network import load_network

ALIGN = 16
"""Frame sides are padded to a multiple of this; every recipe's grids divide it."""


def psnr_y(low: Luma, high: Luma, network: nn.Module, scale: int) -> float:
    """PSNR-Y in dB of one picture, a border of `scale` pixels left out.

    Full-range luma is restored; the difference is brought to BT.601's limited range, in which papers measure.
    """
    device = next(network.parameters()).device
    pad = [padding(n, ALIGN) for n in low.shape]
    padded = torch.from_numpy(np.pad(low, pad, "edge")[None, None].astype(np.float32)).to(device)
    out = network(padded).clamp(0, 255).round()[0, 0].cpu().numpy()
    top, left = (before * scale for before, _ in pad)
    out = out[top : top + high.shape[0], left : left + high.shape[1]]
    difference = (out - high)[scale:-scale, scale:-scale] * (219 / 255)
    return 20 * math.log10(255) - 10 * math.log10(float(np.mean(difference**2)))


@torch.no_grad()
def mean_psnr(network: nn.Module, pairs: Sequence[Pair], scale: int) -> float:
    """Mean PSNR-Y in dB over `pairs`; the network's training mode is left as it was."""
    was_training = network.training
    network.eval()
    figures = [psnr_y(pair.low, pair.high, network, scale) for pair in pairs]
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
