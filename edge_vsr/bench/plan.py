"""Which combinations are measured, and how long each may take. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import partial

from edge_vsr.bench.advice import kind_of
from edge_vsr.bench.jobs import BICUBIC, LANCZOS, WHOLE, Job
from edge_vsr.frame import Size
from edge_vsr.sr.choice import layout_of
from edge_vsr.sr.store import Model

START_SECONDS = 2.5
"""That a process takes to import an engine and to load a model, where nothing better is known."""
BEYOND = 1.5
"""Times a job's seconds: what it measures besides frames comes on top."""
LEAST_SECONDS = 1.0
"""Left for a job, below which it is left out."""
SHORTEST, PIPELINE_SECONDS = 0.3, 4.0
TILES = (WHOLE, "512x512", "256x256")


class Mode(Enum):
    QUICK = "quick"
    """Under a minute: every model that may be advised in every runtime, on all processors, whole frames."""
    USUAL = "usual"
    """The same on one processor and on all, long enough for percentiles."""
    FULL = "full"
    """All models, all numbers of threads, and tiles."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How long a mode takes."""

    frames: int
    """At most, a job."""
    seconds: float
    """At most, a job's frames."""
    total: float | None
    """For everything; None for as long as it takes."""
    peaks: bool = True
    """Whether the machine's peak is looked for."""


PACES = {
    Mode.QUICK: Pace(frames=60, seconds=3.0, total=50.0),
    Mode.USUAL: Pace(frames=200, seconds=15.0, total=None),
    Mode.FULL: Pace(frames=500, seconds=40.0, total=None),
}
EMULATED = Pace(frames=3, seconds=0.3, total=None, peaks=False)
"""In any mode where an emulator's speed is none: enough to see what runs."""


def pace_of(mode: Mode, *, emulated: bool) -> Pace:
    return EMULATED if emulated else PACES[mode]


def thread_counts(mode: Mode, cpus: int) -> tuple[int, ...]:
    """From few to all."""
    match mode:
        case Mode.QUICK:
            return (cpus,)
        case Mode.USUAL:
            return tuple(sorted({1, cpus}))
        case Mode.FULL:
            return tuple(sorted({2**n for n in range(cpus.bit_length()) if 2**n <= cpus} | {cpus}))


def unnamed(mode: Mode, models: Mapping[str, Model], default: str) -> Mapping[str, Model]:
    """Of `models` those that are measured where nobody names any: all, or those that may be advised instead of the
    one called `default`."""
    if mode is Mode.FULL or default not in models:
        return models
    return {name: model for name, model in models.items() if kind_of(model) == kind_of(models[default])}


def twins(measured: Mapping[str, Model], others: Mapping[str, Model]) -> dict[str, str]:
    """Of `others` those that are like one that was measured in all but their weights, and so take as long as that."""
    by_layout = {layout_of(model): name for name, model in measured.items()}
    return {
        name: by_layout[layout_of(model)]
        for name, model in others.items()
        if name not in measured and layout_of(model) in by_layout
    }


def tile_sizes(mode: Mode, model: Model, size: Size) -> tuple[str, ...]:
    """The whole frame, and what is smaller than it and can be a tile of `model`."""
    if mode is not Mode.FULL:
        return (WHOLE,)
    return tuple(tile for tile in TILES if tile == WHOLE or _fits(Size.parse(tile), model, size))


def jobs(
    mode: Mode,
    pace: Pace,
    models: Sequence[Model],
    runtimes: Sequence[str],
    threads: Sequence[int],
    size: Size,
    fps: float,
) -> tuple[Job, ...]:
    """In order: the peaks, the floor, then the networks. The pipeline follows when the best is known."""
    job = partial(Job, size=str(size), fps=fps, frames=pace.frames, seconds=pace.seconds)

    def all_jobs() -> Iterator[Job]:
        for count in threads if pace.peaks else ():
            yield from (job("peak", runtime=runtime, threads=count) for runtime in runtimes)
        yield from (job("resize", method, threads=max(threads)) for method in (BICUBIC, LANCZOS))
        for model in in_order(models):
            for count in threads:
                for tile in tile_sizes(mode, model, size):
                    yield from (job("network", model.name, runtime, count, tile) for runtime in runtimes)

    return tuple(all_jobs())


def in_order(models: Sequence[Model]) -> list[Model]:
    """From the cheapest on; last those that are like one before in all but their weights, and take as long: what there
    is no time for says the least."""
    cheapest = sorted(models, key=_cost)
    first = {_cost(one): one for one in reversed(cheapest)}
    return sorted(cheapest, key=lambda one: one is not first[_cost(one)])


def seconds_for(job: Job, left: float | None, jobs_left: int) -> float | None:
    """How long `job` may measure when `left` seconds are to do for it and all after it, `jobs_left` in all; None if it
    has to be left out."""
    if left is None:
        return job.seconds
    if left < LEAST_SECONDS:
        return None
    return min(job.seconds, max(SHORTEST, (left / jobs_left - START_SECONDS) / BEYOND))


def _cost(model: Model) -> tuple[int, int]:
    return model.scale, model.parameters


def _fits(tile: Size, model: Model, size: Size) -> bool:
    aligned = tile.width % model.align == 0 and tile.height % model.align == 0
    return aligned and tile.width <= size.width and tile.height <= size.height
