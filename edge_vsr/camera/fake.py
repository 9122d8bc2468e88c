"""A camera for tests: it does what its script says."""

from collections.abc import Iterable
from fractions import Fraction

import numpy as np

from edge_vsr.frame import Frame, Matrix, Range, Size


def gray_frame(number: int = 0, time: float | None = None, size: Size | None = None, luma: int = 128) -> Frame:
    """A frame of one gray; `time` is in seconds, by default 25 frames a second."""
    size = size or Size(64, 48)
    time = number / 25 if time is None else time
    half = ((size.height + 1) // 2, (size.width + 1) // 2)
    neutral = np.full(half, 128, np.uint8)
    y = np.full((size.height, size.width), luma, np.uint8)
    return Frame(y, neutral, neutral, Matrix.BT601, Range.LIMITED, number=number, time=time, wall=1.7e9 + time)


class FakeCamera:
    """Each `read` plays the next part of the script: a frame is returned, an error raised, None is the end.

    After the script, and after `close`, every read is the end.
    """

    def __init__(
        self,
        script: Iterable[Frame | Exception | None],
        *,
        name: str = "fake",
        live: bool = True,
        rate: Fraction | None = Fraction(25),
    ) -> None:
        self._script = iter(script)
        self.name = name
        self.live = live
        self.rate = rate
        self.closed = 0
        """How often `close` was called."""

    def read(self) -> Frame | None:
        part = None if self.closed else next(self._script, None)
        if isinstance(part, Exception):
            raise part
        return part

    def close(self) -> None:
        self.closed += 1
