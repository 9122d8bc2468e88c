from pathlib import Path

import numpy as np

from models.recipe.pairs import Pair
from models.recipe.teacher import taught
from tests.unit.recipe.networks import tiny

LOW = np.random.default_rng(5).integers(0, 256, (24, 40), np.uint8)


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
