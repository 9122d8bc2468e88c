"""`edge-vsr calibrate` with a released model, and what `models` does with one of the box's own."""

import json
import re
import sys
from pathlib import Path

import cv2

from edge_vsr.calibration.own import own_models
from edge_vsr.errors import InputError, ModelError, UsageError
from edge_vsr.sr.library import FOLDER
from edge_vsr.sr.store import FORMAT, MANIFEST, bundled_store
from tests.integration.offline import Result, assert_refused, edge_vsr
from tests.unit.calibration.networks import frames
from tests.unit.sr.stores import flip_a_byte
from tests.unit.sr.test_library import CALIBRATED

IN = """
import os, sys
os.environ.pop("STATE_DIRECTORY", None)
os.environ["XDG_STATE_HOME"] = sys.argv.pop(1)
from edge_vsr.cli import main
main()
"""
LINE = re.compile(
    r"(?P<name>\S+) is (?P<new>\d+\.\d\d) dB from the float network, ear-s-x2 (?P<old>\d+\.\d\d) dB, "
    r"on (?P<held>\d+) frames held back: (?P<kept>kept in .*|not kept)\n"
)


def of_box(state: Path, *arguments: object) -> Result:
    """The command of a user whose state is in `state`."""
    return edge_vsr(state, *arguments, program=(sys.executable, "-c", IN))


def with_own(state: Path) -> Path:
    """A box that has a model of its own, `mine`: the released one under another name. Its store."""
    own, released = state / "edge-vsr" / FOLDER, bundled_store()
    entry = next(
        one for one in json.loads((released.folder / MANIFEST).read_text())["models"] if one["name"] == "ear-s-x2"
    )
    del entry["original"]
    entry = json.loads(json.dumps(entry).replace('"ear-s-x2/', '"mine.1/'))
    with own_models(own) as models, models.candidate() as folder:
        (folder / "mine.1").mkdir()
        for file in (released.folder / "ear-s-x2").iterdir():
            (folder / "mine.1" / file.name).write_bytes(file.read_bytes())
        made = {**entry, "name": "mine", "calibrated": {**CALIBRATED, "parent": "ear-s-x2", "source": "front"}}
        (folder / MANIFEST).write_text(json.dumps({"format": FORMAT, "models": [made]}))
        models.keep(folder)
    return own


def test_a_released_model_is_made_anew_and_kept_if_that_is_better(tmp_path: Path) -> None:
    (tmp_path / "seen").mkdir()
    for number, luma in enumerate(frames(9, 160, 96)):
        cv2.imwrite(str(tmp_path / "seen" / f"{number}.png"), luma)
    asked = ("--model", "ear-s-x2", "--name", "mine", "--frames", 8)
    result = of_box(tmp_path, "calibrate", "--from", tmp_path / "seen", *asked)
    assert result.code == 0, result.stderr
    line = LINE.fullmatch(result.stdout)
    assert line, f"not one line with both figures: {result.stdout!r}"
    assert (line["name"], line["held"]) == ("mine", "2")
    # Less is a graph that does not what it should: an INT8 network is nearer to float than that.
    assert min(float(line["new"]), float(line["old"])) > 35
    better = float(line["new"]) > float(line["old"])
    assert line["kept"].startswith("kept in") == better
    assert (tmp_path / "edge-vsr" / FOLDER / MANIFEST).exists() == better


def test_a_model_of_the_box_is_listed_used_and_removed(tmp_path: Path) -> None:
    own = with_own(tmp_path)
    used = of_box(tmp_path, "models", "use", "mine")
    assert used.code == 0, used.stderr
    rows = of_box(tmp_path, "models", "list").stdout.splitlines()
    assert rows[0] == f"models in {bundled_store().folder} and {own}"
    (mine,) = (row for row in rows if row.startswith("mine "))
    for words in ("of ear-s-x2, 2026-11-22, 6 frames of front", "in use", "verified"):
        assert words in mine
    assert [row.split()[0] for row in rows if "in use  " in row and not row.startswith("name")] == ["mine"]

    cv2.imwrite(str(tmp_path / "a.png"), frames(1, 64, 64)[0])
    restored = of_box(tmp_path, "restore", tmp_path / "a.png", tmp_path / "b.png")
    assert restored.code == 0, restored.stderr
    assert "model mine, by `edge-vsr models use`" in restored.stderr

    removed = of_box(tmp_path, "models", "remove", "mine")
    assert "take what suits the source again" in removed.stdout, removed.stderr
    assert_refused(of_box(tmp_path, "models", "use", "mine"), ModelError, "model 'mine' is not in")
    assert_refused(of_box(tmp_path, "models", "remove", "ear-s-x2"), UsageError, "ear-s-x2 came with edge-vsr")


def test_a_damaged_model_of_the_box_is_refused(tmp_path: Path) -> None:
    flip_a_byte(with_own(tmp_path) / "mine.1" / "extractor.onnx")
    assert_refused(of_box(tmp_path, "models", "use", "mine"), ModelError, "extractor.onnx is damaged")
    (tmp_path / "none").mkdir()
    empty = of_box(tmp_path, "calibrate", "--from", tmp_path / "none")
    assert_refused(empty, InputError, "has neither pictures nor videos in it")
