"""Links as they are: how many kbit/s they carry, second by second, and how long a request takes there and back."""

import bisect
import csv
import itertools
import math
import random
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

STEP = 2.0
"""Seconds that a sample of a recorded-style trace lasts."""


@dataclass(frozen=True)
class Trace:
    """A link over some time."""

    name: str
    points: tuple[tuple[float, float], ...]
    """From so many seconds on, so many kbit/s; the first at 0 s."""
    seconds: float
    round_trip: float = 0.06
    """Seconds."""
    steady: bool = False
    """Its rate never changes by much for as long as a minute."""

    def kbits(self, time: float) -> float:
        """What the link carries at `time`."""
        return self.points[max(0, bisect.bisect_right(self.points, (time, math.inf)) - 1)][1]


def read_trace(path: Path) -> Trace:
    """A recorded link: a CSV file of seconds since the start and kbit/s from then on, with or without a heading. The
    last line holds as long as the one before did.

    Raises ValueError that names the line.
    """
    points: list[tuple[float, float]] = []
    with path.open(newline="") as file:
        for number, cells in enumerate(csv.reader(file), 1):
            try:
                since, kbits = map(float, cells)
            except ValueError:
                if number == 1:
                    continue
                raise ValueError(f"{path}:{number}: not seconds,kbit/s but {','.join(cells)!r}") from None
            if not (math.isfinite(since) and 0.0 <= kbits < math.inf and (not points or since > points[-1][0])):
                raise ValueError(f"{path}:{number}: seconds must go up, and kbit/s be 0 or more")
            points.append((since, kbits))
    if len(points) < 2:
        raise ValueError(f"{path} has fewer than two lines of seconds,kbit/s")
    start = points[0][0]
    shifted = tuple((since - start, kbits) for since, kbits in points)
    return Trace(path.stem, shifted, 2 * shifted[-1][0] - shifted[-2][0])


def _steady(kbits: float, round_trip: float = 0.06) -> Trace:
    slow = "" if round_trip < 0.1 else f", {round_trip * 1000:.0f} ms"
    return Trace(f"steady {kbits:.0f}{slow}", ((0.0, kbits),), 300.0, round_trip, steady=True)


def _samples(name: str, samples: Iterable[float], round_trip: float = 0.06, *, steady: bool = False) -> Trace:
    points = tuple((i * STEP, max(0.0, kbits)) for i, kbits in enumerate(samples))
    return Trace(name, points, len(points) * STEP, round_trip, steady)


def _wandering(name: str, mean: float, spread: float, memory: float, seed: int, round_trip: float = 0.08) -> Trace:
    """Rates that follow one another: the logarithm is an autoregressive process."""
    rng, level, samples = random.Random(seed), 0.0, []
    for _ in range(180):
        level = memory * level + math.sqrt(1 - memory**2) * rng.gauss(0, spread)
        samples.append(mean * math.exp(level))
    return _samples(name, samples, round_trip)


def _outages(name: str, kbits: float, up: float, down: float) -> Trace:
    times = itertools.accumulate(itertools.islice(itertools.cycle((up, down)), 13), initial=0.0)
    points = tuple((time, kbits if i % 2 == 0 else 0.0) for i, time in enumerate(times))
    return Trace(name, points[:-1], points[-1][0])


def _jittered(kbits: float, share: float, seed: int) -> Trace:
    rng = random.Random(seed)
    samples = [kbits * (1 + rng.uniform(-share, share)) for _ in range(180)]
    return _samples(f"steady {kbits:.0f} +- {share:.0%}", samples, steady=True)


TRACES = (
    _steady(16),
    _steady(80),
    _steady(200),
    _steady(500),
    _steady(1000),
    _steady(2000),
    _steady(500, 0.6),
    _steady(2000, 0.6),
    _jittered(300, 0.2, 1),
    _jittered(1200, 0.3, 2),
    Trace("down and up again", ((0.0, 500.0), (60.0, 2000.0), (150.0, 80.0), (210.0, 0.0), (270.0, 2000.0)), 400.0),
    Trace("60 s of outage", ((0.0, 800.0), (120.0, 0.0), (180.0, 800.0)), 300.0),
    _samples("sawtooth", [300 + i % 30 * 60 for i in range(180)]),
    _samples("sawtooth, steep", [200 + i % 8 * 200 for i in range(180)]),
    _samples("dying", [2000 * 0.97**i for i in range(180)]),
    _wandering("LTE, moving", 1500, 0.6, 0.9, 3),
    _wandering("LTE, at the edge of the cell", 400, 0.8, 0.8, 4),
    _wandering("LTE, busy", 900, 0.4, 0.5, 5),
    _wandering("satellite", 900, 0.25, 0.95, 6, round_trip=0.6),
    _outages("tunnels", 1200, 50.0, 12.0),
    _outages("loose plug", 600, 20.0, 4.0),
)
