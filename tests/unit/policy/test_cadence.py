import itertools
import random
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_vsr.policy.cadence import LONGEST_GAP, Cadence, Cut, longest_segment
from edge_vsr.rung import SEGMENT_SECONDS, Rung

RATES = st.floats(0.5, 120.0)


def cuts(times: list[float], cadence: Cadence | None = None) -> list[Cut]:
    """What each frame does."""
    cadence = cadence or Cadence()
    found = []
    for time in times:
        cadence, cut = cadence.step(time)
        found.append(cut)
    return found


def segments(times: list[float], cadence: Cadence | None = None) -> list[list[float]]:
    """The frames' times, segment by segment."""
    found: list[list[float]] = []
    for time, cut in zip(times, cuts(times, cadence), strict=True):
        if cut is not Cut.NONE:
            found.append([])
        found[-1].append(time)
    return found


@st.composite
def jittered(draw: st.DrawFn) -> tuple[float, list[float]]:
    """The interval and the times of a camera that delivers up to a fifth of an interval early or late."""
    interval = 1 / draw(RATES)
    rng = random.Random(draw(st.integers(0, 1000)))
    return interval, [1000.0 + (n + rng.uniform(-0.2, 0.2)) * interval for n in range(int(9 / interval))]


@given(RATES, st.floats(0.0, 1e6))
def test_segments_last_two_seconds_at_any_rate(rate: float, start: float) -> None:
    times = [start + n / rate for n in range(int(12 * rate) + 2)]
    begins = [segment[0] for segment in segments(times, Cadence.at_rate(Fraction(rate)))]
    for before, after in itertools.pairwise(begins):
        assert after - before == pytest.approx(SEGMENT_SECONDS, abs=1 / rate + 1e-6)
    # Late frames do not add up: the grid is kept over the whole stream.
    assert begins[-1] - begins[0] == pytest.approx(SEGMENT_SECONDS * (len(begins) - 1), abs=1 / rate + 1e-6)


@given(jittered())
def test_no_frame_is_lost_and_no_segment_is_too_long(stream: tuple[float, list[float]]) -> None:
    interval, times = stream
    found = segments(times, Cadence.at_rate(Fraction(1 / interval)))
    assert list(itertools.chain(*found)) == times
    for segment, following in itertools.pairwise(found):
        # It begins half an interval early at most, and ends a whole one late, less half of the one before.
        assert following[0] - segment[0] <= SEGMENT_SECONDS + 2.0 * interval + 1e-6


@given(jittered())
def test_jitter_starts_no_new_stream(stream: tuple[float, list[float]]) -> None:
    interval, times = stream
    found = cuts(times, Cadence.at_rate(Fraction(1 / interval)))
    assert [n for n, cut in enumerate(found) if cut is Cut.STREAM] == [0]


@given(RATES, st.lists(st.floats(0.0, 8.0), min_size=1, max_size=40))
def test_no_segment_is_longer_than_foretold_whatever_is_lost(rate: float, intervals: list[float]) -> None:
    cadence, times = Cadence.at_rate(Fraction(rate)), list(itertools.accumulate(intervals, initial=7.0))
    begun = times[0]
    for time, cut in zip(times, cuts(times, cadence), strict=True):
        if cut is not Cut.STREAM:
            assert time - begun <= longest_segment(Rung.LOW, Fraction(rate)) + 1e-6
        if cut is not Cut.NONE:
            begun = time


def test_where_stills_are_sent_segments_are_as_long_as_they() -> None:
    assert longest_segment(Rung.STILL, Fraction(25)) == 10.0
    assert longest_segment(Rung.NATIVE, Fraction(25)) == 4.0
    assert longest_segment(Rung.STILL, Fraction(1, 10)) == 32.0


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=50))
def test_any_times_at_all_give_one_step_each_and_begin_a_stream(times: list[float]) -> None:
    found = cuts(times)
    assert len(found) == len(times)
    assert found[0] is Cut.STREAM


@pytest.mark.parametrize("jump", [LONGEST_GAP + 0.01, 3600.0, -0.04, -3600.0])
def test_a_gap_and_a_jump_back_start_a_new_stream(jump: float) -> None:
    assert cuts([10.0, 10.04, 10.04 + jump, 10.08 + jump]) == [Cut.STREAM, Cut.NONE, Cut.STREAM, Cut.NONE]


def test_a_short_outage_does_not_start_a_new_stream() -> None:
    assert Cut.STREAM not in cuts([0.0, 0.04, 1.9, 1.94, 3.9])[1:]


def test_a_slow_camera_s_interval_is_no_gap() -> None:
    rate = Fraction(1, 10)
    times = [10.0 * n for n in range(4)]
    assert cuts(times, Cadence.at_rate(rate)) == [Cut.STREAM, *[Cut.SEGMENT] * 3]
    assert cuts([0.0, 31.0], Cadence.at_rate(rate)) == [Cut.STREAM, Cut.STREAM]


def test_two_frames_of_one_time_stay_together() -> None:
    assert cuts([5.0, 5.0, 5.04]) == [Cut.STREAM, Cut.NONE, Cut.NONE]


def test_a_frame_just_before_the_grid_belongs_to_the_next_segment() -> None:
    assert cuts([0.0, 0.999, 1.999])[-1] is Cut.SEGMENT
