from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge_vsr.errors import InputError
from edge_vsr.frame import Frame, Group, Plane, Size
from edge_vsr.restoring.ahead import AHEAD, CHUNK, WAITING, looking_ahead
from tests.unit.restoring.videos import frame

SIZE = Size(192, 96)
GROUP = Group(32.0)
"""As H.264 has it at a parameter of 34."""
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


def still_scene(count: int = AHEAD + 1) -> list[Frame]:
    """Nearer to the scene with every frame."""
    return [coded(rough(number, 4.0 * (1 - number / count)), number) for number in range(count)]


def shown(frames: Sequence[Frame]) -> list[Plane]:
    return [one.y for one in looking_ahead(frames)]


@settings(deadline=None)
@given(st.integers(0, 3 * WAITING))
def test_every_frame_comes_once_in_order(count: int) -> None:
    frames = [replace(frame(number), group=GROUP) for number in range(count)]
    assert [one.number for one in looking_ahead(frames)] == list(range(count))


def test_frames_come_as_soon_as_enough_is_known() -> None:
    taken: list[int] = []

    def source() -> Iterator[Frame]:
        for one in still_scene(WAITING + 1):
            taken.append(one.number)
            yield one

    frames = looking_ahead(source())
    assert [next(frames).number for _ in range(CHUNK)] == list(range(CHUNK))
    assert len(taken) == WAITING


def test_what_stands_still_is_shown_as_it_becomes() -> None:
    frames = still_scene()
    assert error(shown(frames)[0]) < 0.1 * error(frames[0].y)


def test_it_is_known_across_what_is_given_at_a_time() -> None:
    frames = still_scene(CHUNK + AHEAD + 4)
    errors = [error(y) for y in shown(frames)]
    assert max(errors[:-AHEAD]) < 0.2 * error(frames[0].y), "one of them was not refined by those behind it"


def test_nothing_is_looked_for_where_it_is_not_known_how_coarsely_it_was_coded() -> None:
    frames = [replace(one, group=None) for one in still_scene()]
    assert all(y is one.y for y, one in zip(shown(frames), frames, strict=True))


def test_the_last_frame_is_what_it_is() -> None:
    frames = still_scene()
    assert shown(frames)[-1] is frames[-1].y


def test_another_scene_in_the_same_group_is_left_alone() -> None:
    frames = [*still_scene(3), coded(255 - SCENE, 3)]
    assert np.abs(shown(frames)[2].astype(int) - frames[2].y).mean() < 1


@settings(deadline=None)
@given(st.integers(0, SIZE.width - 24), st.integers(2, 6))
def test_what_moves_across_is_where_it_was(left: int, speed: int) -> None:
    frames = []
    for number, one in enumerate(still_scene()):
        y = one.y.copy()
        at = (left + speed * number) % (SIZE.width - 24)
        y[8:32, at : at + 24] = 235
        frames.append(replace(one, y=y))
    first = shown(frames)[0]
    changed = np.abs(first.astype(int) - frames[0].y)[8:32, left % (SIZE.width - 24) :][:, :24]
    assert changed.mean() < 6, "it has left its place too early"
    assert error(first, 72) < 0.2 * error(frames[0].y, 72), "far from its way everything stands still"


def test_the_next_keyframe_begins_anew() -> None:
    first, *behind = still_scene()
    assert shown([first, *(replace(one, group=Group(32.0)) for one in behind)])[0] is first.y


def test_a_picture_of_another_size_is_none_of_what_follows() -> None:
    first, *behind = still_scene()
    assert shown([first, *(replace(frame(one.number), group=GROUP) for one in behind)])[0] is first.y


@pytest.mark.parametrize("count", [5, WAITING + 5])
def test_a_freeze_stays_one(count: int) -> None:
    frozen = still_scene()[0]
    frames = [replace(frozen, number=number, time=number / 25) for number in range(count)]
    frames += [replace(one, number=one.number + count, time=one.time + count / 25) for one in still_scene()]
    lumas = shown(frames)
    assert all(y is lumas[0] for y in lumas[:count]), "each of its frames would be restored"
    assert count > CHUNK or lumas[0] is not frozen.y


def test_what_came_before_an_error_is_given() -> None:
    def broken() -> Iterator[Frame]:
        yield from still_scene(5)
        raise InputError("it breaks off")

    given: list[Frame] = []
    with pytest.raises(InputError, match="breaks off"):
        given.extend(one for one in looking_ahead(broken()))
    frames = looking_ahead(broken())
    assert [next(frames).number for _ in range(5)] == list(range(5))


@settings(deadline=None)
@given(st.integers(1, 80), st.integers(1, 80))
def test_pictures_of_any_size(height: int, width: int) -> None:
    size = Size(width, height)
    frames = [replace(frame(number, size), group=GROUP) for number in range(3)]
    assert [y.shape for y in shown(frames)] == [(height, width)] * 3
