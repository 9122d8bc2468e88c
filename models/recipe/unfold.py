"""A network that learnt at full resolution as one that works on cells: the same function, and fast in INT8.

Few channels at many pixels learn far more a step, since one kernel serves every pixel; many channels at few pixels run
far faster. A convolution over pixels is a convolution over cells of them in which most taps are zero and the others
are shared. So what was learnt there is where the cells' own training begins, which then unties the taps.
"""

from collections.abc import Mapping

import torch
from torch import Tensor

from models.recipe.config import Recipe

Weights = Mapping[str, Tensor]
FEATURES = ("extractor.conv256.conv.weight", "extractor.conv256.norm.", "attention.excite.")
"""Whose first axis is the features."""


def unfolded(weights: Weights, learnt: Recipe, recipe: Recipe) -> dict[str, Tensor]:
    """The weights of a network of `learnt` as those of `recipe`, whose cells are a multiple as large and whose width
    is that squared times as much."""
    by = recipe.fine // learnt.fine
    order = _order_of_features(2 * learnt.coarse // learnt.fine, by)
    made = {name: _by_features(name, value, order) for name, value in weights.items()}
    for name, value in made.items():
        if not name.startswith("reconstruction."):
            continue
        if value.ndim == 4:
            made[name] = _unfolded_convolution(value, by)
        elif value.ndim == 1:
            made[name] = value.repeat_interleave(by**2)
    cells = _order_of_cells(learnt.fine, by)
    detail = "reconstruction.detail.weight"
    made[detail] = made[detail][:, cells]
    pixels = _order_of_cells(learnt.fine * learnt.scale, by)
    for name in ("reconstruction.tail.weight", "reconstruction.tail.bias"):
        made[name] = made[name][pixels]
    return made


def _unfolded_convolution(weight: Tensor, by: int) -> Tensor:
    """3x3 (outputs, inputs, 3, 3) over pixels to 3x3 over cells of `by` x `by` of them; a channel's pixels lie side by
    side, row by row, as `pixel_unshuffle` puts them."""
    outputs, inputs = weight.shape[:2]
    made = weight.new_zeros((outputs, by, by, inputs, by, by, 3, 3))
    for y in range(by):
        for x in range(by):
            for down in range(3):
                for across in range(3):
                    row, from_y = divmod(y + down - 1, by)
                    column, from_x = divmod(x + across - 1, by)
                    made[:, y, x, :, from_y, from_x, row + 1, column + 1] = weight[:, :, down, across]
    return made.reshape(outputs * by**2, inputs * by**2, 3, 3)


def _order_of_cells(side: int, by: int) -> Tensor:
    """Where the samples of a cell of `by * side`, row by row, are among those of its cells of `side`."""
    apart = torch.arange((side * by) ** 2).reshape(side, side, by, by)
    return apart.permute(2, 0, 3, 1).flatten()


def _order_of_features(shuffle: int, by: int) -> Tensor:
    """Where the features that `pixel_shuffle` spreads over cells of `by` are among those it spreads over pixels."""
    wide = shuffle // by
    apart = torch.arange(256).reshape(-1, wide, by, wide, by)
    return apart.permute(0, 2, 4, 1, 3).flatten()


def _by_features(name: str, value: Tensor, order: Tensor) -> Tensor:
    if name == "attention.squeeze.weight":
        return value[:, order]
    if name.startswith(FEATURES) and value.ndim:
        return value[order]
    return value
