"""The soak itself: a sender that is killed and started again, and what became of each segment."""

import contextlib
import json
import random
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from edge_vsr.clock import SystemClock
from edge_vsr.uplink.http import HttpUplink
from edge_vsr.uplink.sender import SegmentSender
from edge_vsr.uplink.spool import Spool
from tests.soak.far_end import FarEnd, serving
from tests.soak.hurried import HurriedClock
from tests.soak.weather import Weather

KILLS_EVERY = 180.0
"""Mean seconds that a sender lives; kills end after a third of the time, so that one process has the rest."""
_TREE = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Sample:
    """What one process held at a moment."""

    at: float
    """Seconds of the soak."""
    resident: int
    """Bytes."""
    threads: int
    descriptors: int


@dataclass
class Told:
    """What the senders said."""

    stored: dict[str, str] = field(default_factory=dict)
    """Digests by name."""
    given_up: set[str] = field(default_factory=set)
    samples: list[Sample] = field(default_factory=list)
    """Of the last process."""
    reopened: int = 0
    """How often the last process had its camera back."""
    summary: Mapping[str, int] | None = None
    """Of the last process."""
    starts: int = 0

    def hear(self, line: str) -> None:
        said: dict[str, Any] = json.loads(line)
        if "stored" in said:
            self.stored[said["stored"]] = said["digest"]
        elif "given_up" in said:
            self.given_up |= set(said["given_up"])
        elif "at" in said:
            self.reopened = said["reopened"]
            self.samples.append(Sample(said["at"], said["resident"], said["threads"], said["descriptors"]))
        else:
            self.summary = said


@dataclass(frozen=True, slots=True)
class Growth:
    """A figure of the process that lived longest: medians over the second and the last third of its life."""

    before: float
    after: float
    most: float


@dataclass(frozen=True, slots=True)
class Report:
    seed: int
    seconds: float
    """Of the soak's own time."""
    real_seconds: float
    kills: int
    faults: Mapping[str, int]
    """How often each began."""
    reopened: int
    stored: int
    arrived: int
    given_up: int
    lost: list[str]
    """Stored, and neither at the far end nor given up for room."""
    damaged: list[str]
    """At the far end with other bytes."""
    unlisted: list[str]
    """At the far end, and in no playlist, though nothing says that they were given up."""
    stray: list[str]
    """At the far end, and given up while they were on their way: no player sees them."""
    out_of_order: int
    """Places where the playlist's names went back."""
    left: int
    """Still in the spool."""
    lifetime: float
    """Seconds that the last process lived."""
    growth: Mapping[str, Growth]

    @property
    def accounted_for(self) -> bool:
        return not (self.lost or self.damaged or self.unlisted or self.out_of_order or self.left) and self.arrived > 0


def soak(folder: Path, *, seed: int, seconds: float, speed: float, kills_every: float = KILLS_EVERY) -> Report:
    """Run for `seconds`, `speed` times as fast as the machine's clock, and see what became of everything."""
    rng, weather = random.Random(seed), Weather(seed, seconds)
    began, told, far_end = time.monotonic(), Told(), FarEnd()
    clock = HurriedClock(speed, began)
    with serving(far_end, lambda fault: weather.is_on(fault, clock.monotonic())) as port:
        words = [folder / "spool", port, seed, speed, began, seconds]
        kills = 0
        while True:
            told.samples.clear()
            told.starts += 1
            doomed = clock.monotonic() < seconds / 3
            if not _lives(words, told, rng.expovariate(1 / kills_every) / speed if doomed else None):
                break
            kills += 1
        left = _drained(folder / "spool", port)
    arrived = far_end.segments
    # What a kill kept from being said may have arrived all the same, or be a gap in the playlist.
    known_gone = told.given_up | far_end.gaps
    return Report(
        seed=seed,
        seconds=seconds,
        real_seconds=time.monotonic() - began,
        kills=kills,
        faults=weather.counts(clock.monotonic()),
        reopened=told.reopened,
        stored=len(told.stored),
        arrived=len(arrived),
        given_up=len((known_gone & told.stored.keys()) - arrived.keys()),
        lost=sorted(told.stored.keys() - arrived.keys() - known_gone),
        damaged=sorted(name for name, digest in arrived.items() if told.stored.get(name, digest) != digest),
        unlisted=sorted(arrived.keys() - set(far_end.listed) - known_gone),
        stray=sorted((arrived.keys() & known_gone) - set(far_end.listed)),
        out_of_order=sum(one > next_one for one, next_one in zip(far_end.listed, far_end.listed[1:], strict=False))
        + sum(count > 1 for count in Counter(far_end.listed).values()),
        left=left,
        lifetime=told.samples[-1].at - told.samples[0].at if told.samples else 0.0,
        growth=_growth(told.samples),
    )


def _lives(words: list[object], told: Told, seconds: float | None) -> bool:
    """Run a sender, for so many seconds from its first word on where that is not None; whether it was killed.

    Raises RuntimeError where it fails.
    """
    command = [sys.executable, "-m", "tests.soak.sender", *map(str, words)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=_TREE) as sender:
        killer = threading.Timer(seconds or 0.0, sender.kill)
        assert sender.stdout is not None
        for index, line in enumerate(sender.stdout):
            if index == 0 and seconds is not None:
                killer.start()
            # A kill may cut the last one.
            with contextlib.suppress(json.JSONDecodeError):
                told.hear(line)
        killer.cancel()
    if sender.returncode not in (0, -9):
        raise RuntimeError(f"a sender ended with {sender.returncode}")
    return sender.returncode != 0


def _drained(folder: Path, port: int) -> int:
    """Deliver what the last sender had no time for; how many segments are left then."""
    with Spool(folder) as spool, contextlib.closing(HttpUplink(f"http://127.0.0.1:{port}/")) as uplink:
        sender = SegmentSender(spool, uplink, clock=SystemClock(), stop=threading.Event())
        return sender.drain(120.0)


def _growth(samples: list[Sample]) -> dict[str, Growth]:
    third = len(samples) // 3
    if not third:
        return {}
    return {
        name: Growth(
            median(getattr(one, name) for one in samples[third : 2 * third]),
            median(getattr(one, name) for one in samples[2 * third :]),
            max(getattr(one, name) for one in samples),
        )
        for name in ("resident", "threads", "descriptors")
    }
