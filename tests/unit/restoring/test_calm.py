import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_vsr.frame import Plane
from edge_vsr.restoring.calm import SMALL, Calm
from edge_vsr.restoring.steady import BAND

CODED = np.zeros((2 * BAND, 24), np.uint8)


def level(value: int) -> Plane:
    return np.full(CODED.shape, value, np.uint8)


def shown(*levels: int) -> list[int]:
    """Of frames that settle at these, all alike."""
    calm = Calm()
    return [int(calm.luma(CODED, level(value))[BAND, 3]) for value in levels]


@given(st.lists(st.integers(0, 255), min_size=1, max_size=12))
def test_it_is_never_farther_than_a_small_change_from_what_is_settled(levels: list[int]) -> None:
    assert all(abs(one - value) <= SMALL for one, value in zip(shown(*levels), levels, strict=True))


def test_what_goes_to_and_fro_by_a_level_stands_still() -> None:
    assert shown(*[100, 101] * 10) == [100] * 20


def test_a_small_change_that_lasts_is_shown_in_the_end() -> None:
    levels = shown(100, *[102] * 8)
    assert levels == sorted(levels)
    assert levels[-1] == 102


@pytest.mark.parametrize("row", [0, BAND - 1, BAND, 2 * BAND - 1])
def test_a_large_change_is_shown_at_once_with_what_is_around_it(row: int) -> None:
    calm, after = Calm(), level(101)
    after[row, 12] = 200
    calm.luma(CODED, level(100))
    made = calm.luma(CODED, after)
    assert made[row, 12] == 200
    assert made[row, 11] == made[row, 13] == 101
    assert made[row, 3] == 100


def test_what_moves_everywhere_is_what_was_coded() -> None:
    calm, coded = Calm(), level(101)
    calm.luma(CODED, level(100))
    assert calm.luma(coded, coded) is coded


def test_pictures_may_change_their_size() -> None:
    calm, other = Calm(), np.full((7, 9), 101, np.uint8)
    calm.luma(CODED, level(100))
    np.testing.assert_array_equal(calm.luma(np.zeros_like(other), other), other)
