from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_vsr.camera.base import CaptureWish
from edge_vsr.camera.conform import ConformedCamera, TimeGrid, scaled
from edge_vsr.camera.fake import FakeCamera, gray_frame
from edge_vsr.camera.status import status_of
from edge_vsr.frame import Size


@pytest.mark.parametrize(
    ("source", "wished", "kept"),
    [
        (30, 15, [0, 2, 4, 6, 8, 10]),
        (30, 10, [0, 3, 6, 9]),
        (30, 20, [0, 2, 3, 5, 6, 8, 9, 11]),
        (30, 30, list(range(12))),
        (30, 60, list(range(12))),
    ],
)
def test_frames_are_thinned_out_evenly(source: int, wished: int, kept: list[int]) -> None:
    frames = [gray_frame(n, n / source) for n in range(12)]
    camera = ConformedCamera(FakeCamera(frames, rate=Fraction(source)), CaptureWish(rate=Fraction(wished)))
    read = list(iter(camera.read, None))
    assert [round(frame.time * source) for frame in read] == kept
    assert [frame.number for frame in read] == list(range(len(kept))), "what is skipped on purpose is no loss"
    assert status_of(camera).skipped == 12 - len(kept)
    assert camera.rate == min(source, wished)


def test_an_unknown_rate_is_limited_too() -> None:
    frames = [gray_frame(n, n / 50) for n in range(50)]
    camera = ConformedCamera(FakeCamera(frames, rate=None), CaptureWish(rate=Fraction(25)))
    assert len(list(iter(camera.read, None))) == 25
    assert camera.rate == 25


def test_a_camera_that_comes_back_faster_is_thinned_out() -> None:
    inner = FakeCamera(
        [*(gray_frame(n, n / 15) for n in range(15)), *(gray_frame(15 + n, 1 + n / 60) for n in range(60))]
    )
    inner.rate = Fraction(15)
    camera = ConformedCamera(inner, CaptureWish(rate=Fraction(15)))
    assert all(camera.read() for _ in range(15))
    inner.rate = Fraction(60)
    assert len(list(iter(camera.read, None))) == pytest.approx(15, abs=1)
    assert camera.rate == 15


def test_a_frame_lost_by_the_camera_stays_a_gap_in_the_numbers() -> None:
    frames = [gray_frame(n, n / 30) for n in range(12) if n != 4]
    camera = ConformedCamera(FakeCamera(frames, rate=Fraction(30)), CaptureWish(size=Size(32, 24)))
    assert [frame.number for frame in iter(camera.read, None)] == [0, 1, 2, 3, 5, 6, 7, 8, 9, 10, 11]


@given(st.lists(st.floats(-0.012, 0.012), min_size=60, max_size=60))
def test_jitter_below_half_a_frame_does_not_disturb_the_grid(jitter: list[float]) -> None:
    jitter[0] = 0.0
    grid = TimeGrid(Fraction(15), Fraction(30))
    kept = [n for n, shift in enumerate(jitter) if grid.takes(5.0 + n / 30 + shift)]
    assert kept == list(range(0, 60, 2))


@given(st.lists(st.floats(0, 100), max_size=200), st.integers(1, 30))
def test_there_is_never_more_than_one_frame_a_slot(times: list[float], rate: int) -> None:
    times.sort()
    grid = TimeGrid(Fraction(rate), None)
    kept = sum(grid.takes(time) for time in times)
    assert kept <= (times[-1] - times[0] if times else 0) * rate + 2


@pytest.mark.parametrize("size", [Size(32, 24), Size(128, 96), Size(33, 17), Size(64, 96), Size(1, 1)])
def test_every_size_can_be_had(size: Size) -> None:
    frame = scaled(gray_frame(3, 1.5, Size(64, 48), luma=77), size)
    assert frame.size == size
    assert (frame.number, frame.time) == (3, 1.5)
    assert set(np.unique(frame.y)) == {77}
    assert set(np.unique(frame.u)) == {128}


def test_a_fitting_frame_passes_untouched() -> None:
    frame = gray_frame(size=Size(64, 48))
    assert scaled(frame, Size(64, 48)) is frame


def test_downscaling_averages_areas() -> None:
    frame = gray_frame(size=Size(4, 4))
    frame.y[:, ::2], frame.y[:, 1::2] = 0, 200
    assert set(np.unique(scaled(frame, Size(2, 2)).y)) == {100}
