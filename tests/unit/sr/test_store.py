import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from edge_vsr.errors import ModelError
from edge_vsr.sr.engines import RUNTIMES
from edge_vsr.sr.runtime import StageFile
from edge_vsr.sr.store import FORMAT, MANIFEST, STAGES, FileEntry, Model, ModelStore, bundled_store
from edge_vsr.sr.upscaler import NetworkUpscaler
from tests.unit.sr.stores import copy_of_bundled, flip_a_byte, made_up_entry, write_manifest


def files_of(model: Model) -> list[FileEntry]:
    return [file for runtimes in model.stages.values() for parts in runtimes.values() for file in parts.values()]


BUNDLED_FILES = [file.file for model in bundled_store().models.values() for file in files_of(model)]


def test_a_manifest_is_read_in_full(tmp_path: Path) -> None:
    write_manifest(tmp_path, made_up_entry(tmp_path, "one"), made_up_entry(tmp_path, "two", scale=4))
    store = ModelStore(tmp_path)
    assert list(store.models) == ["one", "two"]
    two = store.find("two")
    assert (two.scale, two.align, two.source, two.metrics) == (4, 8, "clean", {"Set5": 36.5})
    assert tuple(two.stages) == STAGES
    for model in store.models.values():
        store.verify(model)


def test_the_bundled_models_are_as_released_and_run_on_every_runtime() -> None:
    store = bundled_store()
    assert store.models, "no model comes with the package"
    for model in store.models.values():
        store.verify(model)
        assert all(set(runtimes) == set(RUNTIMES) for runtimes in model.stages.values()), model.name


