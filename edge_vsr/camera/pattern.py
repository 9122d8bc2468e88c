"""The `demo` camera: a small town with traffic, drawn, deterministic, and with its number in every picture.

It stands still for most of the time, as a camera on a mast does, and pans slowly in between.
"""

import threading
from fractions import Fraction

from edge_vsr.camera.demo.scene import Scene
from edge_vsr.clock import Clock
from edge_vsr.frame import Frame, Range, Size

DEMO_SIZE = Size(640, 360)
DEMO_RATE = Fraction(15)
"""What a small box can super-resolve and encode while it captures."""

_LATE = 4
"""Frames that wait for a late reader, as a driver's buffers would; then frames are lost."""


class PatternCamera:
    """A live camera that needs no device. Frame n of one size is always the same picture."""

    def __init__(self, clock: Clock, *, size: Size | None = None, rate: Fraction | None = None) -> None:
        """By default 640x360 at 15 frames a second. Raises UsageError for a size below 64x64."""
        self._scene = Scene(size or DEMO_SIZE)
        self._rate = rate or DEMO_RATE
        self._clock = clock
        self._closed = threading.Event()
        self._next = 0
        self._start: float | None = None

    @property
    def name(self) -> str:
        return "demo"

    @property
    def live(self) -> bool:
        return True

    @property
    def rate(self) -> Fraction | None:
        return self._rate

    def read(self) -> Frame | None:
        """The next frame when it is due; a reader who comes far too late misses some. None after `close`."""
        now = self._clock.monotonic()
        if self._start is None:
            self._start = now
        behind = int((now - self._start) * self._rate) - self._next
        if behind > _LATE:
            self._next += behind
        due = self._start + float(self._next / self._rate)
        if self._closed.is_set() or self._clock.wait(self._closed, due - now):
            return None
        number, self._next = self._next, self._next + 1
        wall = self._clock.wall() - (self._clock.monotonic() - due)
        y, u, v = self._scene.picture(number)
        return Frame(y, u, v, self._scene.matrix, Range.LIMITED, number=number, time=due, wall=wall)

    def close(self) -> None:
        self._closed.set()
