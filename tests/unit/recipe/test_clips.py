from pathlib import Path

import cv2
import numpy as np
import pytest

from models.recipe.clips import SIDE, lossy_pairs, sent, shrunk
from models.recipe.config import Recipe
from models.recipe.data import Patches
from models.recipe.pairs import Luma, Pair
from tests.unit.recipe.networks import RELEASED
from tests.unit.sr.pictures import demo_frame, noise

VIDEO_RECIPES = sorted(RELEASED.parent.glob("*-video.toml"))


@pytest.fixture(scope="module")
def lumas() -> list[Luma]:
    """The smaller as high as most training pictures."""
    return [demo_frame(width, 512).y for width in (512, 640)]


@pytest.fixture(scope="module", params=sorted(SIDE))
def scale(request: pytest.FixtureRequest) -> int:
    return int(request.param)


@pytest.fixture(scope="module")
def pairs(lumas: list[Luma], scale: int) -> list[Pair]:
    return list(lossy_pairs(lumas, scale, 24, seed=7))


def lost(pair: Pair, moved: int = 0) -> float:
    """Mean difference of the small picture to the true one, made small and moved, in levels."""
    true = cv2.resize(pair.high, pair.low.shape[::-1], interpolation=cv2.INTER_AREA)
    return float(np.abs(np.roll(true, moved, (0, 1)).astype(float) - pair.low).mean())


def test_what_arrives_is_small_and_in_its_place(pairs: list[Pair], scale: int) -> None:
    high = SIDE[scale]
    for pair in pairs:
        assert (pair.low.shape, pair.high.shape) == ((high // scale, high // scale), (high, high))
        assert lost(pair) < min(lost(pair, -1), lost(pair, 1)), "nearer to the picture moved by a sample"


def test_something_is_lost_in_most_of_them(pairs: list[Pair]) -> None:
    figures = sorted(map(lost, pairs))
    assert figures[0] > 0.1
    assert figures[-1] > 4 * figures[0], f"all alike: {figures[0]:.2f} to {figures[-1]:.2f} levels"


def test_most_cameras_are_less_sharp_than_a_photograph(pairs: list[Pair]) -> None:
    def detail(luma: Luma) -> float:
        return float(cv2.Laplacian(luma, cv2.CV_64F).std())

    sharpest = sorted((detail(pair.high) for pair in pairs), reverse=True)
    assert sharpest[len(sharpest) // 2] < 0.7 * sharpest[1], f"all alike: {sharpest}"


def test_a_seed_makes_the_same_scenes_again(lumas: list[Luma], pairs: list[Pair], scale: int) -> None:
    for one, other in zip(pairs, lossy_pairs(lumas, scale, 3, seed=7), strict=False):
        np.testing.assert_array_equal(one.high, other.high)
        assert abs(lost(one) - lost(other)) < 1


def test_area_by_four_is_the_mean_of_sixteen() -> None:
    luma = noise(48, 64)
    means = luma.reshape(12, 4, 16, 4).mean((1, 3))
    assert np.abs(means - shrunk(luma, 4)).max() <= 0.5, "more than rounding"


def test_a_test_picture_arrives_at_its_scale(scale: int) -> None:
    luma = demo_frame(128, 96).y
    arrived = sent(luma, scale)
    assert arrived.shape == (96 // scale, 128 // scale)
    assert 0.1 < np.abs(shrunk(luma, scale).astype(float) - arrived).mean() < 12, "no codec, or another picture"


@pytest.mark.parametrize("file", VIDEO_RECIPES, ids=lambda file: file.stem)
def test_a_clip_holds_the_windows_of_every_video_recipe(lumas: list[Luma], file: Path) -> None:
    recipe = Recipe.load(file)
    assert recipe.lossy
    low, high = Patches(list(lossy_pairs(lumas, recipe.scale, 2, seed=7)), recipe, seed=3).batch(0, 2)
    assert low.shape == (2, 1, recipe.window, recipe.window)
    assert high.shape == (2, 1, recipe.patch * recipe.scale, recipe.patch * recipe.scale)
