"""The range of every activation over the calibration pictures, and the uint8 grid that it becomes."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from models.recipe.fold import Folded
from models.recipe.network import CENTRE, UNIT
from models.recipe.trace import trace


@dataclass(frozen=True, slots=True)
class Grid:
    """value = scale * (code - zero), with code in 0..255."""

    scale: float
    zero: int

    @classmethod
    def covering(cls, low: float, high: float) -> "Grid":
        """The finest grid that holds `low`..`high` and has an exact zero."""
        low, high = min(low, 0.0), max(high, 0.0, low + 1e-6)
        scale = (high - low) / 255
        return cls(float(np.float32(scale)), round(-low / scale))


LUMA = Grid(1 / UNIT, int(CENTRE))
"""Luma as the network sees it: exact."""
SHARE = Grid(1 / 255, 0)
"""What a sigmoid yields."""

CLIPPED = 1e-6
"""Share of the values at each end that may fall off the grid: a lone outlier must not coarsen all others."""


def find_grids(net: Folded, pictures: Iterable[NDArray[np.uint8]]) -> dict[str, Grid]:
    """A grid for each activation that `trace` names, from luma pictures (sides multiples of 2 * coarse)."""
    lows: dict[str, list[float]] = {}
    highs: dict[str, list[float]] = {}

    def note(name: str, x: Tensor) -> Tensor:
        flat = x.flatten()
        k = max(1, int(CLIPPED * flat.numel()))
        lows.setdefault(name, []).append(float(flat.kthvalue(k).values))
        highs.setdefault(name, []).append(float(flat.kthvalue(flat.numel() - k + 1).values))
        return x

    for picture in pictures:
        trace(net, torch.from_numpy(picture[None, None].astype(np.float32)), note)
    return {name: Grid.covering(min(lows[name]), max(highs[name])) for name in lows}
