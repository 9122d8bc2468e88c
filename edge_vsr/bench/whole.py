"""The whole pipeline on the demo camera: capture, super-resolution, encoder and delivery at once, and where the time
goes."""

import os
import tempfile
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

from edge_vsr.bench.jobs import BICUBIC, Found, Job, Pipeline, Stage
from edge_vsr.bench.upscaler import open_upscaler
from edge_vsr.camera.pattern import PatternCamera
from edge_vsr.clock import Clock, SystemClock
from edge_vsr.config import RunConfig, SuperResolution
from edge_vsr.errors import UsageError
from edge_vsr.frame import Plane
from edge_vsr.heartbeat import PATIENCE, Heartbeat, Heartbeats
from edge_vsr.memory import MIB, Machine
from edge_vsr.pipeline import Run, RunStatus
from edge_vsr.sr.changes.upscaler import KeptTilesUpscaler
from edge_vsr.sr.engines import open_runtime
from edge_vsr.sr.upscaler import BicubicUpscaler, Upscaler
from edge_vsr.stages.deliver import open_delivery
from edge_vsr.stages.source import Source
from edge_vsr.uplink.folder import FolderUplink
from edge_vsr.uplink.spool import Spool

LEAST_SECONDS = 3.0
"""Of a run, so that there is a segment."""
LOOK_EVERY = 0.25
STAGES = ("capture", "prepare", "encode", "store")
NETWORK = "super-resolution"


class WaitingClock(SystemClock):
    """Counts what is waited, so that it can be told from work."""

    def __init__(self) -> None:
        self.waited = 0.0

    def wait(self, stop: threading.Event, seconds: float) -> bool:
        began = time.monotonic()
        try:
            return super().wait(stop, seconds)
        finally:
            self.waited += time.monotonic() - began


class CountingHeartbeat(Heartbeat):
    """Adds up how long its stage was at work."""

    def __init__(self, clock: Clock, patience: float) -> None:
        super().__init__(clock, patience)
        self.busy = 0.0
        """Seconds."""

    def beat(self) -> None:
        self.busy += self.silence
        super().beat()

    def rest(self) -> None:
        self.busy += self.silence
        super().rest()


class CountingHeartbeats(Heartbeats):
    """Those of a run whose stages are timed."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self._timing = clock
        self._counting: dict[str, CountingHeartbeat] = {}

    def of(self, stage: str, patience: float = PATIENCE) -> Heartbeat:
        return self._counting.setdefault(stage, CountingHeartbeat(self._timing, patience))

    def busy(self, stage: str) -> float:
        """Seconds so far."""
        return self._counting[stage].busy if stage in self._counting else 0.0


class TimedUpscaler:
    """Another upscaler, and how long it took in all."""

    def __init__(self, upscaler: Upscaler) -> None:
        self._upscaler = upscaler
        self.name, self.scale = upscaler.name, upscaler.scale
        self.busy = 0.0
        """Seconds."""

    def luma(self, y: Plane) -> Plane:
        began = time.monotonic()
        try:
            return self._upscaler.luma(y)
        finally:
            self.busy += time.monotonic() - began


@dataclass(frozen=True, slots=True)
class Moment:
    """Of a run, from its start on."""

    at: float
    """Monotonic seconds."""
    encoded: int
    cpu: float
    """Seconds of processors."""
    busy: dict[str, float] = field(default_factory=dict)
    """Seconds, by stage."""


def pipeline(job: Job) -> Found:
    """As `edge-vsr run --camera demo --sr on` to a folder does it."""
    clock, camera_clock = SystemClock(), WaitingClock()
    heartbeats = CountingHeartbeats(clock)
    upscaler = TimedUpscaler(_upscaler(job, clock))
    camera = PatternCamera(camera_clock, size=job.frame, rate=Fraction(job.fps).limit_denominator(1001))
    seconds = max(LEAST_SECONDS, job.seconds)
    moments: list[Moment] = []
    first_segment: float | None = None
    with tempfile.TemporaryDirectory() as folder:
        config = RunConfig("demo", folder, sr=SuperResolution.ON, seconds=seconds)
        source = Source.checked(config, camera, upscaler)
        with Spool(Path(folder) / "spool") as spool:
            delivery = open_delivery(FolderUplink(Path(folder) / "out"), spool, clock)
            run = Run(source, spool, delivery, clock, seconds=seconds, heartbeats=heartbeats)

            def note(status: RunStatus) -> None:
                nonlocal first_segment
                if first_segment is None and delivery.delivered:
                    first_segment = _age()
                busy = {stage: heartbeats.busy(stage) for stage in STAGES}
                busy["capture"] -= camera_clock.waited
                busy[NETWORK] = upscaler.busy
                busy["prepare"] -= upscaler.busy
                moments.append(Moment(clock.monotonic(), status.encoded, sum(os.times()[:2]), busy))

            summary = run.execute(threading.Event(), note, interval=LOOK_EVERY)
    found = summed(moments, job.fps, summary.dropped, first_segment)
    return Found(peak_mib=round(Machine().peak() / MIB, 1), scale=upscaler.scale, pipeline=found)


def summed(moments: list[Moment], fps: float, dropped: int, first_segment: float | None) -> Pipeline:
    """What happened between the first moment with a frame and the last one with another. Raises UsageError if the run
    was too short for that."""
    under_way = [one for one in moments if one.encoded]
    if not under_way or under_way[-1].encoded == under_way[0].encoded:
        raise UsageError("the box made too few frames to time the pipeline; give a smaller --size or more --seconds")
    first = under_way[0]
    last = next(one for one in under_way if one.encoded == under_way[-1].encoded)
    frames, seconds = last.encoded - first.encoded, last.at - first.at
    took = {stage: max(0.0, last.busy[stage] - busy) for stage, busy in first.busy.items()}
    return Pipeline(
        fps_asked=fps,
        fps=round(frames / seconds, 3),
        frames=frames,
        dropped=dropped,
        first_segment_s=None if first_segment is None else round(first_segment, 2),
        cpus_busy=round((last.cpu - first.cpu) / seconds, 2),
        stages=tuple(
            Stage(stage, round(1000 * busy / frames, 3), round(busy / seconds, 3)) for stage, busy in took.items()
        ),
    )


def _upscaler(job: Job, clock: Clock) -> Upscaler:
    if job.model == BICUBIC:
        return BicubicUpscaler()
    upscaler = open_upscaler(job, open_runtime(job.runtime))
    return KeptTilesUpscaler(upscaler.network, clock, interval=1 / job.fps, tile_for=upscaler.tile_for)


def _age() -> float | None:
    """Seconds since this process started; None where nothing tells. From proc(5)'s `stat`."""
    with suppress(OSError, ValueError, IndexError):
        # The name may have blanks and brackets in it.
        after_name = Path("/proc/self/stat").read_text("utf-8", "replace").rpartition(")")[2].split()
        started = int(after_name[19]) / os.sysconf("SC_CLK_TCK")
        return time.clock_gettime(time.CLOCK_BOOTTIME) - started
    return None
