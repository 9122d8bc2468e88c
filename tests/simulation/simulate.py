"""What becomes of each segment on a link, whatever the policy."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from edge_vsr.policy.link import Link, LinkEstimate
from edge_vsr.rung import Rung
from tests.simulation.traces import Trace

TICK = 0.05
"""Seconds; the link's share is handed out so often."""
PLAYLIST_BYTES = 3000
PATIENCE = 900.0
"""Seconds that what waits at the end of a trace has to arrive."""
Scene = Callable[[float], float]
"""Bits that the scene needs at full quality on the native rung, in kbit/s, at a time."""
NEEDS = {Rung.STILL: 0.05, Rung.LOW: 0.35, Rung.NATIVE: 1.0, Rung.ENHANCED: 2.2}
"""Of the scene's bits, by rung."""


@dataclass(frozen=True)
class Seen:
    """What a sender knows when a segment starts."""

    time: float
    waiting: float
    """Seconds of video that the far end should have by now."""
    link: Link | None
    spent_kbits: float | None


class Policy(Protocol):
    """Decides on each segment."""

    def choose(self, seen: Seen) -> tuple[Rung, float]:
        """The rung, and what a segment may take, in kbit/s."""


@dataclass
class Sent:
    """One segment."""

    time: float
    """When it started."""
    rung: Rung
    kbits: float
    """What it was allowed."""
    spent: float
    """What it took, in kbit/s."""
    waiting: float
    """Seconds of video that waited when it started."""
    arrived: float | None = None
    """When the far end had it."""

    @property
    def ready(self) -> float:
        """When it can be sent: a still at once, a moving picture when it is over."""
        return self.time if self.rung is Rung.STILL else self.time + self.rung.seconds

    @property
    def delay(self) -> float:
        """Seconds between the end of what it shows and its arrival."""
        return float("inf") if self.arrived is None else self.arrived - self.ready


@dataclass
class _Transfer:
    segment: Sent | None
    """None for the playlist."""
    size: int
    setup: float
    """Seconds until bytes flow."""
    began: float
    left: float = field(init=False)
    """Bits."""

    def __post_init__(self) -> None:
        self.left = self.size * 8.0


@dataclass
class _Uplink:
    """Lanes that share the link; each puts a segment, then the playlist."""

    trace: Trace
    parallel: int
    queue: deque[Sent] = field(default_factory=deque)
    active: list[_Transfer] = field(default_factory=list)
    estimate: LinkEstimate = field(default_factory=LinkEstimate)

    @property
    def waiting(self) -> float:
        on_their_way = [one.segment for one in self.active if one.segment is not None]
        return sum(segment.rung.seconds for segment in (*self.queue, *on_their_way))

    def tick(self, now: float) -> None:
        while self.queue and len(self.active) < self.parallel:
            segment = self.queue.popleft()
            size = round(segment.spent * 1000 * segment.rung.seconds / 8)
            self.active.append(_Transfer(segment, size, self.trace.round_trip, now))
        flowing = [one for one in self.active if one.setup <= 0]
        for one in self.active:
            one.setup -= TICK
        for one in flowing:
            one.left -= self.trace.kbits(now) * 1000 * TICK / len(flowing)
        for one in [one for one in flowing if one.left <= 0]:
            self._finish(one, now + TICK)

    def _finish(self, one: _Transfer, now: float) -> None:
        self.active.remove(one)
        self.estimate = self.estimate.after(one.size, one.began, now - one.began, playlist=one.segment is None)
        if one.segment is not None:
            one.segment.arrived = now
            self.active.append(_Transfer(None, PLAYLIST_BYTES, self.trace.round_trip, now))


def simulate(trace: Trace, policy: Policy, scene: Scene, parallel: int = 2) -> list[Sent]:
    """Every segment of `trace`; what then waits has some time at the link's last rate."""
    uplink, sent = _Uplink(trace, parallel), list[Sent]()
    made: deque[Sent] = deque()
    spent: float | None = None
    next_start = 0.0
    for i in range(round((trace.seconds + PATIENCE) / TICK)):
        now = i * TICK
        choosing = next_start <= now < trace.seconds
        # What is ready only now is not late.
        waiting = uplink.waiting if choosing else 0.0
        while made and made[0].ready <= now:
            uplink.queue.append(made.popleft())
        if choosing:
            link = uplink.estimate.link(parallel)
            rung, kbits = policy.choose(Seen(now, waiting, link, spent))
            spent = min(kbits, scene(now) * NEEDS[rung])
            sent.append(Sent(now, rung, kbits, spent, waiting))
            made.append(sent[-1])
            next_start += rung.seconds
        elif now >= trace.seconds and not (uplink.waiting or made):
            break
        uplink.tick(now)
    return sent
