"""Time that runs faster than the machine's."""

import threading
import time


class HurriedClock:
    """A `Clock` on which an hour takes a fraction of one. Two processes with the same `began` agree on the time."""

    def __init__(self, speed: float, began: float) -> None:
        """`began` is time.monotonic() at 0."""
        self._speed = speed
        self._began = began
        self.date_is_wrong = False

    def monotonic(self) -> float:
        return (time.monotonic() - self._began) * self._speed

    def uptime(self) -> float:
        return self.monotonic()

    def wall(self) -> float:
        # The box believes that it is two days earlier, until it is told.
        return 1.8e9 + self.monotonic() - (172_800.0 if self.date_is_wrong else 0.0)

    def wait(self, stop: threading.Event, seconds: float) -> bool:
        return stop.wait(max(0.0, seconds / self._speed))
