"""A whole run, with a camera and a far end in memory."""

import itertools
import threading
import time
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from edge_vsr import pipeline
from edge_vsr.backoff import Backoff
from edge_vsr.camera.base import Camera
from edge_vsr.camera.fake import FakeCamera, gray_frame
from edge_vsr.clock import SystemClock
from edge_vsr.codec.kinds import SVTAV1, X264
from edge_vsr.config import RunConfig, SuperResolution
from edge_vsr.errors import EdgeVsrError, EncoderError, InputError, OutputError, UplinkAway
from edge_vsr.frame import Frame, Plane, Size
from edge_vsr.heartbeat import Heartbeats
from edge_vsr.pipeline import FILE_AHEAD, Run, RunStatus, RunSummary
from edge_vsr.rung import Rung
from edge_vsr.segment import Segment, SegmentInfo
from edge_vsr.sr.upscaler import BicubicUpscaler, Upscaler
from edge_vsr.stages.deliver import open_delivery
from edge_vsr.stages.source import Source
from edge_vsr.uplink.base import LiveUplink, SegmentUplink
from edge_vsr.uplink.fake import FakeLiveUplink, FakeSegmentUplink, Fault
from edge_vsr.uplink.playlist import PLAYLIST_NAME, Playlist
from edge_vsr.uplink.spool import Spool
from tests.unit.codec.pictures import decoded

