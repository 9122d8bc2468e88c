import threading
from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pytest

from edge_vsr.backoff import Backoff
from edge_vsr.camera.fake import gray_frame
from edge_vsr.clock import Clock, FakeClock
from edge_vsr.frame import Frame, Size
from edge_vsr.policy.cadence import Cut
from edge_vsr.policy.ladder import Decision
from edge_vsr.rung import Rung
from edge_vsr.sr.fake import FaultyUpscaler
from edge_vsr.sr.upscaler import BicubicUpscaler, Upscaler
from edge_vsr.stages.prepare import PreparedFrame, Preparer, cropped_even, halved, halved_size
from edge_vsr.stages.supervisor import Supervisor

SIZE = Size(64, 48)
RATE = Fraction(25)


def preparer(rung: Callable[[Frame], Rung], upscaler: Upscaler | None = None, clock: Clock | None = None) -> Preparer:
    return Preparer(upscaler, lambda frame: Decision(rung(frame), 100.0, 0.0, ""), clock or FakeClock(), RATE)


def prepared_by(stage: Preparer, frame: Frame) -> PreparedFrame:
    """Of a frame that is not left out."""
    prepared = stage.prepare(frame)
    assert prepared is not None
    return prepared


def test_the_rung_changes_only_where_a_segment_begins() -> None:
    wishes = iter([Rung.NATIVE, Rung.LOW, Rung.ENHANCED])
    stage = preparer(lambda _: next(wishes), BicubicUpscaler())
    prepared = [prepared_by(stage, gray_frame(n)) for n in range(150)]
    begins = {n: one.rung for n, one in enumerate(prepared) if one.cut is not Cut.NONE}
    assert begins == {0: Rung.NATIVE, 50: Rung.LOW, 100: Rung.ENHANCED}
    for n, one in enumerate(prepared):
        assert one.rung is begins[n // 50 * 50], f"frame {n}"
    assert {one.frame.size for one in prepared[:50]} == {SIZE}
    assert {one.frame.size for one in prepared[50:100]} == {Size(32, 24)}
    assert {one.frame.size for one in prepared[100:]} == {SIZE.times(2)}


def test_stills_are_one_frame_in_ten_seconds_and_the_others_are_counted() -> None:
    wishes = iter([Rung.NATIVE, Rung.STILL, Rung.STILL, Rung.LOW])
    stage = preparer(lambda _: next(wishes))
    kept = [one for n in range(600) if (one := stage.prepare(gray_frame(n))) is not None]
    stills = [(one.frame.number, one.left_out, one.frame.size) for one in kept if one.rung is Rung.STILL]
    assert stills == [(50, 0, SIZE), (300, 249, SIZE)]
    assert [(one.frame.number, one.left_out) for one in kept if one.rung is Rung.LOW][:2] == [(550, 249), (551, 0)]
    assert stage.left_out == 498
    assert stage.prepared == 600


@pytest.mark.parametrize("rung", Rung)
def test_number_time_and_colour_pass_unchanged(rung: Rung) -> None:
    frame = gray_frame(7, time=12.5)
    prepared = prepared_by(preparer(lambda _: rung, BicubicUpscaler()), frame).frame
    assert (prepared.number, prepared.time, prepared.wall) == (7, 12.5, frame.wall)
    assert (prepared.matrix, prepared.range) == (frame.matrix, frame.range)


def test_a_native_frame_is_not_touched() -> None:
    frame = gray_frame()
    assert prepared_by(preparer(lambda _: Rung.NATIVE), frame).frame is frame


def test_another_size_starts_another_stream() -> None:
    stage = preparer(lambda _: Rung.NATIVE)
    sizes = [SIZE, SIZE, Size(32, 32), Size(32, 32), SIZE]
    found = [prepared_by(stage, gray_frame(n, size=size)).cut for n, size in enumerate(sizes)]
    assert found == [Cut.STREAM, Cut.NONE, Cut.STREAM, Cut.NONE, Cut.STREAM]


def test_a_size_that_differs_by_what_is_cropped_is_the_same() -> None:
    stage = preparer(lambda _: Rung.NATIVE)
    found = [prepared_by(stage, gray_frame(n, size=size)).cut for n, size in enumerate([Size(65, 49), SIZE])]
    assert found == [Cut.STREAM, Cut.NONE]


@pytest.mark.parametrize("size", [Size(65, 49), Size(65, 48), Size(64, 49)])
def test_odd_frames_lose_their_last_row_and_column(size: Size) -> None:
    frame = gray_frame(size=size)
    frame.y[:] = np.arange(size.width, dtype=np.uint8)
    cropped = prepared_by(preparer(lambda _: Rung.NATIVE), frame).frame
    assert cropped.size == SIZE
    assert (cropped.y[0] == np.arange(64)).all()
    assert cropped.u.shape == (24, 32)


def test_a_frame_too_small_to_crop_is_left_for_the_encoder_to_refuse() -> None:
    frame = gray_frame(size=Size(1, 5))
    assert cropped_even(frame) is frame


@pytest.mark.parametrize("size", [SIZE, Size(66, 50), Size(62, 46), Size(4, 4), Size(1920, 1080)])
def test_low_is_half_with_even_sides(size: Size) -> None:
    half = halved(gray_frame(size=size, luma=77))
    assert half.size == halved_size(size)
    assert abs(2 * half.width - size.width) <= 3
    assert abs(2 * half.height - size.height) <= 3
    assert half.width % 2 == half.height % 2 == 0
    assert (half.y == 77).all()


def test_half_is_the_mean_of_four() -> None:
    frame = gray_frame(size=Size(8, 8))
    frame.y[:] = np.tile([[10, 20], [30, 40]], (4, 4))
    assert (halved(frame).y == 25).all()


class SlowUpscaler(BicubicUpscaler):
    """Takes so many seconds of a fake clock, one time after another."""

    def __init__(self, clock: FakeClock, *seconds: float) -> None:
        super().__init__()
        self._clock = clock
        self._seconds = list(seconds)

    def luma(
        self, y: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]
    ) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
        self._clock.advance(self._seconds.pop(0))
        return super().luma(y)


