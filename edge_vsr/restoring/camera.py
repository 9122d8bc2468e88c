"""A live stream as a source, reopened when it is lost, but not for ever."""

import logging
import threading
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

from edge_vsr.camera import CaptureWish, open_camera, status_of
from edge_vsr.clock import Clock, SystemClock
from edge_vsr.errors import CameraLost
from edge_vsr.frame import Frame
from edge_vsr.restoring.base import About, Sound
from edge_vsr.restoring.camera_sound import LiveSound
from edge_vsr.restoring.source import USUAL_RATE

log = logging.getLogger(__name__)

PATIENCE = 30.0
"""Seconds that the camera may be away."""


class CameraSource:
    """Its first frame is at 0 s. What comes faster than it can be restored is lost, and counted."""

    live = True
    frames: int | None = None

    def __init__(self, spec: str, *, clock: Clock | None = None) -> None:
        """Opens it and waits for the first frame. Raises UsageError or CameraError."""
        self._clock = clock or SystemClock()
        self._stop = threading.Event()
        self._seen = self._clock.monotonic()
        self._trouble: str | None = None
        ear = LiveSound(self._clock)
        self.sound: Sound = ear
        self._camera = open_camera(spec, CaptureWish(), self._clock, self._stop, on_wait=self._away, ear=ear)
        self.name = self._camera.name
        first = self._camera.read()
        self._before = status_of(self._camera).late
        if first is None:
            self.close()
            raise CameraLost(self._trouble or f"{self.name}: the stream ended")
        self._first: Frame | None = first
        self._start = ear.start = first.time
        self.about = About(Fraction(self._camera.rate or USUAL_RATE), (first.size,))

    def __iter__(self) -> Iterator[Frame]:
        frame, self._first = self._first, None
        while frame is not None:
            yield replace(frame, time=frame.time - self._start)
            if self._stop.is_set():
                break
            self._seen = self._clock.monotonic()
            frame = self._camera.read()
        if late := status_of(self._camera).late - self._before:
            log.warning("%s: %d frames came faster than they could be restored, and are left out", self.name, late)
        if self._trouble:
            raise CameraLost(self._trouble)

    def stop(self) -> None:
        self._stop.set()
        self._camera.close()

    def close(self) -> None:
        self._camera.close()
        self.sound.close()

    def _away(self, reason: str) -> None:
        if self._clock.monotonic() - self._seen > PATIENCE:
            self._trouble = f"{reason}; given up after {PATIENCE:g} s"
            self._stop.set()
