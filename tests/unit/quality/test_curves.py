import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docs.quality.curves import Curve, Point, bd_rate, by_vmaf, crossing

RATES = (50.0, 100.0, 200.0, 400.0, 800.0)


def curve(at_100: float, an_octave: float, *, rates: tuple[float, ...] = RATES, times: float = 1.0) -> Curve:
    """Quality that rises evenly with the logarithm of the rate; `times` as many bits for it."""
    qualities = [at_100 + an_octave * math.log2(rate / 100) for rate in rates]
    return tuple(Point(rate * times, quality, 2 * quality) for rate, quality in zip(rates, qualities, strict=True))


@given(st.floats(0.2, 5.0))
def test_as_many_times_the_bits_are_so_many_percent(times: float) -> None:
    assert bd_rate(curve(30, 2), curve(30, 2, times=times)) == pytest.approx((times - 1) * 100, abs=0.01)


def test_the_measure_is_asked_and_not_another() -> None:
    better = tuple(Point(one.kbits, one.psnr, one.vmaf + 4) for one in curve(30, 2))
    assert bd_rate(curve(30, 2), better) == pytest.approx(0)
    assert bd_rate(curve(30, 2), better, by_vmaf) == pytest.approx(-50, abs=0.01)


def test_curves_that_do_not_overlap_cannot_be_compared() -> None:
    assert math.isnan(bd_rate(curve(30, 1), curve(60, 1)))


def test_order_and_repeated_points_do_not_matter() -> None:
    mixed = (*reversed(curve(31, 2)), curve(31, 2)[2])
    assert bd_rate(curve(30, 2), mixed) == pytest.approx(bd_rate(curve(30, 2), curve(31, 2)))


@given(st.floats(60, 700))
def test_full_size_wins_where_the_curves_cross(kbits: float) -> None:
    small = curve(30, 1)
    full = curve(30 - math.log2(kbits / 100), 2)
    found = crossing(small, full)
    assert found.known == "at"
    assert found.kbits == pytest.approx(kbits, rel=0.01)


@pytest.mark.parametrize(("full", "known", "kbits"), [(curve(31, 1), "below", 50), (curve(29, 1), "above", 800)])
def test_curves_that_do_not_cross_tell_where_they_end(full: Curve, known: str, kbits: float) -> None:
    found = crossing(curve(30, 1), full)
    assert found.known == known
    assert found.kbits == pytest.approx(kbits)


def test_the_last_crossing_counts() -> None:
    small = curve(30, 1)
    full = tuple(Point(one.kbits, one.psnr + gain, 0) for one, gain in zip(small, (1, -1, -1, 1, 1), strict=True))
    assert 200 < crossing(small, full).kbits < 400
