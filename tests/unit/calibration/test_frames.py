"""Few frames, as different as can be."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_vsr.calibration.frames import LARGEST, DiverseFrames, split, window
from edge_vsr.frame import Plane


def stripes(level: int) -> Plane:
    """Frames that are as far apart as their levels, and not flat."""
    plane = np.full((32, 32), level, np.uint8)
    plane[:, :16] += 20
    return plane


def kept(levels: list[int], most: int) -> list[int]:
    found = DiverseFrames(most)
    for level in levels:
        found.offer(stripes(level))
    return [int(frame[0, -1]) for frame in found.ordered()]


@given(st.lists(st.integers(0, 235), max_size=30), st.integers(2, 6))
def test_at_most_so_many_and_no_picture_twice(levels: list[int], most: int) -> None:
    found = kept(levels, most)
    assert len(found) == min(most, len(set(levels)))
    assert len(set(found)) == len(found)
    assert set(found) <= set(levels)


def test_near_ones_make_room_for_far_ones() -> None:
    assert set(kept([100, 101, 102, 103, 0, 200], 3)) & {0, 200} == {0, 200}


def test_the_order_begins_with_those_that_are_farthest_apart() -> None:
    assert set(kept([50, 60, 200, 10], 4)[:2]) == {10, 200}
    assert set(kept([50, 60, 200, 10], 4)[2:3]) <= {50, 60}


@pytest.mark.parametrize("level", [0, 16, 255])
def test_what_shows_nothing_is_not_taken(level: int) -> None:
    found = DiverseFrames(4)
    night = np.clip(np.random.default_rng(1).normal(level, 1.5, (64, 64)), 0, 255).astype(np.uint8)
    for frame in (np.full((64, 64), level, np.uint8), night):
        found.offer(frame)
    assert (len(found), found.offered, found.flat) == (0, 2, 2)


def test_of_a_large_frame_one_window_after_the_other_is_kept() -> None:
    large = np.arange(1080 * 1920, dtype=np.uint32).reshape(1080, 1920)
    corners = {int(window(large, number)[0, 0]) for number in range(5)}  # type: ignore[arg-type]
    assert len(corners) == 5
    assert {window(large, number).shape for number in range(5)} == {(LARGEST.height, LARGEST.width)}  # type: ignore[arg-type]
    small = stripes(3)
    np.testing.assert_array_equal(window(small, 1), small)


@given(st.integers(4, 40))
def test_a_quarter_is_held_back(count: int) -> None:
    frames = [np.full((1, 1), i, np.uint8) for i in range(count)]
    used, held_back = split(frames)
    assert len(held_back) == count // 4
    assert sorted(int(one[0, 0]) for one in used + held_back) == list(range(count))