OFF = RunConfig("fake", "far", sr=SuperResolution.OFF)
ON = RunConfig("fake", "far", sr=SuperResolution.ON)
TICK = 0.02


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A far end that is there gets all, however slow the machine is."""
    monkeypatch.setattr(pipeline, "DRAIN_SECONDS", 30.0)
    monkeypatch.setattr(pipeline, "STOP_DRAIN_SECONDS", 30.0)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch, patient: None) -> None:
    """With a far end that is not there, nobody wants to wait."""
    monkeypatch.setattr(pipeline, "DRAIN_SECONDS", 0.3)
    monkeypatch.setattr(pipeline, "STOP_DRAIN_SECONDS", 0.3)


@pytest.fixture
def spool(quick_path: Path) -> Spool:
    return Spool(quick_path / "spool")


def execute(
    camera: Camera,
    uplink: SegmentUplink | LiveUplink,
    spool: Spool,
    *,
    config: RunConfig = OFF,
    upscaler: Upscaler | None = None,
    stop: threading.Event | None = None,
    tick: Callable[[RunStatus], None] = lambda _: None,
) -> RunSummary:
    """One run; fails where it hangs."""
    clock = SystemClock()
    source = Source.checked(config, camera, upscaler)
    run = Run(source, spool, open_delivery(uplink, spool, clock), clock, seconds=config.seconds)
    begin = time.monotonic()
    summary = run.execute(stop or threading.Event(), tick, TICK)
    assert time.monotonic() - begin < 60.0, "the run ended late: a stage hung"
    return summary


def recording(count: int) -> FakeCamera:
    return FakeCamera([gray_frame(n) for n in range(count)], live=False)


def frames_in(uplink: FakeSegmentUplink) -> int:
    """How many frames the far end can show."""
    names = sorted(name for name in uplink.objects if name.endswith(".ts"))
    return sum(len(decoded(uplink.objects[name], "mpegts")) for name in names)


class EndlessCamera(FakeCamera):
    """A live camera that delivers in real time until it is closed."""

    def __init__(self, rate: int = 100) -> None:
        super().__init__([], rate=Fraction(rate))
        self._number = 0
        self._done = threading.Event()

    def read(self) -> Frame | None:
        if self._done.wait(float(1 / (self.rate or 1))):
            return None
        number, self._number = self._number, self._number + 1
        return gray_frame(number, time=time.monotonic())

    def close(self) -> None:
        super().close()
        self._done.set()


def test_every_frame_of_a_file_arrives(spool: Spool) -> None:
    uplink = FakeSegmentUplink()
    summary = execute(recording(130), uplink, spool)
    assert summary == RunSummary(captured=130, encoded=130, segments=3, delivered=3, waiting=0, evicted=0)
    assert frames_in(uplink) == 130
    playlist = uplink.objects[PLAYLIST_NAME].decode()
    assert [entry.duration for entry in Playlist.parse(playlist).entries] == pytest.approx([2.0, 2.0, 1.2])
    assert playlist.endswith("#EXT-X-ENDLIST\n")


@pytest.mark.parametrize("rung", [Rung.LOW, Rung.ENHANCED])
def test_the_far_end_gets_the_size_of_the_rung(spool: Spool, rung: Rung) -> None:
    uplink = FakeSegmentUplink()
    execute(recording(5), uplink, spool, config=RunConfig("fake", "far", rung=rung), upscaler=BicubicUpscaler())
    (data,) = (data for name, data in uplink.objects.items() if name.endswith(".ts"))
    picture = decoded(data, "mpegts")[0]
    assert Size(picture.width, picture.height) == (Size(32, 24) if rung is Rung.LOW else Size(128, 96))


class PendingUpscaler(BicubicUpscaler):
    """Has made nothing before `ready` is set."""

    def __init__(self) -> None:
        super().__init__()
        self.ready = threading.Event()

    def luma(self, y: Plane) -> Plane:
        assert self.ready.wait(60.0), "nobody was sent anything while the network was built"
        return super().luma(y)


def test_lower_rungs_begin_while_the_network_is_still_built(spool: Spool) -> None:
    upscaler, stop, seen = PendingUpscaler(), threading.Event(), set[Rung | None]()

    def tick(status: RunStatus) -> None:
        seen.add(status.rung)
        if status.delivered:
            upscaler.ready.set()
            stop.set()

    config = RunConfig("fake", "far")
    execute(EndlessCamera(25), FakeSegmentUplink(), spool, config=config, upscaler=upscaler, stop=stop, tick=tick)
    assert seen <= {None, Rung.LOW, Rung.NATIVE}
    assert upscaler.ready.is_set(), "nothing was delivered"


def test_seconds_end_a_file_at_their_time(spool: Spool) -> None:
    summary = execute(
        recording(130), FakeSegmentUplink(), spool, config=RunConfig("f", "far", 2.0, SuperResolution.OFF)
    )
    assert (summary.captured, summary.encoded, summary.segments) == (50, 50, 1)


def test_seconds_end_a_live_camera_that_delivers_nothing_any_more(spool: Spool) -> None:
    class Silent(EndlessCamera):
        def read(self) -> Frame | None:
            if self._number < 5:
                return super().read()
            self._done.wait(30.0)
            return None

    config = RunConfig("fake", "far", 0.3, SuperResolution.OFF)
    assert 0 < execute(Silent(), FakeSegmentUplink(), spool, config=config).encoded <= 4


def test_stop_flushes_all_that_was_captured(spool: Spool) -> None:
    stop, uplink = threading.Event(), FakeSegmentUplink()

    def after_some_frames(status: RunStatus) -> None:
        if status.encoded >= 10:
            stop.set()

    summary = execute(EndlessCamera(), uplink, spool, stop=stop, tick=after_some_frames)
    assert summary.captured >= 10
    assert summary.waiting == 0
    assert frames_in(uplink) == summary.encoded
    assert uplink.objects[PLAYLIST_NAME].endswith(b"#EXT-X-ENDLIST\n")


class SlowUpscaler(BicubicUpscaler):
    def luma(self, y: Plane) -> Plane:
        time.sleep(0.4)
        return super().luma(y)


def test_a_live_camera_faster_than_the_box_loses_its_oldest_frames_and_they_are_counted(spool: Spool) -> None:
    uplink = FakeSegmentUplink()
    config = RunConfig("fake", "far", 2.5, SuperResolution.ON)
    summary = execute(EndlessCamera(), uplink, spool, config=config, upscaler=SlowUpscaler())
    assert summary.captured > summary.encoded > 0
    assert frames_in(uplink) == summary.encoded


def test_a_file_waits_for_a_slow_box(spool: Spool) -> None:
    uplink = FakeSegmentUplink()
    # More than the channels between the stages hold.
    summary = execute(recording(12), uplink, spool, config=ON, upscaler=SlowUpscaler())
    assert (summary.captured, summary.encoded, frames_in(uplink)) == (12, 12, 12)


def test_what_the_far_end_does_not_take_waits_in_the_spool_for_the_next_run(
    spool: Spool, monkeypatch: pytest.MonkeyPatch
) -> None:
    away = FakeSegmentUplink(*[Fault(UplinkAway("away"))] * 10_000)
    with monkeypatch.context() as soon:
        soon.setattr(pipeline, "DRAIN_SECONDS", 0.3)
        first = execute(recording(60), away, spool)
    assert (first.delivered, first.waiting) == (0, 2)
    uplink = FakeSegmentUplink()
    second = execute(recording(60), uplink, spool)
    assert (second.segments, second.delivered, second.waiting) == (2, 4, 0)
    assert frames_in(uplink) == 120


def test_a_live_far_end_gets_every_picture(spool: Spool) -> None:
    uplink = FakeLiveUplink()
    summary = execute(recording(60), uplink, spool)
    assert [len(session) for session in uplink.sessions] == [60]
    assert (summary.delivered, summary.waiting) == (2, 0)


def test_segments_that_a_live_far_end_missed_stay_in_the_spool(spool: Spool) -> None:
    summary = execute(recording(60), FakeLiveUplink(*[None] * 30, Fault(UplinkAway("away"))), spool)
    assert summary.delivered + summary.waiting == 2
    assert next(one.sequence for one in spool.pending()) == 0


def test_a_container_that_takes_less_leaves_the_low_rung_fewer_bits_to_begin_with(spool: Spool) -> None:
    least = {}
    for kind in (X264, SVTAV1):
        uplink, clock = FakeSegmentUplink(), SystemClock()
        source = Source.checked(RunConfig("fake", "far", rung=Rung.LOW), recording(5), None)
        run = Run(source, spool, open_delivery(uplink, spool, clock), clock, kind=kind)
        run.execute(threading.Event(), lambda _: None, TICK)
        least[kind.codec] = run.status().allowed_kbits or 0.0
    assert 0 < least["av1"] < least["h264"] / 2, least


# A stage that fails


class FailingUpscaler(BicubicUpscaler):
    """Fails at the tenth frame after the rehearsal."""

    def __init__(self) -> None:
        super().__init__()
        self._left = 14

    def luma(self, y: Plane) -> Plane:
        self._left -= 1
        if not self._left:
            raise EncoderError("prepare failed")
        return super().luma(y)


class FailingSpool(Spool):
    def put(self, segment: Segment) -> list[SegmentInfo]:
        raise ValueError("store failed")


class FailingUplink(FakeSegmentUplink):
    def put(self, name: str, data: bytes) -> None:
        raise ValueError("deliver failed")


def shrinking(count: int) -> FakeCamera:
    """From the middle on, frames that no encoder takes."""
    half = count // 2
    frames = [gray_frame(n, size=Size(64, 48) if n < half else Size(64, 2)) for n in range(count)]
    return FakeCamera(frames, live=False)


def breaking(count: int) -> FakeCamera:
    return FakeCamera([*(gray_frame(n) for n in range(count)), InputError("capture failed")], live=False)


def test_a_source_that_breaks_off_keeps_what_was_captured(spool: Spool) -> None:
    uplink = FakeSegmentUplink()
    with pytest.raises(InputError, match="capture failed"):
        execute(breaking(60), uplink, spool)
    assert frames_in(uplink) == 60
    assert spool.count == 0


def test_a_failure_while_preparing_a_file_ends_the_run_and_keeps_what_went_before(spool: Spool) -> None:
    uplink = FakeSegmentUplink()
    with pytest.raises(EncoderError, match="prepare failed"):
        execute(recording(500), uplink, spool, config=ON, upscaler=FailingUpscaler())
    assert frames_in(uplink) == 9


def test_a_live_camera_goes_on_without_an_upscaler_that_fails(spool: Spool) -> None:
    errors: set[str | None] = set()
    stop = threading.Event()

    def until_it_goes_on(status: RunStatus) -> None:
        errors.update(part.error for part in status.parts)
        if status.encoded > 30:
            stop.set()

    uplink, camera = FakeSegmentUplink(), EndlessCamera()
    summary = execute(camera, uplink, spool, config=ON, upscaler=FailingUpscaler(), stop=stop, tick=until_it_goes_on)
    assert errors == {None, "prepare failed"}
    assert frames_in(uplink) == summary.encoded > 30


def test_a_live_camera_goes_on_without_an_upscaler_that_fails_in_its_rehearsal(
    spool: Spool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipeline, "UPSCALER_PAUSES", Backoff(first=0.1, most=0.1, floor=0.1))
    errors: set[str | None] = set()
    stop = threading.Event()

    class FailingOnce(BicubicUpscaler):
        failed = False

        def luma(self, y: Plane) -> Plane:
            if not self.failed:
                self.failed = True
                raise RuntimeError("no memory")
            return super().luma(y)

    def until_it_works(status: RunStatus) -> None:
        now = {part.error for part in status.parts}
        errors.update(now)
        if status.encoded > 30 and now == {None} and errors > now:
            stop.set()

    camera, uplink, config = EndlessCamera(), FakeSegmentUplink(), RunConfig("fake", "far")
    summary = execute(camera, uplink, spool, config=config, upscaler=FailingOnce(), stop=stop, tick=until_it_works)
    assert errors == {None, "no memory"}
    assert frames_in(uplink) == summary.encoded > 30


def test_what_is_counted_as_given_up_never_falls(spool: Spool) -> None:
    """A counter that falls is one that began anew, to who reads metrics."""
    clock = SystemClock()
    source = Source.checked(OFF, recording(1), None)
    run = Run(source, spool, open_delivery(FakeSegmentUplink(), spool, clock), clock)
    counts = []
    for spool.evicted in (0, 1, 0, 2):
        counts.append(run.status().evicted)
    assert counts == [0, 1, 1, 2]


def test_a_failure_while_encoding_ends_the_run(spool: Spool) -> None:
    uplink = FakeSegmentUplink()
    with pytest.raises(EncoderError, match="try 64x16"):
        execute(shrinking(300), uplink, spool)
    assert frames_in(uplink) == 150


def test_a_failure_while_storing_ends_the_run(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="store failed"):
        execute(EndlessCamera(), FakeSegmentUplink(), FailingSpool(tmp_path))


@pytest.mark.usefixtures("impatient")
def test_a_failure_while_delivering_ends_the_run_and_nothing_is_lost(spool: Spool) -> None:
    with pytest.raises(ValueError, match="deliver failed"):
        execute(EndlessCamera(), FailingUplink(), spool, config=RunConfig("f", "far", 5.0, SuperResolution.OFF))
    assert spool.count >= 1


def test_a_full_disk_at_the_end_is_told(tmp_path: Path) -> None:
    class NoRoom(Spool):
        def put(self, segment: Segment) -> list[SegmentInfo]:
            raise OutputError("no room")

    with pytest.raises(OutputError, match="no room"):
        execute(
            EndlessCamera(), FakeSegmentUplink(), NoRoom(tmp_path), config=RunConfig("f", "x", 0.3, SuperResolution.OFF)
        )


# The end, and what hangs


def test_a_network_that_is_still_being_built_does_not_hold_up_a_stop(spool: Spool) -> None:
    stop, free = threading.Event(), threading.Event()

    class Building(BicubicUpscaler):
        def luma(self, y: Plane) -> Plane:
            free.wait(60.0)
            return super().luma(y)

    def once_something_is_encoded(status: RunStatus) -> None:
        if status.encoded > 10 and not stop.is_set():
            stop.set()
            begun.append(time.monotonic())

    begun: list[float] = []
    camera, uplink, config = EndlessCamera(), FakeSegmentUplink(), RunConfig("fake", "far")
    summary = execute(
        camera, uplink, spool, config=config, upscaler=Building(), stop=stop, tick=once_something_is_encoded
    )
    assert time.monotonic() - begun[0] < pipeline.STOP_SECONDS, "it waited for the network"
    free.set()
    assert frames_in(uplink) == summary.encoded > 10


class HangingUplink(FakeSegmentUplink):
    def __init__(self) -> None:
        super().__init__()
        self.free = threading.Event()

    def put(self, name: str, data: bytes) -> None:
        self.free.wait(60.0)


def test_a_far_end_that_hangs_does_not_hold_up_a_stop_and_loses_nothing(
    spool: Spool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipeline, "STOP_DRAIN_SECONDS", 0.1)
    stop, uplink = threading.Event(), HangingUplink()

    def after_some_frames(status: RunStatus) -> None:
        if status.encoded > 20:
            stop.set()

    summary = execute(EndlessCamera(), uplink, spool, stop=stop, tick=after_some_frames)
    left = sum(info.frames for info in spool.pending())
    uplink.free.set()
    assert summary.waiting == summary.segments >= 1
    assert left == summary.encoded


def test_a_stage_that_hangs_is_named_and_one_that_waits_is_not(spool: Spool) -> None:
    class Sticks(BicubicUpscaler):
        """At a live frame, not at the rehearsal's."""

        free = threading.Event()

        def luma(self, y: Plane) -> Plane:
            if threading.current_thread().name == "prepare":
                self.free.wait(60.0)
            return super().luma(y)

    clock, stop, seen = SystemClock(), threading.Event(), set[tuple[str, ...]]()
    end = clock.monotonic() + 60.0
    heartbeats = Heartbeats(clock)
    for stage in ("capture", "prepare", "encode", "store", "deliver"):
        heartbeats.of(stage, patience=0.3)

    def until_it_is_told(status: RunStatus) -> None:
        seen.add(status.hanging)
        # Others may hang for a moment on a busy machine.
        if status.hanging == ("prepare",) or clock.monotonic() > end:
            Sticks.free.set()
            stop.set()

    source = Source.checked(ON, EndlessCamera(20), Sticks())
    delivery = open_delivery(FakeSegmentUplink(), spool, clock)
    Run(source, spool, delivery, clock, heartbeats=heartbeats).execute(stop, until_it_is_told, TICK)
    assert ("prepare",) in seen, f"only {seen} were told"


