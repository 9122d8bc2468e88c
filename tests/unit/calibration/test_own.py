"""The store of a box's own models."""

import json
from pathlib import Path

import pytest

from edge_vsr.calibration.own import LOCK, OwnModels, own_models
from edge_vsr.errors import ModelError, OutputError
from edge_vsr.sr.store import FORMAT, MANIFEST, ModelStore
from tests.unit.sr.stores import made_up_entry


def keep(own: OwnModels, name: str, stamp: str) -> None:
    """A model whose files hold no network."""
    with own.candidate() as folder:
        entry = made_up_entry(folder, f"{name}.{stamp}")
        entry["name"] = name
        (folder / MANIFEST).write_text(json.dumps({"format": FORMAT, "models": [entry]}))
        own.keep(folder)


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_models_come_are_replaced_and_go(tmp_path: Path) -> None:
    with own_models(tmp_path / "own") as own:
        keep(own, "a", "1")
        keep(own, "b", "1")
        keep(own, "a", "2")
    assert names(tmp_path / "own") == {LOCK, MANIFEST, "a.2", "b.1"}
    store = ModelStore(tmp_path / "own")
    for model in store.models.values():
        store.verify(model)
    with own_models(tmp_path / "own") as own:
        own.remove("a")
    assert list(ModelStore(tmp_path / "own").models) == ["b"]
    assert names(tmp_path / "own") == {LOCK, MANIFEST, "b.1"}


def test_what_a_killed_process_left_behind_is_swept(tmp_path: Path) -> None:
    with own_models(tmp_path) as own:
        keep(own, "a", "1")
    (tmp_path / ".new-x" / "a.9").mkdir(parents=True)
    (tmp_path / "a.9").mkdir()
    with own_models(tmp_path):
        assert names(tmp_path) == {LOCK, MANIFEST, "a.1"}


def test_one_process_at_a_time(tmp_path: Path) -> None:
    with (
        own_models(tmp_path),
        pytest.raises(OutputError, match="another process is using it"),
        own_models(tmp_path),
    ):
        pass


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match=r"cannot save models of this box in .*"), own_models(tmp_path / "file" / "x"):
        pass


def test_a_damaged_manifest_is_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / MANIFEST).write_text("{")
    with pytest.raises(ModelError, match="is damaged"), own_models(tmp_path):
        pass
    assert (tmp_path / MANIFEST).read_text() == "{"
