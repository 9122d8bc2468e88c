import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_vsr.frame import Plane
from edge_vsr.restoring.steady import AROUND, BAND, Steady
from edge_vsr.sr.upscaler import enlarge

SIZES = st.tuples(st.integers(1, 80), st.integers(1, 24))


def luma(seed: int, size: tuple[int, int] = (40, 24)) -> Plane:
    return np.random.default_rng(seed).integers(0, 256, size, np.uint8)


def restored(y: Plane, seed: int, most: int = 40) -> Plane:
    """What a network might make of `y`: up to `most` levels beside bicubic."""
    below = enlarge(y, 2 * y.shape[1], 2 * y.shape[0]).astype(np.int16)
    added = np.random.default_rng(seed).integers(-most, most + 1, below.shape)
    return np.asarray(np.clip(below + added, 0, 255), np.uint8)


@given(SIZES, st.integers(0, 99))
def test_the_first_frame_is_what_the_network_made(size: tuple[int, int], seed: int) -> None:
    y = luma(seed, size)
    made = restored(y, seed)
    assert Steady().luma(y, made) is made


@given(SIZES, st.integers(0, 99))
def test_what_changes_everywhere_is_what_the_network_made(size: tuple[int, int], seed: int) -> None:
    steady, before = Steady(), luma(seed, size)
    after = np.asarray(before + np.uint8(1), np.uint8)
    made = restored(after, seed + 1)
    steady.luma(before, restored(before, seed))
    np.testing.assert_array_equal(steady.luma(after, made), made)


@given(SIZES, st.integers(0, 99))
def test_bicubic_stays_bicubic(size: tuple[int, int], seed: int) -> None:
    steady = Steady()
    for number in range(3):
        y = luma(seed, size)
        y[: size[0] // 2] += np.uint8(number)
        below = enlarge(y, 2 * size[1], 2 * size[0])
        np.testing.assert_array_equal(steady.luma(y, below), below)


def test_what_stands_still_drifts_a_tenth_of_the_way() -> None:
    steady, y = Steady(), np.full((70, 20), 100, np.uint8)
    steady.luma(y, np.full((140, 40), 100, np.uint8))
    shown = [int(steady.luma(y, np.full((140, 40), 140, np.uint8))[70, 20]) for _ in range(60)]
    assert shown[:3] == [104, 108, 111]
    assert shown[-1] == pytest.approx(140, abs=1), "it never gets there"
    assert shown == sorted(shown)


@pytest.mark.parametrize("row", [0, BAND // 2 - 1, BAND // 2, 39])
def test_a_change_is_shown_at_once_with_what_is_around_it(row: int) -> None:
    steady, y = Steady(), np.full((40, 24), 100, np.uint8)
    steady.luma(y, np.full((80, 48), 100, np.uint8))
    moved = y.copy()
    moved[row, 12] = 101
    made = np.asarray(enlarge(moved, 48, 80) + np.uint8(50), np.uint8)
    at_once = steady.luma(moved, made) == made
    expected = np.zeros((40, 24), np.bool_)
    expected[max(0, row - AROUND) : row + AROUND + 1, 12 - AROUND : 13 + AROUND] = True
    np.testing.assert_array_equal(at_once, expected.repeat(2, 0).repeat(2, 1))


def test_another_size_begins_anew() -> None:
    steady = Steady()
    for size in ((8, 8), (12, 8), (8, 8)):
        y = luma(1, size)
        made = restored(y, 2)
        assert steady.luma(y, made) is made
