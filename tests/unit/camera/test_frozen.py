from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_vsr.camera.fake import gray_frame
from edge_vsr.camera.frozen import FROZEN_AFTER, MOST_BETWEEN, REOPEN_AFTER, FreezeDetector
from edge_vsr.frame import Frame, Size


def noisy(seed: int, time: float) -> Frame:
    """A dark, still scene: nothing but the noise of a sensor."""
    frame = gray_frame(time=time, luma=16)
    return replace(frame, y=frame.y + np.random.default_rng(seed).integers(0, 2, frame.y.shape, np.uint8))


def test_a_still_scene_with_noise_is_not_frozen() -> None:
    detector = FreezeDetector()
    for n in range(200):
        detector.see(noisy(n, time=float(n)))
        assert not detector.frozen
        assert not detector.worth_reopening()


@pytest.mark.parametrize("rate", [0.5, 25.0])
def test_one_picture_is_frozen_after_its_time_whatever_the_rate(rate: float) -> None:
    detector = FreezeDetector()
    for n in range(round(FROZEN_AFTER * rate)):
        detector.see(noisy(1, time=n / rate))
        assert not detector.frozen
    detector.see(noisy(1, time=FROZEN_AFTER))
    assert detector.frozen
    detector.see(noisy(2, time=FROZEN_AFTER + 1))
    assert not detector.frozen


def test_another_size_is_another_picture() -> None:
    detector = FreezeDetector()
    detector.see(gray_frame(time=0.0, size=Size(64, 16)))
    detector.see(gray_frame(time=FROZEN_AFTER, size=Size(16, 64)))
    assert not detector.frozen


@given(st.floats(2.0, 50.0))
def test_reopening_comes_less_and_less_often(step: float) -> None:
    detector = FreezeDetector()
    times, now = [], 0.0
    while now < 50_000.0:
        detector.see(gray_frame(time=now))
        if detector.worth_reopening():
            times.append(now)
        now += max(step, now / 1000)
    assert times[0] >= REOPEN_AFTER
    pauses = np.diff(times)
    assert (np.diff(pauses) >= -100.0).all()
    assert pauses.max() <= MOST_BETWEEN + 100.0
    assert len(times) < 30


def test_a_picture_that_changed_once_starts_anew() -> None:
    detector = FreezeDetector()
    for time in (0.0, 70.0):
        detector.see(gray_frame(time=time))
    assert [detector.worth_reopening(), detector.worth_reopening()] == [True, False]
    for time in (80.0, 80.0 + REOPEN_AFTER):
        detector.see(gray_frame(time=time, luma=20))
    assert detector.worth_reopening()
