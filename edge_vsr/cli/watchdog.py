"""What the service manager is told: ready after the first frame, alive while every stage gets on, and how it goes."""

import threading

from edge_vsr.cli.status_line import in_words
from edge_vsr.clock import Clock
from edge_vsr.notify import Notifier
from edge_vsr.part import CAMERA
from edge_vsr.pipeline import RunStatus

EVERY = 1.0
"""Seconds between two messages; the unit's WatchdogSec is far more."""
START_MORE = 60
"""Seconds more that starting may take, from each sign that a camera is being waited for."""


class Watchdog:
    """Speaks for the run. A stage that hangs makes it silent, and the manager then starts the service anew."""

    def __init__(self, notifier: Notifier, clock: Clock, stop: threading.Event) -> None:
        """`stop` ends the service. It is none after which another run begins: a manager that is told of a stop waits
        for the process to end, and kills it."""
        self._notifier = notifier
        self._clock = clock
        self._stop = stop
        self._told_at: float | None = None
        self._ready = self._stopping = False

    def wait(self, reason: str) -> None:
        """The camera is away, for `reason`; before the first frame that must not count as a failure to start."""
        if not self._ready and self._due():
            self._notifier.send(
                f"EXTEND_TIMEOUT_USEC={START_MORE * 1_000_000}", f"STATUS=waiting for the camera: {reason}"
            )

    def show(self, status: RunStatus) -> None:
        """Tell how the run is doing."""
        if self._stop.is_set() and not self._stopping:
            self._stopping = True
            self._notifier.send("STOPPING=1", "STATUS=storing what was captured")
        if not self._ready and status.encoded:
            self._ready = True
            self._notifier.send("READY=1")
            self._told_at = None
        if self._due():
            alive = () if status.hanging else ("WATCHDOG=1",)
            self._notifier.send(*alive, f"STATUS={_in_words(status)}")

    def _due(self) -> bool:
        now = self._clock.monotonic()
        due = self._told_at is None or now - self._told_at >= EVERY
        if due:
            self._told_at = now
        return due


def _in_words(status: RunStatus) -> str:
    if status.hanging:
        return f"hangs: {', '.join(status.hanging)}"
    why = status.error_of(CAMERA)
    return in_words(status) + (f" ({why})" if why else "")
