"""Rates over the last seconds."""

from collections import deque

from edge_vsr.clock import Clock


class Meter:
    """Sums what is added, over a sliding window. One thread adds, any may read."""

    def __init__(self, clock: Clock, window: float = 4.0) -> None:
        """`window` in seconds."""
        self._clock = clock
        self._window = window
        self._events: deque[tuple[float, float]] = deque()
        self._start: float | None = None
        self.total = 0.0

    def add(self, amount: float = 1.0) -> None:
        now = self._clock.monotonic()
        if self._start is None:
            self._start = now
        self.total += amount
        self._events.append((now, amount))
        while self._events[0][0] < now - self._window:
            self._events.popleft()

    @property
    def rate(self) -> float:
        """Amount a second, over the window or since the first event where that is shorter."""
        if self._start is None:
            return 0.0
        now = self._clock.monotonic()
        recent = sum(amount for at, amount in tuple(self._events) if at >= now - self._window)
        return recent / max(min(self._window, now - self._start), 0.5)
