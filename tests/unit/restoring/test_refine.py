import cv2
import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from edge_vsr.frame import Plane
from edge_vsr.restoring.flow import Follower, Levels
from edge_vsr.restoring.refine import MOST, MOVING, STANDING, refined, stands
from tests.unit.sr.pictures import noise

STEP = 32.0
"""Of H.264 at a parameter of 34."""
_SMOOTH = cv2.GaussianBlur(noise(96, 192), (0, 0), 2.0).astype(np.float32)
SCENE = np.asarray(np.interp(_SMOOTH, (_SMOOTH.min(), _SMOOTH.max()), (0, 255)), np.uint8)
"""Detail everywhere."""
INSIDE = np.s_[16:-16, 16:-16]


def rough(levels: float, scene: Plane = SCENE) -> Plane:
    """The scene as a quantizer leaves it: wrong by so much, and right in the mean."""
    wrong = np.random.default_rng(1).normal(0, levels, scene.shape)
    return np.asarray(np.clip(np.rint(scene + wrong), 0, 255), np.uint8)


def error(y: Levels) -> float:
    return float(np.mean((y - SCENE)[INSIDE] ** 2))


def gone(now: Plane, known: Levels, made: Levels) -> float:
    """The part of the way, in the median."""
    change = known - now
    return float(np.median((made - now)[change != 0] / change[change != 0]))


def test_what_stands_still_becomes_nearly_what_is_known() -> None:
    now, known = rough(4.0), SCENE.astype(np.float32)
    made = refined(now, known, None, STEP)
    np.testing.assert_allclose(gone(now, known, made), STANDING, atol=0.02)
    assert error(made) < 0.02 * error(now.astype(np.float32))


def test_what_moves_is_refined_along_its_way() -> None:
    later = np.roll(SCENE, (2, 6), (0, 1))
    now = rough(4.0)
    flow = Follower().flow(SCENE, later)
    made = refined(now, later.astype(np.float32), flow, STEP)
    assert error(made) < 1.3 * (1 - MOVING) ** 2 * error(now.astype(np.float32))


def test_what_is_not_found_again_stays() -> None:
    now, other = rough(1.0), 255 - SCENE
    flow = Follower().flow(now, other)
    for way in (None, flow):
        changed = np.abs(refined(now, other.astype(np.float32), way, STEP) - now)
        assert changed.mean() < 1, f"{changed.mean():.2f} levels of {np.abs(other.astype(int) - now).mean():.0f}"


def test_faint_detail_that_is_another_stays() -> None:
    faint = np.asarray(100 + SCENE // 5, np.uint8)
    other = np.roll(faint, (40, 60), (0, 1)).astype(np.float32)
    changed = np.abs(refined(faint, other, None, STEP) - faint)
    assert changed.mean() < 0.1 * np.abs(other - faint).mean()


def test_light_that_changes_is_gone_along_with_by_no_more_than_what_moves() -> None:
    now = SCENE
    made = refined(now, now + np.float32(0.1 * STEP), None, STEP)
    assert gone(now, now + np.float32(0.1 * STEP), made) < MOVING + 0.01


@given(arrays(np.uint8, (40, 48)), arrays(np.uint8, (40, 48)), st.floats(1, 200))
def test_no_sample_changes_by_more_than_the_quantizer_can_have_made(now: Plane, known: Plane, step: float) -> None:
    made = refined(now, known.astype(np.float32), Follower().flow(now, known), step)
    assert np.abs(made - now).max() <= MOST * step * 1.001


@given(st.integers(1, 40), st.integers(1, 40))
def test_planes_of_any_size(height: int, width: int) -> None:
    plane = noise(height, width)
    np.testing.assert_array_equal(refined(plane, plane.astype(np.float32), None, STEP), plane)


def test_motion_is_looked_for_where_something_changes() -> None:
    finer = rough(1.0)
    assert stands(SCENE, SCENE, STEP)
    assert stands(SCENE, finer, STEP)
    there = finer.copy()
    there[40:56, 40:56] = 255 - there[40:56, 40:56]
    assert not stands(SCENE, there, STEP)
