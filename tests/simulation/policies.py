"""Our policy and two to compare it with."""

from dataclasses import dataclass, field

from edge_vsr.policy.ladder import Conditions, Decision, Limits, first_decision, next_decision
from edge_vsr.policy.ranges import ranges_for
from edge_vsr.rung import SEGMENT_SECONDS, Rung
from tests.simulation.simulate import Policy, Seen

RATE = 15
SAMPLES = {Rung.LOW: 320 * 180 * RATE, Rung.NATIVE: 640 * 360 * RATE, Rung.ENHANCED: 1280 * 720 * RATE}
RANGES = ranges_for(SAMPLES, container_kbits=RATE * 120 * 8 / 1000)
"""Of a 640x360 camera at 15 frames a second."""


@dataclass
class Ladder:
    """Ours."""

    limits: Limits = field(default_factory=Limits)
    guess: float | None = None
    """kbit/s that the run before left."""
    decisions: list[Decision] = field(default_factory=list)

    def choose(self, seen: Seen) -> tuple[Rung, float]:
        conditions = Conditions(
            seen.time,
            seen.waiting,
            seen.link,
            seen.spent_kbits,
            frame_seconds=1 / RATE,
            upscale_seconds=0.02,
            lost_share=0.0,
            guess=self.guess,
        )
        if self.decisions:
            decision = next_decision(self.limits, RANGES, self.decisions[-1], conditions)
        else:
            decision = first_decision(self.limits, RANGES, conditions)
        self.decisions.append(decision)
        return decision.rung, decision.kbits

    @property
    def changes(self) -> int:
        """Of rung."""
        return len({decision.since for decision in self.decisions}) - 1


@dataclass
class Fixed:
    """One rung, one bit rate: what most cameras do."""

    kbits: float = 600.0

    def choose(self, _seen: Seen) -> tuple[Rung, float]:
        return Rung.NATIVE, self.kbits


@dataclass
class QueueSteps:
    """Down to the link's throughput when more than two segments are queued, up a step on a timer when none is: what
    OBS Studio's dynamic bit rate does."""

    most: float = 1000.0
    kbits: float = 1000.0
    since: float = 0.0

    def choose(self, seen: Seen) -> tuple[Rung, float]:
        if seen.waiting > SEGMENT_SECONDS and seen.time - self.since >= 4.0:
            measured = seen.link.kbits if seen.link else self.kbits / 2
            self.kbits, self.since = max(16.0, min(measured, self.kbits * 0.9)), seen.time
        elif seen.waiting == 0 and seen.time - self.since >= 10.0:
            self.kbits, self.since = min(self.most, self.kbits + 0.1 * self.most), seen.time
        return Rung.NATIVE, self.kbits


OURS = "edge-vsr"


def compared() -> dict[str, Policy]:
    """Ours and the others, fresh, by name."""
    return {OURS: Ladder(), "fixed 600 kbit/s": Fixed(), "queue-based steps": QueueSteps()}
