from fractions import Fraction

import pytest

from edge_vsr.camera.timeline import FileTimeline, LiveTimeline


def test_network_jitter_is_smoothed_by_the_time_stamps() -> None:
    timeline = LiveTimeline()
    arrivals = [100.00, 100.07, 100.10, 100.16]
    times = [timeline.stamp(n * 0.04, arrival) for n, arrival in enumerate(arrivals)]
    assert times == pytest.approx([100.00, 100.04, 100.08, 100.12])


def test_a_frame_is_never_later_than_its_arrival() -> None:
    timeline = LiveTimeline()
    timeline.stamp(0.0, 100.0)
    assert timeline.stamp(1.0, 100.3) == pytest.approx(100.3)


@pytest.mark.parametrize(
    ("pts", "why"), [(1.0, "stamps began anew"), (95_000.0, "stamps jumped ahead"), (50.3, "stamps fell behind")]
)
def test_stamps_that_disagree_with_the_arrival_are_anchored_anew(pts: float, why: str) -> None:
    timeline = LiveTimeline()
    timeline.stamp(50.0, 100.0)
    assert timeline.stamp(pts, 101.0) == pytest.approx(101.0), why
    assert timeline.stamp(pts + 0.04, 101.05) == pytest.approx(101.04), why


def test_without_stamps_the_arrival_counts() -> None:
    timeline = LiveTimeline()
    assert [timeline.stamp(None, at) for at in (5.0, 5.1)] == [5.0, 5.1]


def test_live_time_always_goes_on() -> None:
    timeline = LiveTimeline()
    times = [timeline.stamp(pts, 100.0) for pts in (0.0, 0.0, -3.0, 9.0)]
    assert times == sorted(set(times)), "times must be strictly increasing"


def test_a_file_keeps_its_uneven_stamps() -> None:
    timeline = FileTimeline(10.0, Fraction(25))
    assert [timeline.stamp(pts, 0.0) for pts in (2.0, 2.04, 2.50)] == pytest.approx([10.0, 10.04, 10.5])


@pytest.mark.parametrize("stamps", [(None, None, None), (0.0, None, None), (0.0, 0.0, -5.0)])
def test_a_file_without_usable_stamps_runs_at_its_rate(stamps: tuple[float | None, ...]) -> None:
    timeline = FileTimeline(10.0, Fraction(20))
    assert [timeline.stamp(pts, 0.0) for pts in stamps] == pytest.approx([10.0, 10.05, 10.1])