def test_every_released_model_is_in_the_wheel() -> None:
    project = tomllib.loads((Path(__file__).parents[3] / "pyproject.toml").read_text())
    included = project["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
    inside = {Path(target).name for target in included.values() if target.startswith("edge_vsr/models/")}
    assert inside - {MANIFEST} == set(bundled_store().models)


def test_a_folder_without_a_manifest_has_no_models(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"no models: .*manifest.json cannot be read .*reinstall"):
        ModelStore(tmp_path)


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", "7", '{"models": []}', f'{{"format": {FORMAT}}}', "[" * 100_000, "\0"]
)
def test_a_damaged_manifest_says_so(tmp_path: Path, text: str) -> None:
    (tmp_path / MANIFEST).write_text(text)
    with pytest.raises(ModelError, match=r"manifest.json is damaged .*reinstall edge-vsr"):
        ModelStore(tmp_path)


def test_a_manifest_that_is_not_text_is_damaged(tmp_path: Path) -> None:
    (tmp_path / MANIFEST).write_bytes(b"\xff\xfe\x80")
    with pytest.raises(ModelError, match="is damaged"):
        ModelStore(tmp_path)


def test_another_format_is_named(tmp_path: Path) -> None:
    write_manifest(tmp_path, format=FORMAT + 1)
    with pytest.raises(ModelError, match=f"has format {FORMAT + 1}; this edge-vsr reads format {FORMAT}"):
        ModelStore(tmp_path)


@pytest.mark.parametrize("key", ["name", "scale", "coarse", "source", "licence", "recipe", "parameters", "metrics"])
def test_a_missing_or_wrong_value_is_named(tmp_path: Path, key: str) -> None:
    entry = made_up_entry(tmp_path)
    for wrong in ({**entry, key: None}, {k: v for k, v in entry.items() if k != key}):
        write_manifest(tmp_path, wrong)
        with pytest.raises(ModelError, match=f"is damaged .*{key}"):
            ModelStore(tmp_path)


def test_an_unknown_key_is_named(tmp_path: Path) -> None:
    write_manifest(tmp_path, made_up_entry(tmp_path, colour="blue"))
    with pytest.raises(ModelError, match=r"is damaged .*colour"):
        ModelStore(tmp_path)


def test_a_missing_stage_is_named(tmp_path: Path) -> None:
    entry = made_up_entry(tmp_path)
    del entry["stages"]["attention"]
    write_manifest(tmp_path, entry)
    with pytest.raises(ModelError, match=r"is damaged .*attention"):
        ModelStore(tmp_path)


@pytest.mark.parametrize("name", ["../a", "/etc/passwd", "a/../b", "a/b/c", "", ".", "..", ".hidden", "a/", "a b", 7])
def test_a_file_outside_the_store_is_refused(tmp_path: Path, name: Any) -> None:
    entry = made_up_entry(tmp_path)
    entry["stages"]["extractor"]["openvino"]["weights"]["file"] = name
    write_manifest(tmp_path, entry)
    with pytest.raises(ModelError, match="is damaged"):
        ModelStore(tmp_path)


def test_an_unknown_name_gets_the_list_of_those_there_are(tmp_path: Path) -> None:
    write_manifest(tmp_path, made_up_entry(tmp_path, "one"), made_up_entry(tmp_path, "two"))
    with pytest.raises(ModelError, match=r"model 'three' is not in .*; there are: bicubic, one, two$"):
        ModelStore(tmp_path).find("three")


@pytest.mark.parametrize("file", BUNDLED_FILES)
def test_one_flipped_byte_is_found_before_anything_is_loaded(tmp_path: Path, file: str) -> None:
    store = ModelStore(copy_of_bundled(tmp_path))
    flip_a_byte(tmp_path / file)
    model = next(model for model in store.models.values() if file in [f.file for f in files_of(model)])
    stage, runtime = next(
        (stage, runtime)
        for stage, runtimes in model.stages.items()
        for runtime, parts in runtimes.items()
        if file in [entry.file for entry in parts.values()]
    )
    loaded = Loads(runtime)
    for check in (lambda: store.verify(model), lambda: NetworkUpscaler(store, model.name, loaded, 1)):
        with pytest.raises(ModelError, match=rf"model file .*{file} is damaged: .*reinstall edge-vsr"):
            check()
    assert f"{model.name}/{stage}" not in [one.label for one in loaded.stages], "a damaged stage was loaded"


def test_a_file_that_is_gone_is_named(tmp_path: Path) -> None:
    store = ModelStore(copy_of_bundled(tmp_path))
    (tmp_path / BUNDLED_FILES[0]).unlink()
    model = next(iter(store.models.values()))
    with pytest.raises(ModelError, match=f"{BUNDLED_FILES[0]} cannot be read .No such file"):
        store.verify(model)


def test_what_is_loaded_is_what_was_verified(tmp_path: Path) -> None:
    write_manifest(tmp_path, made_up_entry(tmp_path))
    store = ModelStore(tmp_path)
    model = store.find("made-up")
    stage = store.read(model, "attention", "openvino")
    for path in (tmp_path / "made-up").iterdir():
        path.write_text("swapped after the check")
    assert stage.part("graph") == b"made-up/attention.openvino.graph"
    assert stage.part("weights") == b"made-up/attention.openvino.weights"


def test_a_runtime_that_the_model_was_not_made_for_is_named(tmp_path: Path) -> None:
    entry = made_up_entry(tmp_path)
    del entry["stages"]["attention"]["openvino"]
    write_manifest(tmp_path, entry)
    store = ModelStore(tmp_path)
    with pytest.raises(ModelError, match="model made-up has no attention for openvino"):
        store.read(store.find("made-up"), "attention", "openvino")


def test_a_part_that_the_manifest_leaves_out_is_named(tmp_path: Path) -> None:
    entry = made_up_entry(tmp_path)
    del entry["stages"]["attention"]["openvino"]["weights"]
    (tmp_path / MANIFEST).write_text(json.dumps({"format": FORMAT, "models": [entry]}))
    store = ModelStore(tmp_path)
    with pytest.raises(ModelError, match="made-up/attention has no weights"):
        store.read(store.find("made-up"), "attention", "openvino").part("weights")


class Loads:
    """A runtime that notes what it was asked to load."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.stages: list[StageFile] = []

    def load(self, stage: StageFile, threads: int) -> Any:
        self.stages.append(stage)
