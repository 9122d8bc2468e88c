"""A benchmark from beginning to end: job after job, each in its process, within the time that there is."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from edge_vsr.bench.advice import advise, confirmed
from edge_vsr.bench.jobs import Found, Job, Row
from edge_vsr.bench.machine import Box, load_average
from edge_vsr.bench.plan import PIPELINE_SECONDS, START_SECONDS, Mode, jobs, pace_of, seconds_for
from edge_vsr.bench.process import run
from edge_vsr.bench.report import Report
from edge_vsr.clock import Clock
from edge_vsr.errors import MissingDependency
from edge_vsr.frame import Size
from edge_vsr.heat import HeatSensor
from edge_vsr.sr.engines import check_installed
from edge_vsr.sr.store import Model

PATIENCE = 600.0
"""Seconds for one job where nothing else bounds it: the slowest of boxes has loaded and run a network by then."""
FOR_PIPELINE = PIPELINE_SECONDS + 10.0
"""Seconds kept for the pipeline: before its first frame an engine builds a graph for every shape that may change."""
AFTER_ALL = FOR_PIPELINE + 2 * START_SECONDS
"""Seconds kept for the pipeline and the second look at the peak."""

MOST_OF_REST = 0.6
"""Share of the time that is left for all, which one job may take before it is stopped."""

Progress = Callable[[str, int, int], None]
"""What is being measured, and how many of how many jobs are done."""
Measure = Callable[[Job, HeatSensor, float, Callable[[], None]], Row]
"""A job, in so many seconds at most; see `process.run`."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What to measure."""

    mode: Mode
    models: Mapping[str, Model]
    runtimes: Sequence[str]
    threads: Sequence[int]
    size: Size
    fps: float
    default: str
    """The network that the advice prefers others like."""
    frames: int | None = None
    seconds: float | None = None
    """At most, a job; None for the mode's."""
    folders: Mapping[str, str] = field(default_factory=dict)
    """Of models that did not come with the package."""


class Session:
    """Used once."""

    def __init__(
        self,
        wish: Wish,
        sensor: HeatSensor,
        progress: Progress,
        clock: Clock,
        began: float | None = None,
        measure: Measure = run,
    ) -> None:
        """`began` is the monotonic time from which the mode's total counts; now if left out."""
        self._wish = wish
        self._clock = clock
        self._measure = measure
        self._sensor = sensor
        self._progress = progress
        self._box = Box.this()
        self._pace = pace_of(wish.mode, emulated=self._box.emulated)
        began = clock.monotonic() if began is None else began
        self._end = None if self._pace.total is None else began + self._pace.total
        self._done = 0
        self._all = 0

    def report(self) -> Report:
        """Measure everything."""
        wish, box, load = self._wish, self._box, load_average()
        models = list(wish.models.values())
        planned = [
            replace(
                job,
                frames=wish.frames or job.frames,
                seconds=wish.seconds or job.seconds,
                store=wish.folders.get(job.model, ""),
            )
            for job in jobs(wish.mode, self._pace, models, wish.runtimes, wish.threads, wish.size, wish.fps)
        ]
        self._all = len(planned) + 2
        rows = [self._row(job, len(planned) - number, AFTER_ALL) for number, job in enumerate(planned)]
        drift = self._drift(rows)
        advice = advise(rows, wish.models, wish.fps, wish.default)
        if advice:
            seconds = PIPELINE_SECONDS if wish.seconds is None else wish.seconds
            best = next(row.job for row in rows if _is_advised(row.job, advice.model, advice.runtime))
            best = replace(best, kind="pipeline", threads=advice.threads, tile=advice.tile, seconds=seconds)
            rows.append(self._row(best, 1, 0.0))
            advice = confirmed(advice, rows[-1].found)
        self._progress("", self._all, self._all)
        made = datetime.now(UTC).isoformat(timespec="seconds")
        report = Report(made, box, wish.mode.value, str(wish.size), wish.fps, tuple(rows), load, drift, advice)
        return without_speeds(report) if box.emulated else report

    def _row(self, job: Job, jobs_left: int, kept: float) -> Row:
        """`kept` are seconds that others want afterwards."""
        self._progress(job.label, self._done, self._all)
        left = None if self._end is None else self._end - self._clock.monotonic()
        seconds = seconds_for(job, None if left is None else left - kept, jobs_left)
        try:
            if job.runtime:
                check_installed(job.runtime)
        except MissingDependency as error:
            return Row(job, Found(error=str(error)))
        finally:
            self._done += 1
        if seconds is None:
            return Row(job, Found(error="left out: no time; measure without --quick"))
        if job.kind == "pipeline":
            seconds = job.seconds

        def tick() -> None:
            self._progress(job.label, self._done - 1, self._all)

        # One that is slower than it should be may not take what all the others need.
        most = PATIENCE if left is None else left if jobs_left == 1 else min(left, MOST_OF_REST * max(left - kept, 1.0))
        return self._measure(replace(job, seconds=seconds), self._sensor, most, tick)

    def _drift(self, rows: Sequence[Row]) -> float | None:
        """Of the runtime with the highest peak."""
        peaks = [row for row in rows if row.job.kind == "peak" and row.found.int8_peak]
        self._done = self._all - 2
        if not peaks:
            return None
        best = max(peaks, key=lambda row: row.found.int8_peak or 0.0)
        again = self._row(best.job, 2, FOR_PIPELINE).found.int8_peak
        return round(again / best.found.int8_peak, 3) if again and best.found.int8_peak else None


def without_speeds(report: Report) -> Report:
    """What ran and what did not, and nothing that an emulator's speed could be taken for."""
    rows = tuple(
        replace(row, found=Found(scale=row.found.scale, gmac=row.found.gmac, error=row.found.error))
        for row in report.rows
    )
    return replace(report, rows=rows, load=None, drift=None, advice=None)


def _is_advised(job: Job, model: str, runtime: str) -> bool:
    return job.kind == "network" and job.model == model and job.runtime == runtime
