import os
import tempfile
from pathlib import Path

import pytest

from edge_vsr.uplink import durable


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    durable.write_whole(tmp_path / "a", b"old")
    monkeypatch.setattr(os, "fsync", _full)
    with pytest.raises(OSError, match="No space"):
        durable.write_whole(tmp_path / "a", b"new")
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("a", b"old")]


def test_a_folder_that_cannot_be_made_leaves_no_parents(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "TemporaryFile", _full)
    with pytest.raises(OSError, match="No space"):
        durable.make_folder(tmp_path / "a" / "b" / "c")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_made_lasts_and_so_do_its_parents(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lasting: list[Path] = []
    monkeypatch.setattr(durable, "sync_folder", lasting.append)
    durable.make_folder(tmp_path / "a" / "b")
    assert lasting == [tmp_path, tmp_path / "a"]


def _full(*_: object, **__: object) -> None:
    raise OSError(28, "No space left on device")
