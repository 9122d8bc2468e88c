"""What a row of times says, and how one compares with another. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

NOISY = 0.25
"""Spread of the middle half of the times, as a share of the median, above which a figure is to be taken again."""


@dataclass(frozen=True, slots=True)
class Times:
    """Milliseconds a frame."""

    frames: int
    mean: float
    least: float
    p25: float
    p50: float
    p75: float
    p90: float
    p99: float
    most: float

    @classmethod
    def of(cls, seconds: Sequence[float]) -> Self:
        """Of one frame each. Raises ValueError for none."""
        if not seconds:
            raise ValueError("no times")
        ms = np.asarray(seconds) * 1000
        p25, p50, p75, p90, p99 = np.percentile(ms, (25, 50, 75, 90, 99))
        figures = (ms.mean(), ms.min(), p25, p50, p75, p90, p99, ms.max())
        return cls(len(seconds), *(round(float(figure), 4) for figure in figures))

    @property
    def fps(self) -> float:
        """Frames a second, one after the other."""
        return 1000 / self.mean if self.mean else float("inf")

    @property
    def spread(self) -> float:
        """Of the middle half, as a share of the median."""
        return (self.p75 - self.p25) / self.p50 if self.p50 else 0.0

    @property
    def noisy(self) -> bool:
        return self.spread > NOISY


@dataclass(frozen=True, slots=True)
class Ratio:
    """How many times as long something takes: below 1 is faster."""

    middle: float
    """Of the medians."""
    least: float
    most: float
    """Between the middle halves: the one's fast quarter over the other's slow one, and the other way round."""

    @property
    def certain(self) -> bool:
        """Whether the middle halves lie apart."""
        return not self.least <= 1 <= self.most

    def __str__(self) -> str:
        return f"{self.middle:.2f} ({self.least:.2f}..{self.most:.2f})"


def ratio(before: Times, after: Times) -> Ratio | None:
    """What `after` takes over what `before` took; None where one of them took no time that could be measured."""
    if min(before.p25, after.p25) <= 0:
        return None
    return Ratio(after.p50 / before.p50, after.p25 / before.p75, after.p75 / before.p25)
