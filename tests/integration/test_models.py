"""`edge-vsr models`, with the released models and with damaged ones."""

import re
import sys
from pathlib import Path

import pytest

from edge_vsr.errors import ModelError
from edge_vsr.sr.store import MANIFEST, bundled_store
from tests.integration.offline import Result, assert_refused, edge_vsr
from tests.unit.sr.stores import copy_of_bundled, flip_a_byte

WITH_STORE = """
import sys
from pathlib import Path
from edge_vsr.cli import main
from edge_vsr.sr.store import ModelStore
from edge_vsr.sr import library
folder = Path(sys.argv.pop(1))
library.bundled_store = lambda: ModelStore(folder)
main()
"""


def edge_vsr_with(store: Path, *arguments: object) -> Result:
    """The command with another store than the one it comes with."""
    return edge_vsr(store, *arguments, program=(sys.executable, "-c", WITH_STORE))


def rows(result: Result) -> dict[str, list[str]]:
    """The cells of each row of the table by its first."""
    cells = [re.split(r"\s{2,}", line.rstrip()) for line in result.stdout.splitlines()[1:]]
    return {row[0]: row for row in cells}


def test_every_model_has_a_row_with_its_figures() -> None:
    result = edge_vsr("models")
    assert (result.code, result.stderr) == (0, "")
    assert str(bundled_store().folder) in result.stdout.splitlines()[0]
    table = rows(result)
    assert list(table) == ["name", "bicubic", *bundled_store().models]
    assert table["bicubic"][-1] == "always there"
    for model in bundled_store().models.values():
        row = table[model.name]
        assert (row[1], row[-1]) == (f"x{model.scale}", "verified")
        for test_set, figure in model.metrics.items():
            assert f"{test_set} {figure:.2f}" in result.stdout


def test_a_long_path_breaks_no_line(tmp_path: Path) -> None:
    folder = tmp_path / ("long" * 30)
    folder.mkdir()
    result = edge_vsr_with(copy_of_bundled(folder), "models")
    assert result.code == 0, result.stderr
    assert result.stdout.splitlines()[0] == f"models in {folder}"
    assert len(result.stdout.splitlines()) == 3 + len(bundled_store().models)


def test_a_damaged_model_is_shown_and_named_and_the_others_are_listed(tmp_path: Path) -> None:
    store = copy_of_bundled(tmp_path)
    name = next(iter(bundled_store().models))
    flip_a_byte(store / name / "attention.bin")
    result = edge_vsr_with(store, "models")
    table = rows(result)
    assert table[name][-1] == "damaged"
    assert {row[-1] for key, row in table.items() if key not in ("name", "bicubic", name)} <= {"verified"}
    assert_refused(Result(result.code, "", result.stderr), ModelError, f"{store}/{name}/attention.bin is damaged")


@pytest.mark.parametrize("runtime", ["onnxruntime", "openvino"])
def test_a_damaged_model_restores_nothing(tmp_path: Path, runtime: str) -> None:
    store = copy_of_bundled(tmp_path)
    for file in (store / "ear-s-x2").iterdir():
        if file.stem == "extractor":
            flip_a_byte(file)
    (tmp_path / "a.png").write_bytes(b"")
    result = edge_vsr_with(store, "restore", tmp_path / "a.png", tmp_path / "b.png", "--runtime", runtime)
    assert_refused(result, ModelError, "is damaged")
    assert not (tmp_path / "b.png").exists()


@pytest.mark.parametrize("text", [None, "{", '{"format": 99}'])
def test_a_store_that_cannot_be_read_is_one_line(tmp_path: Path, text: str | None) -> None:
    if text is not None:
        (tmp_path / MANIFEST).write_text(text)
    assert_refused(edge_vsr_with(tmp_path, "models"), ModelError, MANIFEST)
