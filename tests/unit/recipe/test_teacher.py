from pathlib import Path

import numpy as np
import pytest

from edge_vsr.sr.upscaler import BicubicUpscaler
from models.recipe.pairs import Luma, Pair
from models.recipe.teacher import mean_of_eight, taught, turned_back
from tests.unit.recipe.networks import tiny

LOW = np.random.default_rng(5).integers(0, 256, (24, 40), np.uint8)


class Leaning:
    """Makes what is on the left brighter, whatever is there."""

    name = "leaning"
    scale = 1

    def luma(self, y: Luma) -> Luma:
        out = y // 2
        out[:, : y.shape[1] // 2] += 80
        return out


@pytest.mark.parametrize("turns", range(4))
@pytest.mark.parametrize("flip", [False, True])
def test_an_orientation_is_turned_back(turns: int, flip: bool) -> None:
    turned = np.rot90(LOW[:, ::-1] if flip else LOW, turns)
    np.testing.assert_array_equal(turned_back(turned, turns, flip), LOW)


def test_the_mean_of_eight_prefers_no_side() -> None:
    np.testing.assert_array_equal(mean_of_eight(Leaning(), LOW), LOW // 2 + 40)


def test_what_treats_all_sides_alike_is_its_own_mean() -> None:
    off = mean_of_eight(BicubicUpscaler(), LOW).astype(int) - BicubicUpscaler().luma(LOW)
    assert np.abs(off).max() <= 1, "but for rounding"


def test_pairs_are_taught_once_and_keep_what_they_are(tmp_path: Path) -> None:
    pairs = [Pair(LOW, np.zeros((48, 80), np.uint8), scene) for scene in (False, True)]
    recipe = tiny(teacher="ear-s-x2")
    first = taught(pairs, recipe, tmp_path)
    assert [one.scene for one in first] == [False, True]
    assert all(one.low is LOW and one.high.shape == (48, 80) and one.high.std() > 30 for one in first)
    (kept,) = tmp_path.iterdir()
    before = kept.stat().st_mtime_ns
    np.testing.assert_array_equal(taught(pairs, recipe, tmp_path)[0].high, first[0].high)
    assert kept.stat().st_mtime_ns == before


def test_without_a_teacher_pairs_are_what_they_were(tmp_path: Path) -> None:
    pairs = [Pair(LOW, np.zeros((48, 80), np.uint8))]
    assert taught(pairs, tiny(), tmp_path) == pairs
    assert not list(tmp_path.iterdir())
