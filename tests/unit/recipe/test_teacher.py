import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np

from edge_vsr.sr.store import MANIFEST
from models.recipe.pairs import Luma, Pair
from models.recipe.record import STORE
from models.recipe.teacher import OWN_STORE, taught
from tests.unit.recipe.networks import tiny

LOW = np.random.default_rng(5).integers(0, 256, (24, 40), np.uint8)
HIGH = np.zeros((48, 80), np.uint8)


def lesson(runs: Path, *teachers: str, high: Luma = HIGH, **changes: Any) -> Luma:
    """What a recipe with these teachers and `changes` is to make of LOW."""
    return taught([Pair(LOW, high)], tiny(teachers=teachers, **changes), runs)[0].high


def a_run(runs: Path, name: str, model: str) -> None:
    """A run called `name`, whose network is that of a released model."""
    own = runs / name / OWN_STORE
    own.mkdir(parents=True)
    shutil.copytree(STORE / model, own / model)
    released = json.loads((STORE / MANIFEST).read_text())
    entry = next(entry for entry in released["models"] if entry["name"] == model)
    (own / MANIFEST).write_text(json.dumps({**released, "models": [{**entry, "name": name}]}))


def test_pairs_are_taught_once_and_keep_what_they_are(tmp_path: Path) -> None:
    pairs = [Pair(LOW, HIGH, scene) for scene in (False, True)]
    recipe = tiny(teachers=["ear-s-x2"])
    first = taught(pairs, recipe, tmp_path)
    assert [one.scene for one in first] == [False, True]
    assert all(one.low is LOW and one.high.shape == (48, 80) and one.high.std() > 30 for one in first)
    (kept,) = tmp_path.iterdir()
    before = kept.stat().st_mtime_ns
    np.testing.assert_array_equal(taught(pairs, recipe, tmp_path)[0].high, first[0].high)
    assert kept.stat().st_mtime_ns == before


def test_other_pictures_are_taught_anew(tmp_path: Path) -> None:
    recipe = tiny(teachers=["ear-s-x2"])
    one, other = (taught([Pair(low, HIGH)], recipe, tmp_path)[0].high for low in (LOW, 255 - LOW))
    assert (one != other).any(), "the first one's lesson was kept for another picture"


def test_without_a_teacher_pairs_are_what_they_were(tmp_path: Path) -> None:
    pairs = [Pair(LOW, HIGH)]
    assert taught(pairs, tiny(), tmp_path) == pairs
    assert not list(tmp_path.iterdir())


def test_two_teachers_are_heard_alike(tmp_path: Path) -> None:
    one, other = (lesson(tmp_path, name).astype(float) for name in ("ear-s-x2", "ear-m-x2"))
    assert np.abs(one - other).max() > 2, "no two opinions to tell apart"
    both = lesson(tmp_path, "ear-s-x2", "ear-m-x2")
    np.testing.assert_array_equal(both, np.rint((one + other) / 2))


def test_a_run_may_teach(tmp_path: Path) -> None:
    a_run(tmp_path, "mine", "ear-s-x2")
    np.testing.assert_array_equal(lesson(tmp_path, "mine"), lesson(tmp_path, "ear-s-x2"))


def test_a_run_is_not_taught_by_itself_but_by_what_was_released_by_its_name(tmp_path: Path) -> None:
    (elsewhere := tmp_path / "elsewhere").mkdir()
    a_run(tmp_path, "ear-s-x2", "ear-m-x2")
    own = lesson(tmp_path, "ear-s-x2", name="ear-s-x2")
    np.testing.assert_array_equal(own, lesson(elsewhere, "ear-s-x2"))


def test_to_coded_pictures_no_negative_is_shown(tmp_path: Path) -> None:
    assert (lesson(tmp_path, "ear-s-x2") != lesson(tmp_path, "ear-s-x2", lossy=True)).any()


def test_negatives_that_make_it_much_worse_are_left_out(tmp_path: Path) -> None:
    upright = lesson(tmp_path, "ear-s-x2", lossy=True)
    np.testing.assert_array_equal(lesson(tmp_path, "ear-s-x2", high=upright), upright)