@pytest.mark.parametrize(("seconds", "times"), [(0.1, 3), (3600.0, 0)])
def test_freed_memory_is_given_back_again_and_again_when_it_is_time(
    spool: Spool, monkeypatch: pytest.MonkeyPatch, seconds: float, times: int
) -> None:
    stop, done = threading.Event(), list[None]()
    ticks = itertools.count(1)

    def enough(_status: RunStatus) -> None:
        if next(ticks) >= 10 and len(done) >= times:
            stop.set()

    monkeypatch.setattr(pipeline, "TIDY_SECONDS", seconds)
    monkeypatch.setattr(pipeline, "return_small_blocks", lambda: done.append(None))
    execute(EndlessCamera(20), FakeSegmentUplink(), spool, stop=stop, tick=enough)
    assert len(done) >= times
    assert times or not done, "it is no work for every tick"


# What is shown


@pytest.mark.usefixtures("impatient")
def test_the_status_tells_rates_rung_and_backlog(spool: Spool) -> None:
    seen: list[RunStatus] = []
    away, stop = FakeSegmentUplink(*[Fault(UplinkAway("away"))] * 10_000), threading.Event()

    def until_it_is_away(status: RunStatus) -> None:
        seen.append(status)
        if status.backlog and status.uplink == "away":
            stop.set()

    config = RunConfig("fake", "far", rung=Rung.NATIVE)
    execute(EndlessCamera(50), away, spool, config=config, stop=stop, tick=until_it_is_away)
    last = next(status for status in seen if status.backlog and status.uplink == "away")
    # A machine that others share may be far behind, but never ahead.
    assert 0 < last.fps_in < 75
    assert 0 < last.fps_out < 75
    assert last.kbits > 0
    assert (last.rung, last.uplink) == (Rung.NATIVE, "away")


