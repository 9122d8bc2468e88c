"""A live camera that is reopened when it is lost: being away is a state, not an end."""

import logging
import random
import threading
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

from edge_vsr.backoff import Backoff
from edge_vsr.camera.aside import opened_aside
from edge_vsr.camera.base import Camera
from edge_vsr.camera.frozen import FreezeDetector
from edge_vsr.camera.status import CameraState, CameraStatus, status_of
from edge_vsr.clock import Clock
from edge_vsr.errors import CameraError, CameraLost, CameraNotFound
from edge_vsr.frame import Frame

log = logging.getLogger(__name__)

_SLICE = 0.2
"""Seconds between two looks at whether `close` was called."""


class SupervisedCamera:
    """One long stream of frames from a camera that comes and goes. Numbers go on and time never goes back.

    Note on locking: `_lock` guards `_camera`, `_state` and `_closed`, which `close` may touch from another thread.
    """

    def __init__(
        self,
        factory: Callable[[], Camera],
        clock: Clock,
        stop: threading.Event,
        *,
        backoff: Backoff | None = None,
        rng: random.Random | None = None,
        patient: bool = False,
        on_wait: Callable[[str], None] = lambda _reason: None,
    ) -> None:
        """Open the camera for the first time; raises what `factory` raises. `stop` ends every wait for it.

        `patient` waits for a camera that is away from the beginning, too. `on_wait` is called several times a second
        while the camera is away, with the reason.
        """
        self._factory = factory
        self._clock = clock
        self._stop = stop
        self._backoff = backoff or Backoff()
        self._rng = rng or random.Random()
        self._lock = threading.Lock()
        self._closed = False
        self._on_wait = on_wait
        self._freeze = FreezeDetector()
        self._earlier = CameraStatus()
        self._state = CameraState.OPEN
        self._last_error: str | None = None
        self._lost_at = 0.0
        self._reopened = 0
        self._in_a_row = self._failures = 0
        self._retry_at = 0.0
        self._base = 0
        self._next = 0
        self._time = 0.0
        camera = self._first(patient)
        self._camera: Camera | None = camera
        self._name = camera.name
        self._live = camera.live
        self._rate = camera.rate

    @property
    def name(self) -> str:
        return self._name

    @property
    def live(self) -> bool:
        return self._live

    @property
    def rate(self) -> Fraction | None:
        return self._rate

    @property
    def status(self) -> CameraStatus:
        camera = self._camera
        now = status_of(camera) if camera else CameraStatus()
        away = self._state is CameraState.AWAY
        return replace(
            now.plus(self._earlier),
            state=self._state,
            last_error=self._last_error,
            reopened=self._reopened,
            failures=self._failures,
            retry_in=max(0.0, self._retry_at - self._clock.monotonic()) if away else 0.0,
        )

    def read(self) -> Frame | None:
        """The next frame, however long the camera is away; None once stopped or closed, or when a file ends."""
        while not self._closed:
            camera = self._camera or self._reopen()
            if camera is None:
                break
            try:
                frame = camera.read()
            except CameraError as error:
                if not self._live:
                    raise
                self._lose(error)
                continue
            if frame is None:
                break
            frame = self._renumbered(frame)
            if self._live:
                self._watch(frame)
            return frame
        return None

    def close(self) -> None:
        with self._lock:
            self._closed = True
            self._state = CameraState.CLOSED
            camera = self._camera
        if camera:
            camera.close()

    def _renumbered(self, frame: Frame) -> Frame:
        if self._state is CameraState.AWAY:
            self._returned()
        number = self._base + frame.number
        self._next = number + 1
        self._time = max(self._time, frame.time)
        return replace(frame, number=number, time=self._time)

    def _watch(self, frame: Frame) -> None:
        """A camera that shows one picture is lost without saying so."""
        self._freeze.see(frame)
        if not self._freeze.frozen:
            if self._state is CameraState.FROZEN:
                self._set(CameraState.OPEN)
                log.info("%s shows another picture", self._name)
            return
        error = f"{self._name} has shown the same picture for {self._freeze.seconds:.0f} s"
        if self._state is CameraState.OPEN:
            self._last_error = error
            self._set(CameraState.FROZEN)
            log.warning("%s", error)
        if self._freeze.worth_reopening():
            self._lose(CameraLost(error))

    def _lose(self, error: CameraError) -> None:
        with self._lock:
            camera, self._camera = self._camera, None
        if camera:
            camera.close()
            self._earlier = status_of(camera).plus(self._earlier)
        if self._closed:
            return
        self._failed(error)
        self._base = self._next

    def _failed(self, error: CameraError) -> None:
        self._in_a_row += 1
        self._failures += 1
        self._last_error = str(error)
        if self._state is not CameraState.AWAY:
            self._set(CameraState.AWAY)
            self._lost_at = self._clock.monotonic()
            log.warning("the camera is away, trying to open it: %s", error)

    def _returned(self) -> None:
        # Only a frame proves that it is back; some open and deliver nothing.
        self._set(CameraState.OPEN)
        self._reopened += 1
        self._in_a_row = 0
        log.info("%s is back after %.1f s", self._name, self._clock.monotonic() - self._lost_at)

    def _set(self, state: CameraState) -> None:
        with self._lock:
            if not self._closed:
                self._state = state

    def _first(self, patient: bool) -> Camera:
        while True:
            try:
                camera = self._open()
            except CameraError as error:
                if not patient:
                    raise
                self._failed(error)
                if not self._pause():
                    raise
                continue
            if camera is None:
                raise CameraNotFound("the end came before the camera was open")
            return camera

    def _reopen(self) -> Camera | None:
        while self._pause():
            try:
                camera = self._open()
            except CameraError as error:
                self._failed(error)
                continue
            if camera is None:
                return None
            if self._live and not camera.live:
                # A page or a picture in place of the stream, while the camera starts: its end would be the run's.
                camera.close()
                self._failed(CameraNotFound(f"{self._name}: what it serves now ends, it is no live stream"))
                continue
            with self._lock:
                if not self._closed:
                    self._camera = camera
                    self._rate = camera.rate
                    return camera
            camera.close()
        return None

    def _open(self) -> Camera | None:
        """None once it is time to end."""
        return opened_aside(self._factory, lambda: not (self._closed or self._stop.is_set()))

    def _pause(self) -> bool:
        """Before the next try, the longer the more have failed in a row; false if it is time to end."""
        self._retry_at = self._clock.monotonic() + self._backoff.pause(self._in_a_row, self._rng)
        while not self._closed:
            self._on_wait(self._last_error or "")
            left = self._retry_at - self._clock.monotonic()
            if left <= 0:
                return not self._stop.is_set()
            if self._clock.wait(self._stop, min(left, _SLICE)):
                return False
        return False
