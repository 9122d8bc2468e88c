"""Signs of life: what tells a stage that hangs from one that waits for work."""

from collections.abc import Iterator
from contextlib import contextmanager

from edge_vsr.clock import Clock

PATIENCE = 30.0
"""Seconds that one piece of work may take: far beyond a frame on the slowest box, and short beside a visit to it."""


class Heartbeat:
    """Of one stage: a piece of work that takes too long hangs; the wait for the next may take any time.

    Used by the stage's thread, or by several that are alive if one of them is; read by any.
    """

    def __init__(self, clock: Clock, patience: float = PATIENCE) -> None:
        """`patience` is in seconds."""
        self._clock = clock
        self._patience = patience
        self._since: float | None = None

    def beat(self) -> None:
        """A piece of work begins, or gets on."""
        self._since = self._clock.monotonic()

    def rest(self) -> None:
        """Nothing is being done until the next beat."""
        self._since = None

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Around one piece of work."""
        self.beat()
        try:
            yield
        finally:
            self.rest()

    @contextmanager
    def at_rest(self) -> Iterator[None]:
        """Around a wait for others within a piece of work."""
        self.rest()
        yield
        self.beat()

    @property
    def silence(self) -> float:
        """Seconds since the last beat; 0 at rest."""
        since = self._since
        return 0.0 if since is None else self._clock.monotonic() - since

    @property
    def hangs(self) -> bool:
        return self.silence > self._patience


class Heartbeats:
    """Those of all stages of a run."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._all: dict[str, Heartbeat] = {}

    def of(self, stage: str, patience: float = PATIENCE) -> Heartbeat:
        """The heartbeat of `stage`; who asks first sets its `patience`, in seconds."""
        if stage not in self._all:
            self._all[stage] = Heartbeat(self._clock, patience)
        return self._all[stage]

    @property
    def hanging(self) -> tuple[str, ...]:
        """The stages that hang."""
        return tuple(stage for stage, heartbeat in tuple(self._all.items()) if heartbeat.hangs)
