"""What `calibrate` refuses, and what it compares with."""

import importlib.util
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from edge_vsr.cli import calibrate
from edge_vsr.cli.calibrate import check_extra, checked_name, diverse, opened, parent_for, rivals_of
from edge_vsr.clock import FakeClock
from edge_vsr.errors import CameraNotFound, InputError, MissingDependency, ModelError, UsageError
from edge_vsr.frame import Plane
from edge_vsr.sr.library import Library
from edge_vsr.sr.store import MANIFEST, ModelStore
from tests.unit.sr.stores import made_up_entry, write_manifest
from tests.unit.sr.test_library import CALIBRATED

CLOCK = FakeClock()


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Library:
    """Two released models; two of the box, of which one is of a released model that is gone."""
    released, own = tmp_path / "released", tmp_path / "own"
    for folder in (released, own):
        folder.mkdir()
    write_manifest(released, made_up_entry(released, "one"), made_up_entry(released, "two"))
    mine = [
        made_up_entry(own, name, calibrated={**CALIBRATED, "parent": parent})
        for name, parent in (("mine", "one"), ("orphan", "gone"))
    ]
    write_manifest(own, *mine)
    monkeypatch.setattr(calibrate, "models_in_use", lambda _library: ("mine",))
    return Library((ModelStore(released), ModelStore(own)))


def test_the_parent_of_the_one_in_use_is_made_anew(library: Library) -> None:
    assert (parent_for(None, library), parent_for("two", library), parent_for("mine", library)) == ("one", "two", "one")


@pytest.mark.parametrize(
    ("model", "kind", "says"),
    [
        ("bicubic", UsageError, "bicubic has nothing to calibrate"),
        ("nosuch", ModelError, "model 'nosuch' is not in"),
        ("orphan", ModelError, "orphan was made of gone, which this edge-vsr does not have"),
    ],
)
def test_what_cannot_be_calibrated(library: Library, model: str, kind: type[Exception], says: str) -> None:
    with pytest.raises(kind, match=says):
        parent_for(model, library)


@pytest.mark.parametrize(
    ("current", "name", "rivals"),
    [
        ("one", "one-own", ["one"]),
        ("mine", "one-own", ["mine"]),
        ("one", "mine", ["one", "mine"]),
        ("two", "one-own", ["one"]),
    ],
)
def test_it_has_to_be_better_than_the_one_in_use_and_than_the_one_that_it_replaces(
    library: Library, current: str, name: str, rivals: list[str]
) -> None:
    assert list(rivals_of("one", (current,), name, library)) == rivals


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("../x", "make a name"),
        ("", "make a name"),
        ("one", "came with edge-vsr"),
        ("bicubic", "came with edge-vsr"),
        ("orphan", "was made of gone"),
    ],
)
def test_names_that_it_cannot_have(library: Library, name: str, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        checked_name(name, "one", library)


def test_names_that_it_can_have(library: Library) -> None:
    assert [checked_name(name, "one", library) for name in ("one-own", "mine")] == ["one-own", "mine"]


def noisy(count: int) -> Iterator[Plane]:
    return (np.random.default_rng(i).integers(0, 256, (40, 60), np.uint8) for i in range(count))


def test_frames_that_are_too_few_are_counted() -> None:
    with pytest.raises(InputError, match=r"^clip has 7 different frames; calibrating takes 8 or more$"):
        diverse(noisy(7), "clip", 32, CLOCK)
    with pytest.raises(InputError, match=r"^clip has 1 different frames"):
        diverse((next(noisy(1)) for _ in range(20)), "clip", 32, CLOCK)
    assert len(diverse(noisy(20), "clip", 16, CLOCK)) == 16


def test_black_frames_are_refused() -> None:
    with pytest.raises(InputError, match=r"20 of 20 frames are black or flat, and ranges from such would ruin"):
        diverse((np.zeros((40, 60), np.uint8) for _ in range(20)), "clip", 32, CLOCK)


@pytest.mark.parametrize(
    ("source", "camera", "kind", "says"),
    [
        (None, None, UsageError, "give --from CLIP, --from FOLDER or --camera"),
        ("rtsp://u:p@host", None, UsageError, "--from is for files and folders"),
        ("gone.mp4", None, InputError, "there is no file or folder gone.mp4"),
        (None, "gone.mp4", CameraNotFound, "no file 'gone.mp4'"),
    ],
)
def test_sources_that_are_none(source: str | None, camera: str | None, kind: type[Exception], says: str) -> None:
    with pytest.raises(kind, match=says):
        opened(source, camera, None, CLOCK)


def test_an_address_is_shown_without_its_secrets() -> None:
    shown, _ = opened(None, "rtsp://user:S3CR3T@host/x?key=S3CR3T", None, CLOCK)
    assert shown == "rtsp://***@host/x?***"


def test_a_folder_gives_its_pictures_by_name(tmp_path: Path) -> None:
    for i, luma in enumerate(noisy(3)):
        cv2.imwrite(str(tmp_path / f"{i}.png"), luma)
    (tmp_path / "notes.txt").touch()
    _, lumas = opened(str(tmp_path), None, None, CLOCK)
    for ours, theirs in zip(lumas, noisy(3), strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_a_folder_without_pictures_is_told(tmp_path: Path) -> None:
    (tmp_path / MANIFEST).write_text(json.dumps({}))
    _, lumas = opened(str(tmp_path), None, None, CLOCK)
    with pytest.raises(InputError, match="has neither pictures nor videos in it"):
        next(lumas)


def test_without_the_extra_one_line_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    there = importlib.util.find_spec

    def lacking(name: str, *more: Any) -> Any:
        return None if name == "onnx" else there(name, *more)

    monkeypatch.setattr("edge_vsr.cli.calibrate.importlib.util.find_spec", lacking)
    with pytest.raises(MissingDependency, match=r"calibrate needs onnx; run: pip install 'edge-vsr\[calibrate\]'"):
        check_extra()
