"""The uint8 grid of an activation."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge_vsr.calibration.folded import CENTRE, UNIT

NOMINAL = 1 / 64
"""The scale that the graphs name for activations. What a code is worth goes into the weights around it: a power of two
is exact in floating point, and all runtimes then round alike."""


@dataclass(frozen=True, slots=True)
class Grid:
    """value = scale * (code - zero), with code in 0..255."""

    scale: float
    """The largest, where channels differ."""
    zero: int
    nominal: float = NOMINAL
    """The scale by which the graph calls it, a power of two."""
    by_channel: tuple[float, ...] = ()
    """The scale in each channel, where they differ."""

    @property
    def scales(self) -> NDArray[np.float64]:
        """(channels,) or (1,)."""
        return np.array(self.by_channel or (self.scale,))

    @classmethod
    def covering(cls, low: float, high: float) -> "Grid":
        """The finest grid that holds `low`..`high` and has an exact zero."""
        low, high = min(low, 0.0), max(high, 0.0, low + 1e-6)
        scale = (high - low) / 255
        return cls(scale, round(-low / scale))

    def error(self, values: NDArray[np.float32]) -> float:
        """Mean squared error of `values` put on the grid, those that fall off it included."""
        codes = np.clip(np.rint(values / self.scale) + self.zero, 0, 255)
        return float(np.mean(((codes - self.zero) * self.scale - values) ** 2))

    def called_by_value(self) -> "Grid":
        """The finest grid that reaches as low and whose scale is a power of two, as a sigmoid needs it. Its zero is
        even: a value halfway between two codes goes to the even one, and some engines add the zero before they look."""
        scale = 2.0 ** math.ceil(math.log2(self.scale))
        return Grid(scale, 2 * math.ceil(self.zero * self.scale / scale / 2), scale)

    def refined(self, scale: float) -> "Grid":
        """This grid, finer by the largest power of two that leaves its step at least `scale`."""
        finer = 2.0 ** max(0, math.floor(math.log2(self.scale / scale)))
        return Grid(self.scale / finer, self.zero, self.nominal / finer)


LUMA = Grid(1 / UNIT, int(CENTRE), 1 / UNIT)
"""Luma as the network sees it: exact."""
SHARE = Grid(1 / 256, 0, 1 / 256)
"""What a sigmoid yields. One half, which it often does, is a code: between two codes the runtimes would differ."""
