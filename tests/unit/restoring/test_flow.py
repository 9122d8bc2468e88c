import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_vsr.frame import Plane
from edge_vsr.restoring.flow import LEAST_SIDE, SMALLER, Follower, followed
from tests.unit.sr.pictures import noise

SCENE = np.asarray(cv2.GaussianBlur(noise(128, 192), (0, 0), 2.0), np.uint8)
"""Detail everywhere."""
INSIDE = np.s_[16:-16, 16:-16]


def moved(right: float, down: float) -> Plane:
    matrix = np.array([[1, 0, right], [0, 1, down]], np.float64)
    size = SCENE.shape[::-1]
    return np.asarray(
        cv2.warpAffine(SCENE, matrix, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT), np.uint8
    )


@pytest.mark.parametrize(("right", "down"), [(0, 0), (3, 0), (-5, 2), (0.5, -1.5), (7, 7)])
def test_motion_is_found_in_samples_of_the_plane(right: float, down: float) -> None:
    flow = Follower().flow(SCENE, moved(right, down))
    assert flow is not None
    assert flow.shape == (SCENE.shape[0] // SMALLER, SCENE.shape[1] // SMALLER, 2)
    np.testing.assert_allclose(np.median(flow[INSIDE], (0, 1)), (right, down), atol=0.15)


@pytest.mark.parametrize(("right", "down"), [(3, 0), (-5, 2), (7, 7)])
def test_what_moved_is_seen_in_its_old_place(right: float, down: float) -> None:
    later = moved(right, down)
    flow = Follower().flow(SCENE, later)
    assert flow is not None
    before, after = (
        np.abs(one.astype(float) - SCENE)[INSIDE].mean() for one in (later, followed(later.astype(np.float32), flow))
    )
    assert after < 0.15 * before


@given(st.integers(1, 80), st.integers(1, 80))
def test_planes_of_any_size(height: int, width: int) -> None:
    plane = noise(height, width)
    flow = Follower().flow(plane, plane)
    assert (flow is None) == (min(height, width) // SMALLER < LEAST_SIDE)
    if flow is not None:
        np.testing.assert_array_equal(followed(plane.astype(np.float32), flow), plane)


def test_the_border_goes_on_beyond_itself() -> None:
    flow = np.full((64, 96, 2), (1000, 0), np.float16)
    seen = followed(SCENE.astype(np.float32), flow)
    np.testing.assert_array_equal(seen, np.repeat(SCENE[:, -1:], SCENE.shape[1], 1))
