import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_vsr.codec.appetite import (
    COARSEST,
    FINEST,
    HALVING,
    LEAST_APPETITE,
    appetite_after,
    crf_for,
    usual_appetite,
)
from edge_vsr.frame import Size

rates = st.floats(1, 10_000)
crfs = st.integers(FINEST, COARSEST)


@given(rates, rates, st.floats(-1, 1))
def test_quality_falls_with_fewer_bits_and_with_a_debt(kbits: float, appetite: float, fullness: float) -> None:
    crf = crf_for(kbits, appetite, fullness)
    assert FINEST <= crf <= COARSEST
    assert crf_for(kbits / 2, appetite, fullness) >= crf
    assert crf_for(kbits, appetite, fullness - 0.5) >= crf
    assert crf_for(kbits, 2 * appetite, fullness) >= crf


@given(rates, crfs)
def test_a_scene_that_stays_the_same_keeps_to_its_bits(kbits: float, crf: int) -> None:
    """Its appetite is known after one segment that took more than was thought."""
    appetite = appetite_after(LEAST_APPETITE, kbits, crf)
    chosen = crf_for(kbits, appetite, 1.0)
    took = appetite * 2 ** ((COARSEST - chosen) / HALVING)
    assert took <= kbits or chosen == COARSEST


@given(rates, rates, crfs)
def test_more_is_believed_at_once_and_less_by_half(before: float, kbits: float, crf: int) -> None:
    found = max(LEAST_APPETITE, kbits * 2 ** ((crf - COARSEST) / HALVING))
    expected = found if found > before else (before + found) / 2
    assert appetite_after(before, kbits, crf) == pytest.approx(expected)


def test_a_still_wants_less_than_a_moving_picture_and_a_larger_one_more() -> None:
    moving, still = usual_appetite(Size(640, 360), 15.0, 2.0), usual_appetite(Size(640, 360), 0.1, 10.0)
    assert still < moving < usual_appetite(Size(1280, 720), 15.0, 2.0)
