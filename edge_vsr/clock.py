"""Time behind an interface, so that tests own it."""

import threading
import time
from typing import Protocol


class Clock(Protocol):
    """The clocks of a box that may boot without knowing the date."""

    def monotonic(self) -> float:
        """Seconds that never jump; for durations and time-outs."""

    def uptime(self) -> float:
        """Seconds since the machine started; as steady as `monotonic`, and goes on while the machine sleeps."""

    def wall(self) -> float:
        """Seconds since 1970-01-01 UTC; may jump when the date becomes known."""

    def wait(self, stop: threading.Event, seconds: float) -> bool:
        """Wait until `stop` is set, at most `seconds`; true if it is set."""


class SystemClock:
    """The clocks of this machine."""

    def monotonic(self) -> float:
        return time.monotonic()

    def uptime(self) -> float:
        return time.clock_gettime(time.CLOCK_BOOTTIME)

    def wall(self) -> float:
        return time.time()

    def wait(self, stop: threading.Event, seconds: float) -> bool:
        return stop.wait(max(0.0, seconds))


class FakeClock:
    """A clock that moves only when waited on or told to; every wait takes no real time."""

    def __init__(self, monotonic: float = 1000.0, wall: float = 1_700_000_000.0) -> None:
        self._monotonic = monotonic
        self._wall = wall
        self.waits: list[float] = []

    def monotonic(self) -> float:
        return self._monotonic

    def uptime(self) -> float:
        return self._monotonic

    def wall(self) -> float:
        return self._wall

    def wait(self, stop: threading.Event, seconds: float) -> bool:
        if stop.is_set():
            return True
        self.waits.append(seconds)
        self.advance(max(0.0, seconds))
        return stop.is_set()

    def advance(self, seconds: float) -> None:
        self._monotonic += seconds
        self._wall += seconds

    def set_wall(self, wall: float) -> None:
        """Jump the date, as NTP does after boot; the monotonic clock stays."""
        self._wall = wall
