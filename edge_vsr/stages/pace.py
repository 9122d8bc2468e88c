"""A recording at the pace of its pictures, for far ends that show what they get at once."""

import threading

from edge_vsr.camera.base import Camera
from edge_vsr.camera.wrapped import WrappedCamera
from edge_vsr.clock import Clock
from edge_vsr.frame import Frame


class PacedCamera(WrappedCamera):
    """Another camera, no frame of which comes before its time. It still waits for its reader and loses nothing."""

    def __init__(self, camera: Camera, clock: Clock) -> None:
        super().__init__(camera)
        self._clock = clock
        self._closed = threading.Event()
        self._late: float | None = None
        """Between a frame's time and when it is due, in seconds."""

    def read(self) -> Frame | None:
        """The next frame when it is due; None at the end or after `close`."""
        frame = self._camera.read()
        if frame is None:
            return None
        now = self._clock.monotonic()
        if self._late is None:
            self._late = now - frame.time
        return None if self._clock.wait(self._closed, frame.time + self._late - now) else frame

    def close(self) -> None:
        self._closed.set()
        super().close()
