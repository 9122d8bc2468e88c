"""When a picture was taken, from its time stamp and its arrival."""

from fractions import Fraction

_STEP = 0.001
"""Seconds between two pictures whose stamps say that no time has passed."""


class LiveTimeline:
    """Arrival on the monotonic clock, smoothed by the source's own time stamps.

    The stamps are even, the network is not; but cameras restart their stamps, and their clocks drift. So the
    stamps are followed only while they agree with the arrival: a picture is never later than its arrival,
    and at most `tolerance` seconds earlier.
    """

    def __init__(self, tolerance: float = 0.5) -> None:
        self._tolerance = tolerance
        self._offset: float | None = None
        self._last: float | None = None

    def stamp(self, pts: float | None, arrival: float) -> float:
        """Seconds on the monotonic clock, always later than the last; `pts` in seconds, None if there is none."""
        time = arrival
        if pts is not None:
            if self._offset is None or not 0 <= arrival - (pts + self._offset) <= self._tolerance:
                self._offset = arrival - pts
            time = pts + self._offset
        if self._last is not None and time <= self._last:
            time = self._last + _STEP
        self._last = time
        return time


class FileTimeline:
    """Start plus presentation time, for a source that can be read at any speed."""

    def __init__(self, start: float, rate: Fraction | None) -> None:
        self._start = start
        self._step = float(1 / rate) if rate else 0.04
        self._first: float | None = None
        self._last: float | None = None

    def stamp(self, pts: float | None, arrival: float) -> float:  # noqa: ARG002  one signature with LiveTimeline
        """Seconds, always later than the last; one frame interval later where `pts` (seconds) is of no use."""
        if self._first is None:
            self._first = pts
        if self._last is None:
            time = self._start
        elif pts is None or self._first is None:
            time = self._last + self._step
        else:
            time = self._start + pts - self._first
            if time <= self._last:
                time = self._last + self._step
        self._last = time
        return time
