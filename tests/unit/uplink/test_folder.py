import errno
import os
from pathlib import Path

import pytest

from edge_vsr.errors import OutputError, UplinkAway, UplinkRefused
from edge_vsr.uplink.folder import FolderUplink


def test_a_second_put_replaces_the_first(tmp_path: Path) -> None:
    uplink = FolderUplink(tmp_path / "a" / "b")
    uplink.put("x.ts", b"one")
    uplink.put("x.ts", b"two")
    uplink.close()
    assert [(path.name, path.read_bytes()) for path in (tmp_path / "a" / "b").iterdir()] == [("x.ts", b"two")]


def test_a_place_that_cannot_be_written_is_an_error_at_once(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for place in (tmp_path / "file", tmp_path / "file" / "below", Path("/proc/below"), tmp_path / ("x" * 300)):
        with pytest.raises(OutputError, match="cannot write to the folder"):
            FolderUplink(place)


def test_a_folder_on_a_full_disk_may_get_room_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: Path) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("edge_vsr.uplink.folder.make_folder", full)
    FolderUplink(tmp_path)
    with pytest.raises(OutputError, match="No space left"):
        FolderUplink(tmp_path / "new")


@pytest.mark.parametrize(
    ("code", "kind"), [(errno.ENOSPC, UplinkAway), (errno.EIO, UplinkAway), (errno.EROFS, UplinkRefused)]
)
def test_a_full_disk_is_away_and_a_forbidden_one_refuses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, kind: type[Exception]
) -> None:
    uplink = FolderUplink(tmp_path)

    def fail(_: int) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(kind, match=os.strerror(code)):
        uplink.put("x.ts", b"data")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_went_away_is_away(tmp_path: Path) -> None:
    uplink = FolderUplink(tmp_path / "stick")
    (tmp_path / "stick").rmdir()
    with pytest.raises(UplinkAway):
        uplink.put("x.ts", b"data")


def test_names_cannot_leave_the_folder(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="plain file name"):
        FolderUplink(tmp_path).put("../x.ts", b"data")
