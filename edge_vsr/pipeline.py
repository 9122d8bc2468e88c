"""The wiring of a run: one thread a stage, bounded channels between, and nothing else.

camera ──frames──> prepare ──prepared──> encode ──coded──> store ──spool──> deliver
                      ^                                      └──live feed──> push
                      └──── ladder <──── backlog, throughput, times, heat
"""

import math
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from edge_vsr.backoff import Backoff
from edge_vsr.camera.status import CameraState, status_of
from edge_vsr.channel import Channel
from edge_vsr.clock import Clock
from edge_vsr.codec.container import container_kbits
from edge_vsr.codec.kinds import X264, Kind
from edge_vsr.coded import CodedPicture
from edge_vsr.config import RunConfig
from edge_vsr.frame import Frame, Size
from edge_vsr.heartbeat import Heartbeats
from edge_vsr.heat import HeatSensor
from edge_vsr.memory import Machine, return_small_blocks
from edge_vsr.meter import Meter
from edge_vsr.part import PartStatus
from edge_vsr.policy.ladder import Conditions, Decision
from edge_vsr.policy.link import LOCAL
from edge_vsr.policy.ranges import Range, Ranges, ranges_for
from edge_vsr.rung import Rung
from edge_vsr.segment import Segment, SegmentNames
from edge_vsr.sr.budget import Carried
from edge_vsr.stages.deliver import DRAIN_SECONDS, Delivery
from edge_vsr.stages.direct import Director
from edge_vsr.stages.encode import SegmentEncoder
from edge_vsr.stages.live import LiveStatus
from edge_vsr.stages.prepare import PreparedFrame, Preparer, cropped_even, halved_size
from edge_vsr.stages.source import Source
from edge_vsr.stages.supervisor import Supervisor
from edge_vsr.stages.worker import Workers
from edge_vsr.uplink.disk import SpoolState
from edge_vsr.uplink.spool import Spool

STAGE_DEPTH = 4
"""Frames between two stages."""
FRAME_BYTES = 1.5
"""A luma sample, in 4:2:0."""
DECODER_BYTES = 25
"""A luma sample, that the camera's decoder holds."""
KEPT_BYTES = 4
"""A luma sample where only what changed is made: the luma of two frames, what was added to bicubic, bicubic itself."""
TIME_SLACK = 1e-3
"""Seconds; frame times are sums of fractions."""
FILE_AHEAD = 4
"""Segments of a file that wait for the far end before the file does."""
CATCH_UP_SECONDS = 0.05
"""Between two looks at whether the far end has caught up."""
STOP_SECONDS = 15.0
"""What the stages may take to end, beside the far end's time: nothing that they hold is to be lost."""
DRAIN_SLACK = 0.5
"""Seconds that the far end's thread may take beyond its time before it is left behind; the spool keeps its segment."""
UPSCALER_PAUSES = Backoff(first=10.0, most=600.0, floor=5.0)
"""Before super-resolution that failed is tried again."""
ENCODER_FAILURES = 20
"""In a row, some minutes with the pauses between; then the run ends, and who started it may start it anew."""
REHEARSAL = "rehearse"
"""The thread that is left behind at the end: an engine that builds a network cannot be stopped, and has nothing that is
to be kept."""
UNMEASURED = "super-resolution is not measured yet"
TIDY_SECONDS = 60.0
"""Between two times that freed memory is given back."""
STOP_DRAIN_SECONDS = 2.0
"""What the far end may take once someone asked for the end and waits for it; the rest stays in the spool."""


@dataclass(frozen=True, slots=True)
class RunStatus:
    """A run at one moment."""

    fps_in: float
    fps_out: float
    rung: Rung | None
    kbits: float
    """Of the encoder, kbit/s."""
    backlog: int
    """Segments in the spool."""
    camera: CameraState
    uplink: str
    """State of the far end, in a word."""
    encoded: int = 0
    """Frames encoded so far."""
    spool: SpoolState = SpoolState.READY
    live: LiveStatus | None = None
    """Of the live far end, be it the only one or one besides; None where there is none."""
    parts: tuple[PartStatus, ...] = ()
    """All that is tried again when it fails: camera, spool, far ends, what is done without meanwhile."""
    hanging: tuple[str, ...] = ()
    """Stages that have been at one piece of work for too long."""
    captured: int = 0
    """Frames that the camera made so far."""
    left_out: int = 0
    """Frames between stills so far."""
    reopened: int = 0
    """How many times the camera came back."""
    segments: int = 0
    """Made so far."""
    delivered: int = 0
    """Segments at the far end."""
    evicted: int = 0
    """Segments given up for room."""
    link_kbits: float | None = None
    """Delivered throughput, in kbit/s; infinity for a local folder, None while it is not known."""
    allowed_kbits: float | None = None
    """What a segment may take, in kbit/s; None before the first."""
    reason: str | None = None
    """Of the last change of rung, in one line; None before the first rung."""

    def error_of(self, part: str) -> str | None:
        """Why `part` does not work, without secrets; None while it does, or where there is none."""
        return next((one.error for one in self.parts if one.part == part), None)

    def state_of(self, part: str) -> str | None:
        """The state of `part` in a word; None where there is none."""
        return next((one.state for one in self.parts if one.part == part), None)

    def beside(self, *parts: PartStatus) -> "RunStatus":
        """This and what is supervised outside of the run."""
        return replace(self, parts=(*self.parts, *parts))