@pytest.mark.parametrize("kind", [EdgeVsrError, RuntimeError])
def test_an_error_of_any_kind_is_raised_as_it_is(spool: Spool, kind: type[Exception]) -> None:
    error: Any = kind("as it is")
    camera = FakeCamera([gray_frame(), gray_frame(1), error], live=False)
    with pytest.raises(kind, match="as it is") as caught:
        execute(camera, FakeSegmentUplink(), spool)
    assert caught.value is error


class SlowUplink(FakeSegmentUplink):
    """Notes how many segments wait at the beginning of each put."""

    def __init__(self, spool: Spool) -> None:
        super().__init__()
        self._spool = spool
        self.waiting: list[int] = []

    def put(self, name: str, data: bytes) -> None:
        time.sleep(0.03)
        self.waiting.append(self._spool.count)
        super().put(name, data)


def test_a_file_does_not_run_away_from_the_far_end_nor_down_the_ladder(spool: Spool) -> None:
    uplink = SlowUplink(spool)
    summary = execute(recording(1000), uplink, spool)
    assert (summary.encoded, summary.waiting) == (1000, 0)
    assert max(uplink.waiting) <= FILE_AHEAD
    sizes = {decoded(data, "mpegts")[0].width for name, data in uplink.objects.items() if name.endswith(".ts")}
    assert sizes == {64}
