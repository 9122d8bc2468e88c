"""A live camera read by a thread of its own, so that a driver that hangs cannot take the reader with it."""

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

from edge_vsr.camera.base import Camera
from edge_vsr.camera.status import CameraState, CameraStatus, status_of
from edge_vsr.errors import CameraLost, CameraNotFound
from edge_vsr.frame import Frame

_DEPTH = 4
"""Frames kept for a late reader; when more come, the oldest are dropped."""
_RELEASE = 1.0
"""Seconds that `close` gives the camera to let go of its device."""


class IsolatedCamera:
    """Opens, reads and closes a live camera in its own thread.

    Note on locking: `_changed` guards everything that both threads touch. The inner camera is touched by its
    own thread only. A thread that hangs is left behind: it is a daemon and ends when its driver wakes up.
    """

    def __init__(self, name: str, factory: Callable[[], Camera], *, silence: float) -> None:
        """Open it. `silence` is how many seconds opening, or the wait for one frame, may take.

        Raises what `factory` raises, CameraNotFound if it does not return in time.
        """
        self._name = name
        self._factory = factory
        self._silence = silence
        self._changed = threading.Condition()
        self._frames: deque[Frame] = deque()
        self._camera: Camera | None = None
        self._error: Exception | None = None
        self._done = False
        self._closed = False
        self._late = 0
        self._thread = threading.Thread(target=self._run, name=f"camera {name}", daemon=True)
        self._thread.start()
        with self._changed:
            if not self._changed.wait_for(lambda: self._camera or self._done, silence):
                self._closed = True
                raise CameraNotFound(f"{name} does not open within {silence:g} s; check it, or unplug and replug it")
            if self._camera is None:
                raise self._handed_over() or CameraNotFound(f"{name} does not open")

    @property
    def name(self) -> str:
        return self._name

    @property
    def live(self) -> bool:
        return True

    @property
    def rate(self) -> Fraction | None:
        return self._camera.rate if self._camera else None

    @property
    def status(self) -> CameraStatus:
        inner = status_of(self._camera) if self._camera else CameraStatus()
        return replace(inner, late=self._late, state=CameraState.CLOSED if self._closed else inner.state)

    def read(self) -> Frame | None:
        """The oldest frame not read yet; None after `close`.

        Raises CameraLost if the camera fails, ends or is silent for too long.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._frames or self._done or self._closed, self._silence)
            if self._closed:
                return None
            if self._frames:
                return self._frames.popleft()
            if self._done:
                raise self._handed_over() or CameraLost(f"{self._name}: the stream ended")
            raise CameraLost(f"{self._name}: no frame for {self._silence:g} s")

    def close(self) -> None:
        with self._changed:
            if self._closed:
                return
            self._closed = True
            self._frames.clear()
            self._changed.notify_all()
            camera = self._camera
        if camera:
            camera.close()
        if self._thread is not threading.current_thread():
            self._thread.join(_RELEASE)

    def _handed_over(self) -> Exception | None:
        """What the thread failed with, once: an error that is kept keeps the frames that it passes, and the camera."""
        error, self._error = self._error, None
        return error

    def _run(self) -> None:
        error: Exception | None = None
        try:
            camera = self._factory()
            try:
                self._pump(camera)
            finally:
                camera.close()
        except Exception as caught:  # noqa: BLE001  handed to the reading thread, which raises it
            error = caught.with_traceback(None)
        with self._changed:
            self._error = error
            self._done = True
            self._changed.notify_all()

    def _pump(self, camera: Camera) -> None:
        with self._changed:
            self._camera = camera
            self._changed.notify_all()
        while not self._closed and (frame := camera.read()) is not None:
            with self._changed:
                self._frames.append(frame)
                if len(self._frames) > _DEPTH:
                    self._frames.popleft()
                    self._late += 1
                self._changed.notify_all()