def test_the_time_for_a_frame_is_a_median_and_the_first_run_does_not_count() -> None:
    clock = FakeClock()
    stage = preparer(lambda _: Rung.ENHANCED, SlowUpscaler(clock, 9.0, 0.1, 0.3, 0.2, 5.0, 0.2), clock)
    assert stage.upscale_seconds is None
    stage.rehearse(gray_frame())
    assert stage.upscale_seconds == pytest.approx(0.2)
    assert stage.prepared == 0
    stage.prepare(gray_frame(0))
    stage.prepare(gray_frame(1))
    assert stage.upscale_seconds == pytest.approx(0.2), "one slow frame is no slow box"
    assert stage.prepared == 2


def test_a_rehearsal_that_is_called_off_measured_nothing() -> None:
    clock, stop = FakeClock(), threading.Event()
    stage = preparer(lambda _: Rung.ENHANCED, SlowUpscaler(clock, 9.0, 0.1, 0.3, 0.2), clock)
    stop.set()
    stage.rehearse(gray_frame(), stop)
    assert (stage.upscale_seconds, clock.monotonic()) == (None, FakeClock().monotonic())


def test_without_an_upscaler_nothing_is_measured() -> None:
    stage = preparer(lambda _: Rung.NATIVE)
    stage.rehearse(gray_frame())
    assert stage.upscale_seconds is None


def test_an_upscaler_that_fails_is_done_without_until_its_pause_is_over() -> None:
    clock = FakeClock()
    supervisor = Supervisor("super-resolution", clock, Backoff(first=0.0, floor=3.0))
    upscaler = FaultyUpscaler(BicubicUpscaler(), iter([None] * 10 + [RuntimeError("no memory")]))
    stage = Preparer(upscaler, lambda _: Decision(Rung.ENHANCED, 100.0, 0.0, ""), clock, RATE, supervisor)
    rungs = []
    for n in range(150):
        one = prepared_by(stage, gray_frame(n))
        assert (one.frame.size == SIZE.times(2)) == (one.rung is Rung.ENHANCED)
        rungs.append(one.rung)
        if n == 10:
            assert supervisor.refusal == "the super-resolution failed: no memory"
        clock.advance(1 / 25)
    # To the end of its segment, and for the one that begins within the pause.
    assert rungs == [Rung.ENHANCED] * 10 + [Rung.NATIVE] * 90 + [Rung.ENHANCED] * 50
    assert (supervisor.status.error, supervisor.status.failures) == (None, 1)


def test_of_a_file_a_failure_is_raised() -> None:
    stage = preparer(lambda _: Rung.ENHANCED, FaultyUpscaler(BicubicUpscaler(), iter([RuntimeError("no memory")])))
    with pytest.raises(RuntimeError, match="no memory"):
        stage.prepare(gray_frame(0))
