"""Closing a device that another thread may be reading."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class ReadGate:
    """Lets a device go exactly once, and never under a read.

    FFmpeg and libcamera crash when they are closed under a read. So `close` from another thread only asks, and
    the reading thread lets go when its read is over.
    """

    def __init__(self, release: Callable[[], None]) -> None:
        """`release` lets the device go; it is forgotten after that, with all that it holds."""
        self._release: Callable[[], None] | None = release
        self._lock = threading.Lock()
        self._reading = False
        self._closing = False

    @property
    def closing(self) -> bool:
        return self._closing

    @contextmanager
    def reading(self) -> Iterator[bool]:
        """Around each read; false if the device is closed and must not be touched."""
        with self._lock:
            self._reading = usable = not self._closing
        try:
            yield usable
        finally:
            with self._lock:
                self._reading = False
            if self._closing:
                self.close()

    def close(self) -> None:
        """Let go now, or when the read under way is over. Any number of times."""
        with self._lock:
            self._closing = True
            if self._reading:
                return
            release, self._release = self._release, None
        if release:
            release()
