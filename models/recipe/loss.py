"""How far what the network makes is from what it should."""

from torch import Tensor

from edge_vsr.sr.network import MARGIN
from models.recipe.config import Loss
from models.recipe.network import inside

FLOOR = 1.0
"""Squared levels: a patch that is right but for rounding has nothing more to teach."""


def loss_of(made: Tensor, true: Tensor, scale: int, loss: Loss) -> Tensor:
    """In levels or their logarithm, of patches (N, 1, H, W) without their border, as the runtime has a frame."""
    error = inside(made - true, MARGIN * scale)
    if loss == "mean":
        return error.abs().mean()
    square = error.square().mean((1, 2, 3)) + FLOOR
    return (square.sqrt() if loss == "rms" else square.log()).mean()
