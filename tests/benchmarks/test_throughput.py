"""Frames a second of the bare upscaler and of a whole run: `python -m pytest tests/benchmarks -s`.

Prints and asserts nothing about speed: what a machine can do is the machine's.
"""

import statistics
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import pytest

from edge_vsr.camera.pattern import PatternCamera
from edge_vsr.clock import FakeClock, SystemClock
from edge_vsr.config import RunConfig, SuperResolution
from edge_vsr.frame import Size
from edge_vsr.pipeline import Run, RunStatus
from edge_vsr.sr.upscaler import Upscaler, open_upscaler, upscale
from edge_vsr.stages.deliver import open_delivery
from edge_vsr.stages.source import Source
from edge_vsr.uplink.folder import FolderUplink
from edge_vsr.uplink.spool import Spool

MODEL = "ear-s-x2"
ROUNDS = 5
ROUND_SECONDS = 2.0
RUN_SECONDS = 12.0
WARM_UP_SECONDS = 3.0
"""Of a run, before counting."""


@dataclass(frozen=True)
class Case:
    name: str
    size: Size
    rate: Fraction


CASES = [
    Case("camera slower", Size(320, 180), Fraction(15)),
    Case("upscaler slower", Size(640, 360), Fraction(120)),
]


@dataclass(frozen=True)
class Figure:
    """Frames a second over several rounds."""

    median: float
    least: float
    most: float

    @classmethod
    def of(cls, rounds: list[float]) -> "Figure":
        return cls(statistics.median(rounds), min(rounds), max(rounds))

    def __str__(self) -> str:
        return f"{self.median:7.2f} ({self.least:.2f}..{self.most:.2f})"


def bare(case: Case, upscaler: Upscaler) -> Figure:
    """The upscaler alone, chroma included, on frames drawn beforehand."""
    camera = PatternCamera(FakeClock(), size=case.size, rate=case.rate)
    frames = [frame for _ in range(30) if (frame := camera.read())]
    upscale(frames[0], upscaler)
    rounds = []
    for _ in range(ROUNDS):
        count, began = 0, time.monotonic()
        while (took := time.monotonic() - began) < ROUND_SECONDS:
            upscale(frames[count % len(frames)], upscaler)
            count += 1
        rounds.append(count / took)
    return Figure.of(rounds)


def whole(case: Case, upscaler: Upscaler, folder: Path) -> Figure:
    """Camera, upscaler, encoder, spool and a folder as far end, all at once."""
    clock = SystemClock()
    config = RunConfig("demo", str(folder / "out"), sr=SuperResolution.ON, seconds=RUN_SECONDS)
    source = Source.checked(config, PatternCamera(clock, size=case.size, rate=case.rate), upscaler)
    counts: list[tuple[float, int]] = []
    with Spool(folder / "spool") as spool:
        delivery = open_delivery(FolderUplink(folder / "out"), spool, clock)
        run = Run(source, spool, delivery, clock, seconds=config.seconds)

        def note(status: RunStatus) -> None:
            counts.append((clock.monotonic(), status.encoded))

        summary = run.execute(threading.Event(), note, interval=0.25)
    assert summary.segments == summary.delivered, "a run that does not deliver is no measure"
    return Figure.of(list(_rates(counts)))


def _rates(counts: list[tuple[float, int]]) -> Iterator[float]:
    """Over windows of ROUND_SECONDS, warm-up and end left out."""
    first = next(at for at, encoded in counts if encoded)
    inside = [one for one in counts if first + WARM_UP_SECONDS <= one[0] <= first + RUN_SECONDS - 0.5]
    before = inside[0]
    for now in inside:
        if now[0] - before[0] >= ROUND_SECONDS:
            yield (now[1] - before[1]) / (now[0] - before[0])
            before = now


@pytest.fixture(scope="module")
def upscaler() -> Upscaler:
    return open_upscaler(MODEL)


def test_throughput(upscaler: Upscaler, tmp_path: Path) -> None:
    head = f"{'case':16} {'size':>8} {'camera':>7} {'bare upscaler':>24} {'whole run':>24} {'run / slower':>12}"
    print(f"\n{MODEL}, frames/s, median (least..most)\n{head}")  # noqa: T201  the table is what it is for
    for case in CASES:
        alone = bare(case, upscaler)
        together = whole(case, upscaler, tmp_path / case.name.replace(" ", "-"))
        ratio = together.median / min(float(case.rate), alone.median)
        row = f"{case.name:16} {case.size!s:>8} {float(case.rate):7.2f} {alone!s:>24} {together!s:>24} {ratio:12.0%}"
        print(row)  # noqa: T201
