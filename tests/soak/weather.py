"""What goes wrong, and when: a seed makes the same of it each time."""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum


class Fault(Enum):
    CAMERA_AWAY = "camera away"
    DISK_FULL = "disk full"
    DISK_FAILING = "disk failing"
    LINK_DOWN = "link down"
    LINK_CUTS = "link cuts uploads"
    FAR_END_BUSY = "far end busy"
    DATE_WRONG = "date wrong"


@dataclass(frozen=True, slots=True)
class Habit:
    """Mean seconds between two faults of a kind, and of each."""

    calm: float
    lasting: float


HABITS: Mapping[Fault, Habit] = {
    Fault.CAMERA_AWAY: Habit(90.0, 15.0),
    Fault.DISK_FULL: Habit(180.0, 10.0),
    Fault.DISK_FAILING: Habit(180.0, 10.0),
    Fault.LINK_DOWN: Habit(150.0, 45.0),
    Fault.LINK_CUTS: Habit(150.0, 20.0),
    Fault.FAR_END_BUSY: Habit(150.0, 20.0),
    Fault.DATE_WRONG: Habit(300.0, 60.0),
}


class Weather:
    """Faults that come and go. Asked with a time that does not go back, by any thread."""

    def __init__(self, seed: int, seconds: float) -> None:
        """All is well from `seconds` on, so that what waits can be delivered."""
        self._spells = {fault: list(_spells(random.Random(f"{seed} {fault.name}"), seconds, fault)) for fault in Fault}

    def is_on(self, fault: Fault, now: float) -> bool:
        return any(begin <= now < end for begin, end in self._spells[fault])

    def counts(self, until: float) -> dict[str, int]:
        """How often each fault has begun."""
        return {fault.value: sum(begin <= until for begin, _ in spells) for fault, spells in self._spells.items()}


def _spells(rng: random.Random, seconds: float, fault: Fault) -> "list[tuple[float, float]]":
    habit, spells, at = HABITS[fault], [], 0.0
    while (at := at + rng.expovariate(1 / habit.calm)) < seconds:
        end = at + rng.expovariate(1 / habit.lasting)
        spells.append((at, min(end, seconds)))
        at = end
    return spells