@dataclass(frozen=True, slots=True)
class RunSummary:
    """What became of every frame and every segment."""

    captured: int
    """Frames that the camera made."""
    encoded: int
    """Frames in a segment."""
    segments: int
    delivered: int
    """Segments at the far end, those of earlier runs included."""
    waiting: int
    """Segments in the spool, for the next run."""
    evicted: int
    """Segments given up for room."""
    live: LiveStatus | None = None
    """Of the live far end at the end; None where there is none."""
    left_out: int = 0
    """Frames between stills."""

    @property
    def dropped(self) -> int:
        """Frames that the box was too late for."""
        return self.captured - self.encoded - self.left_out


def carried(kind: Kind, *, kept: bool = False) -> Carried:
    """Frames between the stages and in their hands, and what codecs hold; `kept` where only what changed is made."""
    frames, more = FRAME_BYTES * (STAGE_DEPTH + 2), KEPT_BYTES if kept else 0
    return Carried(
        inputs=frames + DECODER_BYTES + more,
        outputs=frames - 1 + kind.bytes_a_sample + more,
        always=kind.bytes_always,
        parts=kept,
    )


class Run:
    """One camera to one far end."""

    def __init__(
        self,
        source: Source,
        spool: Spool,
        delivery: Delivery,
        clock: Clock,
        *,
        seconds: float | None = None,
        heartbeats: Heartbeats | None = None,
        heat: HeatSensor | None = None,
        machine: Machine | None = None,
        kind: Kind = X264,
    ) -> None:
        """`seconds` is the length of the run; None for no end. `heartbeats` are those of what the run is made of.
        `heat` and `machine` bear on super-resolution; `kind` is the encoder's."""
        self._source = source
        self._camera = source.camera
        self._upscaler = source.upscaler
        self._seconds = seconds or math.inf
        self._spool = spool
        self._delivery = delivery
        self._clock = clock
        self._rate = source.rate
        self._kind = kind
        self._frames = Channel[Frame](STAGE_DEPTH, drop_oldest=source.camera.live)
        self._prepared = Channel[PreparedFrame](STAGE_DEPTH)
        self._coded = Channel[CodedPicture | Segment](STAGE_DEPTH)
        self._director = Director(source.limits)
        # A file that cannot be done whole is not done at all; a live camera goes on with what works.
        live = source.camera.live
        self._upscaling = Supervisor("super-resolution", clock, UPSCALER_PAUSES) if live else None
        self._encoding = Supervisor("encoder", clock, Backoff(), most=ENCODER_FAILURES) if live else None
        self._supervisors = tuple(one for one in (self._upscaling, self._encoding) if one)
        self._preparer = Preparer(source.upscaler, self._choose, clock, self._rate, self._upscaling)
        names = SegmentNames.starting(clock.wall(), after=spool.newest_name())
        clocked = clock if live else None
        self._encoder = SegmentEncoder(names, self._rate, kind, clock=clocked, supervisor=self._encoding)
        self._workers = Workers(self._stop_capture)
        self._captured, self._encoded, self._bits = Meter(clock), Meter(clock), Meter(clock)
        self._heartbeats = heartbeats or Heartbeats(clock)
        self._stopping = threading.Event()
        self._asked = threading.Event()
        self._segments = self._evicted = 0
        self._first_number = self._numbers = 0
        self._at_last_segment: tuple[int, int] | None = None
        self._spent: float | None = None
        self._heat, self._machine = heat, machine or Machine()
        self._tidied_at = clock.monotonic()

    def execute(self, stop: threading.Event, tick: Callable[[RunStatus], None], interval: float = 0.5) -> RunSummary:
        """Run until the source ends, the time is over, `stop` is set or a stage fails.

        `tick` is called every `interval` seconds. All that was captured is encoded and stored, and delivered as far
        as the far end takes it in time. Raises what a stage raised.
        """
        self._asked = stop
        first = self._source.first
        self._rehearse(cropped_even(first))
        # What a live camera made while the network was being built is not part of the run.
        self._workers.start(
            "capture", lambda: self._capture(None if self._camera.live else first), at_end=self._frames.close
        )
        self._workers.start("prepare", self._prepare, at_end=self._end_of(self._frames, self._prepared))
        self._workers.start("encode", self._encode, at_end=self._end_of(self._prepared, self._coded))
        self._workers.start("store", self._store, at_end=self._end_of(self._coded, None))
        self._workers.start("deliver", lambda: self._delivery.run(self._heartbeats))
        patience = self._seconds + interval if self._camera.live else math.inf
        end = self._clock.monotonic() + patience
        while self._workers.working("store") and not self._clock.wait(stop, interval):
            tick(self.status())
            self._tidy()
            if self._clock.monotonic() > end:
                break
        self._stop_capture()
        self._workers.join(STOP_SECONDS, lambda: tick(self.status()), interval, leave=("deliver", REHEARSAL))
        drain = self._drain_seconds + DRAIN_SLACK
        self._workers.join(drain, lambda: tick(self.status()), interval, leave=(REHEARSAL,))
        if self._workers.failure:
            raise self._workers.failure
        return self._summary()

    def _tidy(self) -> None:
        if self._clock.monotonic() - self._tidied_at >= TIDY_SECONDS:
            self._tidied_at = self._clock.monotonic()
            return_small_blocks()

    def _rehearse(self, first: Frame) -> None:
        """At first where nothing can be sent without the network, or nothing is lost by waiting for it; else beside the
        lower rungs, which begin at once."""
        limits = self._source.limits
        if limits.most is not Rung.ENHANCED:
            return
        upscaling = self._upscaling
        if limits.least is Rung.ENHANCED or upscaling is None:
            self._preparer.rehearse(first)
        else:
            self._workers.start(REHEARSAL, lambda: self._rehearse_beside(first, upscaling))

    def _rehearse_beside(self, first: Frame, upscaling: Supervisor) -> None:
        """Until it works: what fails is done without, as at any later frame."""
        while not self._stopping.is_set():
            try:
                self._preparer.rehearse(first, self._stopping)
            except Exception as error:  # noqa: BLE001  an engine may raise anything
                upscaling.failed(error)
                self._clock.wait(self._stopping, upscaling.status.retry_in)
            else:
                upscaling.worked()
                return

    def status(self) -> RunStatus:
        """How the run is doing; may be called from any thread."""
        decision = self._director.decision
        camera = status_of(self._camera)
        return RunStatus(
            fps_in=self._captured.rate,
            fps_out=self._encoded.rate,
            rung=decision.rung if decision else None,
            kbits=self._bits.rate / 1000,
            backlog=self._spool.count,
            camera=camera.state,
            uplink=self._delivery.state,
            encoded=int(self._encoded.total),
            spool=self._spool.state,
            live=self._delivery.live,
            parts=(camera.part, self._spool.status, *self._delivery.parts, *(one.status for one in self._supervisors)),
            hanging=self._heartbeats.hanging,
            captured=self._numbers,
            left_out=self._preparer.left_out,
            reopened=camera.reopened,
            segments=self._segments,
            delivered=self._delivery.delivered,
            evicted=self._most_evicted(),
            link_kbits=link.kbits if (link := self._delivery.link) else None,
            allowed_kbits=decision.kbits if decision else None,
            reason=decision.reason if decision else None,
        )

    def _most_evicted(self) -> int:
        """A counter never falls: what was given up on its way, and arrived, stays counted."""
        self._evicted = max(self._evicted, self._spool.evicted)
        return self._evicted

    def limit(self, config: RunConfig) -> None:
        """Keep to the rungs that `config` allows, from the next segment on.

        Raises UsageError for one that was not prepared for at the start, and what `Source.limits_for` raises.
        """
        self._director.limits = self._source.limits_for(config)

    def _stop_capture(self) -> None:
        self._stopping.set()
        self._camera.close()

    def _end_of(self, inlet: Channel[Any], outlet: Channel[Any] | None) -> Callable[[], None]:
        """Closing both ways: a stage that failed must neither starve the next nor block the one before."""

        def end() -> None:
            inlet.close()
            if outlet is not None:
                outlet.close()
            else:
                self._delivery.end(self._drain_seconds)

        return end

    @property
    def _drain_seconds(self) -> float:
        return STOP_DRAIN_SECONDS if self._asked.is_set() else DRAIN_SECONDS

    def _read(self) -> Frame | None:
        with self._heartbeats.of("capture").at_work():
            return self._camera.read()

    def _capture(self, first: Frame | None) -> None:
        frame = first or self._read()
        if frame is None:
            return
        self._first_number = frame.number
        end = frame.time + self._seconds
        while frame is not None and frame.time < end - TIME_SLACK:
            self._numbers = frame.number + 1 - self._first_number
            self._captured.add()
            if not self._frames.put(frame):
                break
            frame = self._read()

    def _prepare(self) -> None:
        heartbeat = self._heartbeats.of("prepare")
        while (frame := self._frames.get()) is not None:
            with heartbeat.at_work():
                prepared = self._preparer.prepare(frame)
            if prepared is not None and not self._prepared.put(prepared):
                break

    def _encode(self) -> None:
        heartbeat = self._heartbeats.of("encode")
        while (prepared := self._prepared.get()) is not None:
            with heartbeat.at_work():
                for item in self._encoder.encode(prepared):
                    with heartbeat.at_rest():
                        self._coded.put(item)
        for item in self._encoder.finish():
            self._coded.put(item)

    def _store(self) -> None:
        heartbeat = self._heartbeats.of("store")
        while (item := self._coded.get()) is not None:
            if isinstance(item, Segment):
                self._segments += 1
                self._spent = len(item.data) * 8 / 1000 / item.info.duration if item.info.duration else None
                self._let_catch_up()
            else:
                self._encoded.add()
                self._bits.add(8 * len(item.data))
            self._delivery.take(item, self._stopping, heartbeat)

    def _let_catch_up(self) -> None:
        """Make a file wait for a far end that takes segments: read at full speed it would fill the spool."""
        while not self._camera.live and self._delivery.state == "up" and self._delivery.backlog >= FILE_AHEAD:
            if self._clock.wait(self._stopping, CATCH_UP_SECONDS):
                return

    def _choose(self, frame: Frame) -> Decision:
        return self._director.choose(self._ranges(frame.size), lambda: self._observe(frame))

    def _ranges(self, size: Size) -> Ranges:
        sizes = {
            Rung.LOW: halved_size(size),
            Rung.NATIVE: size,
            Rung.ENHANCED: size.times(self._upscaler.scale if self._upscaler else 1),
        }
        samples = {rung: one.width * one.height * float(self._rate) for rung, one in sizes.items()}
        ranges = ranges_for(samples, container_kbits(self._kind.codec, self._rate))
        # A file waits for the far end, and has all the bits that it wants.
        return ranges if self._camera.live else {rung: Range(one.most, one.most) for rung, one in ranges.items()}

    def _observe(self, frame: Frame) -> Conditions:
        before, self._at_last_segment = self._at_last_segment, (frame.number, self._preparer.prepared)
        lost = 0.0
        if before and frame.number > before[0]:
            lost = 1 - min(1.0, (self._preparer.prepared - before[1]) / (frame.number - before[0]))
        return Conditions(
            time=self._clock.monotonic(),
            # A file waits for the far end and for the box.
            waiting=self._delivery.waiting_seconds if self._camera.live else 0.0,
            link=self._delivery.link if self._camera.live or self._delivery.link is LOCAL else None,
            guess=self._delivery.guess if self._camera.live else math.inf,
            spent_kbits=self._spent,
            frame_seconds=float(1 / self._rate) if self._camera.live else math.inf,
            upscale_seconds=self._preparer.upscale_seconds,
            lost_share=lost,
            patience=self._delivery.patience,
            heat=self._heat.read() if self._heat and self._upscaler else None,
            spare=self._spare_bytes() if self._upscaler else None,
            failure=self._against_upscaling(),
        )

    def _against_upscaling(self) -> str | None:
        if self._upscaler and self._preparer.upscale_seconds is None:
            return UNMEASURED
        return self._upscaling.refusal if self._upscaling else None

    def _spare_bytes(self) -> int | None:
        usable = self._machine.usable()
        return None if usable is None else usable - self._machine.resident()

    def _summary(self) -> RunSummary:
        return RunSummary(
            captured=self._numbers,
            encoded=int(self._encoded.total),
            segments=self._segments,
            delivered=self._delivery.delivered,
            waiting=self._spool.count,
            evicted=self._spool.evicted,
            live=self._delivery.live,
            left_out=self._preparer.left_out,
        )
