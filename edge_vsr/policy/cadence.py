"""Where one segment ends and the next begins."""

from dataclasses import dataclass, replace
from enum import Enum
from fractions import Fraction
from typing import Self

from edge_vsr.rung import SEGMENT_SECONDS, Rung

LONGEST_GAP = 2.0
"""Seconds between two frames after which the stream starts anew: the camera was away."""
LONGEST_GAP_FRAMES = 3
"""The same for cameras of few frames a second, in frames."""


class Cut(Enum):
    """What a frame does to the segments."""

    NONE = "none"
    SEGMENT = "segment"
    """It starts a segment."""
    STREAM = "stream"
    """It starts a segment that does not go on from the one before."""


@dataclass(frozen=True, slots=True)
class Cadence:
    """A clock that ticks every `seconds` from the first frame on. Pure: each step makes the next state."""

    seconds: float = SEGMENT_SECONDS
    gap: float = LONGEST_GAP
    begun: float | None = None
    """When the running segment should have begun: on the grid, so that late frames do not add up."""
    last: float = 0.0
    interval: float = 0.0
    """Between the last two frames, in seconds."""

    @classmethod
    def at_rate(cls, rate: Fraction) -> Self:
        """For a camera of nominally `rate` frames a second."""
        return cls(gap=max(LONGEST_GAP, float(LONGEST_GAP_FRAMES / rate)))

    @property
    def longest(self) -> float:
        """Seconds that no segment is longer than: its last frame may be as late as a gap allows."""
        return self.seconds + self.gap

    def step(self, time: float) -> tuple["Cadence", Cut]:
        """Take a frame's `time` in seconds; returns the next state and what the frame does."""
        if self.begun is None or not 0.0 <= time - self.last <= self.gap:
            return replace(self, begun=time, last=time, interval=0.0), Cut.STREAM
        interval = time - self.last
        # Half an interval early rather than half late: a frame at 1.999 s belongs to the next segment.
        if time - self.begun < self.seconds - interval / 2:
            return replace(self, last=time, interval=interval), Cut.NONE
        grid = self.begun + self.seconds
        begun = grid if time - grid < self.seconds / 2 else time
        return replace(self, begun=begun, last=time, interval=interval), Cut.SEGMENT


def longest_segment(least: Rung, rate: Fraction) -> float:
    """Seconds that no segment of a camera of `rate` frames a second is longer than, on any rung from `least` up."""
    return max(Cadence.at_rate(rate).longest, least.seconds)
