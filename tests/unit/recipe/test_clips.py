import cv2
import numpy as np
import pytest

from models.recipe.clips import SIDE, lossy_pairs
from models.recipe.pairs import Luma, Pair
from tests.unit.sr.pictures import demo_frame


@pytest.fixture(scope="module")
def lumas() -> list[Luma]:
    return [demo_frame(width, 480).y for width in (480, 640)]


@pytest.fixture(scope="module")
def pairs(lumas: list[Luma]) -> list[Pair]:
    return list(lossy_pairs(lumas, 24, seed=7))


def lost(pair: Pair, moved: int = 0) -> float:
    """Mean difference of the small picture to the true one, made small and moved, in levels."""
    true = cv2.resize(pair.high, (SIDE // 2, SIDE // 2), interpolation=cv2.INTER_AREA)
    return float(np.abs(np.roll(true, moved, (0, 1)).astype(float) - pair.low).mean())


def test_what_arrives_is_half_as_large_and_in_its_place(pairs: list[Pair]) -> None:
    for pair in pairs:
        assert (pair.low.shape, pair.high.shape) == ((SIDE // 2, SIDE // 2), (SIDE, SIDE))
        assert lost(pair) < min(lost(pair, -1), lost(pair, 1)), "nearer to the picture moved by a sample"


def test_something_is_lost_in_most_of_them(pairs: list[Pair]) -> None:
    figures = sorted(map(lost, pairs))
    assert figures[0] > 0.1
    assert figures[-1] > 4 * figures[0], f"all alike: {figures[0]:.2f} to {figures[-1]:.2f} levels"


def test_a_seed_makes_the_same_scenes_again(lumas: list[Luma], pairs: list[Pair]) -> None:
    for one, other in zip(pairs, lossy_pairs(lumas, 3, seed=7), strict=False):
        np.testing.assert_array_equal(one.high, other.high)
        assert abs(lost(one) - lost(other)) < 1
