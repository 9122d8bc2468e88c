from pathlib import Path

import cv2
import numpy as np
import pytest

from edge_vsr.errors import InputError, OutputError, UsageError
from edge_vsr.restoring.folder import restore_folder
from edge_vsr.restoring.picture import read_picture
from edge_vsr.sr.upscaler import BicubicUpscaler


class Steps:
    """Notes the progress."""

    def __init__(self) -> None:
        self.seen: list[tuple[int, int]] = []

    def __call__(self, done: int, total: int) -> None:
        self.seen.append((done, total))


def restore(source: Path, target: Path) -> list[tuple[int, int]]:
    steps = Steps()
    restore_folder(source, target, BicubicUpscaler(), steps)
    return steps.seen


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "in"
    folder.mkdir()
    return folder


def add(folder: Path, *names: str) -> None:
    for name in names:
        cv2.imwrite(str(folder / name), np.full((6, 8, 3), 90, np.uint8))


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_every_picture_becomes_a_png_of_its_name(source: Path, tmp_path: Path) -> None:
    add(source, "b.jpg", "a.png", "C.BMP", "two.dots.webp", "d.tif")
    (source / "notes.txt").write_text("")
    (source / "folder.png").mkdir()
    seen = restore(source, tmp_path / "new" / "out")
    out = tmp_path / "new" / "out"
    assert names(out) == ["C.png", "a.png", "b.png", "d.png", "two.dots.png"]
    assert {read_picture(path).shape for path in out.iterdir()} == {(12, 16, 3)}
    assert seen == [(done, 5) for done in range(6)]


def test_a_folder_without_pictures_is_an_input_error(source: Path, tmp_path: Path) -> None:
    (source / "notes.txt").write_text("")
    with pytest.raises(InputError, match="has no pictures"):
        restore(source, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_names_that_would_fall_on_each_other_are_refused(source: Path, tmp_path: Path) -> None:
    add(source, "a.png", "a.jpg")
    with pytest.raises(UsageError, match="differ only in their ending"):
        restore(source, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_unreadable_pictures_are_named_at_the_end_and_the_others_done(source: Path, tmp_path: Path) -> None:
    add(source, "a.png", "c.png")
    (source / "b.png").write_text("hello")
    (source / "d.jpg").write_text("")
    with pytest.raises(InputError, match=r"2 of 4 pictures failed: .*b.png is not a picture.*; .*d.jpg is not"):
        restore(source, tmp_path / "out")
    assert names(tmp_path / "out") == ["a.png", "c.png"]


def test_many_unreadable_pictures_are_counted(source: Path, tmp_path: Path) -> None:
    for number in range(9):
        (source / f"{number}.png").write_text("")
    with pytest.raises(InputError, match=r"9 of 9 pictures failed: .*0.png.*4.png[^;]*; and 4 more$"):
        restore(source, tmp_path / "out")
    assert not (tmp_path / "out").exists(), "no folder for nothing"


def test_a_folder_that_cannot_be_made_is_an_output_error(source: Path, tmp_path: Path) -> None:
    add(source, "a.png")
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match=r"cannot make folder .*file/out: Not a directory"):
        restore(source, tmp_path / "file" / "out")
