import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_vsr.bench.times import Times, ratio

SECONDS = st.lists(st.floats(1e-5, 10), min_size=1, max_size=50)


@given(SECONDS)
def test_percentiles_are_in_order_and_within_the_times(seconds: list[float]) -> None:
    times = Times.of(seconds)
    order = [times.least, times.p25, times.p50, times.p75, times.p90, times.p99, times.most]
    assert order == sorted(order)
    assert times.least == pytest.approx(1000 * min(seconds), abs=1e-3)
    assert times.most == pytest.approx(1000 * max(seconds), abs=1e-3)
    assert times.frames == len(seconds)
    assert times.fps == pytest.approx(len(seconds) / sum(seconds), rel=0.01)


def test_no_times_are_an_error() -> None:
    with pytest.raises(ValueError, match="no times"):
        Times.of([])


@given(SECONDS, SECONDS)
def test_a_ratio_and_its_reverse_are_each_other_s_inverse(some: list[float], others: list[float]) -> None:
    there, back = ratio(Times.of(some), Times.of(others)), ratio(Times.of(others), Times.of(some))
    assert there is not None
    assert back is not None
    assert there.least <= there.middle <= there.most
    assert there.middle * back.middle == pytest.approx(1)
    assert there.least * back.most == pytest.approx(1)
    assert there.certain == back.certain


@given(SECONDS)
def test_nothing_differs_from_itself(seconds: list[float]) -> None:
    same = ratio(Times.of(seconds), Times.of(seconds))
    assert same is not None
    assert not same.certain


def test_twice_the_time_is_a_certain_difference() -> None:
    slower = ratio(Times.of([0.010] * 9), Times.of([0.020] * 9))
    assert slower is not None
    assert (slower.middle, slower.certain) == (2.0, True)


def test_widely_spread_times_are_noisy() -> None:
    assert not Times.of([0.010, 0.0101, 0.0102, 0.011]).noisy
    assert Times.of([0.010, 0.010, 0.020, 0.030]).noisy
