"""An uplink into a folder: a mounted share, a USB stick, or a folder that something else carries away."""

import errno
import os
from pathlib import Path

from edge_vsr.errors import OutputError, UplinkAway, UplinkRefused, UsageError
from edge_vsr.segment import check_name
from edge_vsr.uplink.durable import NO_ROOM, TEMPORARY, make_folder, write_whole

_REFUSALS = frozenset({errno.EACCES, errno.EPERM, errno.EROFS, errno.EISDIR, errno.ENOTDIR})


def nearest(folder: Path) -> Path:
    """`folder`, or what is there of those above it."""
    # Not by Path.exists, which fails where nobody may look.
    return next(place for place in (folder.absolute(), *folder.absolute().parents) if os.access(place, os.F_OK))


def check_place(folder: Path) -> None:
    """Raises OutputError where `folder` cannot be made, as far as that can be told without trying."""
    there = nearest(folder)
    if not there.is_dir():
        raise OutputError(f"cannot write to the folder {folder}: {there} is no folder")


def check_apart(folder: Path, spool: Path) -> None:
    """Raises UsageError where both are one place: what is delivered leaves the spool, and would be gone."""
    if os.path.realpath(folder) == os.path.realpath(spool):
        raise UsageError(f"{spool} is spool and uplink at once; give two folders")


class FolderUplink:
    """Objects are files in `path`; each appears whole."""

    def __init__(self, path: Path) -> None:
        """Make the folder where it is missing. Raises OutputError where it cannot be made or written; a disk that is
        full may get room again."""
        self._path = path
        there = False
        try:
            there = path.is_dir()
            make_folder(path)
            probe = path / f"{TEMPORARY}probe"
            probe.touch()
            probe.unlink()
        except OSError as error:
            if there and error.errno in NO_ROOM:
                return
            raise OutputError(f"cannot write to the folder {path}: {error.strerror or error}") from None

    @property
    def name(self) -> str:
        return str(self._path)

    def holds(self, name: str) -> bool:
        """Whether `name` is in the folder."""
        return (self._path / check_name(name)).is_file()

    def put(self, name: str, data: bytes) -> None:
        try:
            write_whole(self._path / check_name(name), data)
        except OSError as error:
            problem = f"cannot write to the folder {self._path}: {error.strerror or error}"
            # A full disk may get room again, and a share may come back.
            raise (UplinkRefused if error.errno in _REFUSALS else UplinkAway)(problem) from None

    def close(self) -> None:
        pass
