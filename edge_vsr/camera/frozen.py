"""A live camera that shows one picture for ever: some drivers and network cameras repeat their last one when they fail.

Noise makes two pictures of a sensor differ, and a coded stream differs at least at its keyframes. So only pictures that
are the same in every bit count, and only for long.
"""

import zlib

from edge_vsr.frame import Frame

FROZEN_AFTER = 30.0
"""Seconds of one picture that make a camera frozen; keyframes are rarely as far apart."""
REOPEN_AFTER = 60.0
"""Seconds of one picture after which opening the camera anew may help."""
MOST_BETWEEN = 3600.0
"""Seconds between two such openings at most; what shows the same after the first may be a test card."""
_ROWS = 4
"""One row of so many is looked at: a sensor's noise is in all."""


class FreezeDetector:
    """Looks at every frame, and keeps a checksum of the last."""

    def __init__(self) -> None:
        self._checksum: int | None = None
        self._since = 0.0
        self._now = 0.0
        self._reopen_at = REOPEN_AFTER

    def see(self, frame: Frame) -> None:
        """Take the next frame; its `time` tells how long a picture has been the same."""
        checksum = zlib.crc32(frame.y[::_ROWS].tobytes(), frame.y.shape[1])
        self._now = frame.time
        if checksum != self._checksum:
            self._checksum, self._since, self._reopen_at = checksum, frame.time, REOPEN_AFTER

    @property
    def seconds(self) -> float:
        """For how long the picture has been the same."""
        return self._now - self._since

    @property
    def frozen(self) -> bool:
        return self.seconds >= FROZEN_AFTER

    def worth_reopening(self) -> bool:
        """Whether it is time to open the camera anew; true once, and then later and later for the same picture."""
        if self.seconds < self._reopen_at:
            return False
        self._reopen_at = self.seconds + min(self._reopen_at, MOST_BETWEEN)
        return True
