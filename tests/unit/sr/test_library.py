"""Released models and those of the box, as one."""

from pathlib import Path

import pytest

from edge_vsr import places
from edge_vsr.errors import ModelError
from edge_vsr.sr import library
from edge_vsr.sr.library import open_library
from edge_vsr.sr.store import MANIFEST, ModelStore
from tests.unit.sr.stores import made_up_entry, write_manifest

CALIBRATED = {
    "parent": "made-up",
    "parent_sha256": "0" * 64,
    "frames": 6,
    "held_back": 2,
    "source": "demo",
    "made": "2026-11-22T12:00:00+00:00",
    "versions": {"edge-vsr": "0.1.0"},
    "decibels": 50.0,
    "rival": "made-up",
    "rival_decibels": 49.0,
}


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where a user's models are, who has one released model besides."""
    released = tmp_path / "released"
    released.mkdir()
    write_manifest(released, made_up_entry(released))
    monkeypatch.setattr(library, "bundled_store", lambda: ModelStore(released))
    monkeypatch.delenv("STATE_DIRECTORY", raising=False)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setattr(places, "SYSTEM", tmp_path / "system")
    folder = tmp_path / "edge-vsr" / "models"
    folder.mkdir(parents=True)
    return folder


def test_a_model_of_the_box_is_found_with_its_parent(own: Path) -> None:
    write_manifest(own, made_up_entry(own, "mine", calibrated=CALIBRATED))
    models = open_library()
    assert list(models.models) == ["mine", "made-up"]
    assert models.store_of("mine").folder == own
    assert (models.parent_of("mine"), models.parent_of("made-up")) == ("made-up", "made-up")
    assert (models.is_released("mine"), models.is_released("made-up")) == (False, True)


def test_none_takes_the_name_of_a_released_one(own: Path) -> None:
    write_manifest(own, made_up_entry(own, parameters=99))
    models = open_library()
    assert models.models["made-up"].parameters == 3
    assert models.store_of("made-up").folder != own


def test_a_store_of_the_box_that_is_damaged_takes_no_released_model_away(own: Path) -> None:
    (own / MANIFEST).write_text("{")
    models = open_library()
    assert list(models.models) == ["made-up"]
    assert [str(problem).split(";")[-1] for problem in models.problems] == [
        " remove it by `edge-vsr models remove`, or the whole folder, and calibrate again"
    ]


def test_provenance_that_lacks_a_word_is_damage(own: Path) -> None:
    cut = {key: value for key, value in CALIBRATED.items() if key != "parent"}
    write_manifest(own, made_up_entry(own, "mine", calibrated=cut))
    (problem,) = open_library().problems
    assert "is damaged" in str(problem)


def test_an_unknown_name_gets_the_list(own: Path) -> None:
    write_manifest(own, made_up_entry(own, "mine"))
    with pytest.raises(ModelError, match=r"model 'x' is not in .* or .*; there are: bicubic, made-up, mine$"):
        open_library().store_of("x")
