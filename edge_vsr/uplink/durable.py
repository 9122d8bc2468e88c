"""Files that are there whole or not at all, also after a power cut."""

import contextlib
import errno
import fcntl
import os
import tempfile
from pathlib import Path

TEMPORARY = ".tmp"
"""How names of unfinished files end; they start with a dot."""
NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT})
"""What a full disk answers."""


def write_whole(path: Path, data: bytes, mode: int = 0o666) -> None:
    """Write `path`, or replace it, so that no reader and no power cut meets a part of it.

    `mode` is subject to the umask. Raises OSError, and then leaves nothing new behind.
    """
    temporary = path.with_name(f".{path.name}{TEMPORARY}")
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, mode)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
        sync_folder(path.parent)
    except OSError:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise


def sync_folder(folder: Path) -> None:
    """Make renames and removals in `folder` last. Raises OSError."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        # Some network and FUSE file systems know no such thing.
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise
    finally:
        os.close(descriptor)


def make_folder(folder: Path, mode: int = 0o777) -> None:
    """Make `folder` and its parents, and see that it can be written. Raises OSError, and then leaves none of them
    behind."""
    missing = [place for place in (folder, *folder.parents) if not place.exists()]
    made: list[Path] = []
    try:
        for place in reversed(missing):
            place.mkdir(mode=mode if place == folder else 0o777, exist_ok=True)
            made.append(place)
            sync_folder(place.parent)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError:
        for place in reversed(made):
            with contextlib.suppress(OSError):
                place.rmdir()
        raise


def lock_file(path: Path) -> int:
    """Make `path` and hold it against other processes, until the descriptor that this returns is closed. Raises
    OSError."""
    # NFS locks only what is open for writing; a file open for writing keeps a disk from becoming read-only.
    for mode in (os.O_RDONLY, os.O_RDWR):
        descriptor = os.open(path, mode | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(descriptor)
            if error.errno == errno.EWOULDBLOCK:
                raise OSError(errno.EWOULDBLOCK, "another process is using it") from None
            if error.errno != errno.EBADF or mode == os.O_RDWR:
                raise
        else:
            return descriptor
    raise AssertionError
