from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_vsr.errors import InputError
from edge_vsr.frame import Frame, Group, Plane, Size
from edge_vsr.restoring.ahead import AHEAD, MOST, looking_ahead, settled
from tests.unit.restoring.videos import frame

SIZE = Size(192, 96)
STEP = 32.0
"""Of H.264 at a parameter of 34."""
GROUP = Group(STEP)
SCENE = frame(0, SIZE).y


def coded(y: Plane, number: int = 0) -> Frame:
    return replace(frame(number, SIZE), y=y, group=GROUP)


def rough(seed: int, levels: float) -> Plane:
    """The scene, as a quantizer leaves it: wrong by so much, and right in the mean."""
    wrong = np.random.default_rng(seed).normal(0, levels, SCENE.shape)
    return np.asarray(np.clip(np.rint(SCENE + wrong), 0, 255), np.uint8)


def error(y: Plane, top: int = 0) -> float:
    """Mean square, from a row on."""
    return float(np.mean((y.astype(float) - SCENE)[top:] ** 2))


def still_scene(count: int = AHEAD[-1] + 1) -> list[Frame]:
    """Nearer to the scene with every frame."""
    return [coded(rough(number, 2.0 * (1 - number / count)), number) for number in range(count)]


@given(st.integers(0, 30))
def test_every_frame_comes_once_in_order(count: int) -> None:
    frames = [coded(rough(number, 2.0), number) for number in range(count)]
    assert [one.number for one in looking_ahead(frames)] == list(range(count))


def test_what_stands_still_is_shown_as_it_becomes() -> None:
    frames = still_scene()
    assert error(settled(frames)) < 0.1 * error(frames[0].y)


def test_nothing_is_looked_for_where_it_is_not_known_how_coarsely_it_was_coded() -> None:
    frames = [replace(one, group=None) for one in still_scene()]
    assert settled(frames) is frames[0].y


@given(st.integers(0, 99))
def test_what_moves_everywhere_stays_what_it_is(seed: int) -> None:
    rng = np.random.default_rng(seed)
    frames = [coded(rng.integers(0, 256, SCENE.shape, np.uint8), number) for number in range(AHEAD[-1] + 1)]
    assert settled(frames) is frames[0].y


@given(st.integers(0, SIZE.width - 24), st.integers(2, 6))
def test_what_moves_across_is_where_it_was(left: int, speed: int) -> None:
    frames = []
    for number, one in enumerate(still_scene()):
        y = one.y.copy()
        at = (left + speed * number) % SIZE.width
        y[8:32, at : at + 24] = 235
        frames.append(replace(one, y=y))
    shown = settled(frames)
    changed = np.abs(shown.astype(int) - frames[0].y)[8:32, left : left + 24].max()
    assert changed <= MOST * STEP, "it has left its place too early"
    assert error(shown, 72) < 0.2 * error(frames[0].y, 72), "far from its way everything stands still"


def test_what_has_no_detail_is_left_alone_while_the_camera_moves() -> None:
    sky = rough(0, 0.5)
    frames = []
    for number, one in enumerate(still_scene()):
        y = np.roll(SCENE, 9 * number, 1)
        y[:16] = np.where(number, one.y, sky)[:16]
        frames.append(coded(y, number))
    assert settled(frames) is frames[0].y


def test_light_that_changes_is_no_finer_quantizer() -> None:
    frames = [coded(np.asarray(SCENE + np.uint8(number), np.uint8), number) for number in range(AHEAD[-1] + 1)]
    assert settled(frames) is frames[0].y


def test_what_has_moved_once_is_not_looked_for_behind_that() -> None:
    frames = still_scene()
    frames[AHEAD[0]] = coded(np.full_like(SCENE, 16), AHEAD[0])
    assert settled(frames) is frames[0].y


def test_the_next_keyframe_begins_anew() -> None:
    first, *behind = still_scene()
    assert settled([first, *(replace(one, group=Group(STEP)) for one in behind)]) is first.y


def test_a_picture_of_another_size_is_none_of_what_follows() -> None:
    first, *behind = still_scene()
    others = [replace(frame(one.number), group=GROUP) for one in behind]
    assert settled([first, *others]) is first.y


def test_a_freeze_stays_one() -> None:
    frozen = still_scene()[0]
    frames = [replace(frozen, number=number, time=number / 25) for number in range(5)]
    frames += [replace(one, number=one.number + 5, time=one.time + 0.2) for one in still_scene()]
    shown = list(looking_ahead(frames))
    assert all(one.y is shown[0].y for one in shown[:5]), "each of its frames would be restored"
    assert shown[0].y is not frozen.y


def test_what_came_before_an_error_is_given() -> None:
    def broken() -> Iterator[Frame]:
        yield from still_scene(5)
        raise InputError("it breaks off")

    given: list[Frame] = []
    with pytest.raises(InputError, match="breaks off"):
        given.extend(one for one in looking_ahead(broken()))
    frames = looking_ahead(broken())
    assert [next(frames).number for _ in range(5)] == list(range(5))


@given(st.integers(1, 40), st.integers(1, 40))
def test_pictures_of_any_size(height: int, width: int) -> None:
    size = Size(width, height)
    frames = [replace(frame(0, size), group=GROUP) for _ in range(AHEAD[-1] + 1)]
    np.testing.assert_array_equal(settled(frames), frames[0].y)
