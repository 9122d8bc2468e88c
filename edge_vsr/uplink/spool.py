"""Segments on disk until the far end has them: what survives kill -9 and power loss."""

import contextlib
import errno
import fcntl
import logging
import os
import threading
from bisect import bisect_left, insort
from pathlib import Path
from types import TracebackType
from typing import Self

from edge_vsr.errors import OutputError
from edge_vsr.segment import Segment, SegmentInfo
from edge_vsr.uplink.durable import TEMPORARY, make_folder, sync_folder, write_whole

log = logging.getLogger(__name__)

_SIDECAR = ".json"
_PLAYLIST = "playlist.m3u8"
_LOCK = ".lock"
_PRIVATE = 0o600


class Spool:
    """A folder of segments, oldest name first, owned by one process.

    On disk a segment is its data under its own name and its description beside it in NAME.json. The data is renamed
    into place last and removed first, so where data is visible there is a whole segment.

    Locking: one thread puts, one takes, any number read the figures. The lock guards the index only; files are
    touched outside of it, so that a slow disk does not hold up the other side.
    """

    def __init__(self, folder: Path, byte_limit: int | None = None) -> None:
        """Open or make the spool; every whole segment of earlier runs is in it.

        `byte_limit` is in bytes of segment data; over it the oldest segments are given up. Raises OutputError where
        the folder cannot be used or another process has it.
        """
        self.folder = folder
        self.byte_limit = byte_limit
        self.evicted = 0
        """Segments given up for room since opening."""
        self._guard = threading.Lock()
        self._names: list[str] = []
        self._infos: dict[str, tuple[SegmentInfo, int]] = {}
        self._bytes = 0
        try:
            make_folder(folder, 0o700)
            folder.chmod(0o700)
            self._lock = _lock(folder / _LOCK)
        except OSError as error:
            raise OutputError(f"cannot use {folder} as spool: {error.strerror or error}") from None
        try:
            self._load()
        except OSError as error:
            self.close()
            raise OutputError(f"cannot read the spool {folder}: {error.strerror or error}") from None

    @property
    def count(self) -> int:
        """Segments waiting."""
        return len(self._names)

    @property
    def bytes(self) -> int:
        """Bytes of segment data waiting."""
        return self._bytes

    def newest_name(self) -> str | None:
        """The last name that this run and earlier ones used, as far as the spool remembers."""
        listed = [line for line in (self.load_playlist() or "").splitlines() if line and not line.startswith("#")]
        with self._guard:
            return max((*listed, *self._names[-1:]), default=None)

    def pending(self) -> list[SegmentInfo]:
        """What waits, oldest first."""
        with self._guard:
            return [self._infos[name][0] for name in self._names]

    def put(self, segment: Segment) -> list[SegmentInfo]:
        """Store a segment; on return it survives a power cut. Returns what had to be given up for it.

        Raises OutputError where it cannot be stored; the spool is then as before. ValueError for a name that the spool
        uses itself.
        """
        name = segment.info.name
        if name.endswith(_SIDECAR) or name == _PLAYLIST:
            raise ValueError(f"the spool keeps {name} for itself")
        path = self.folder / name
        try:
            write_whole(_sidecar(path), segment.info.to_json().encode(), _PRIVATE)
            write_whole(path, segment.data, _PRIVATE)
        except OSError as error:
            if not path.exists():
                with contextlib.suppress(OSError):
                    _sidecar(path).unlink()
            raise OutputError(f"cannot store a segment in {self.folder}: {error.strerror or error}") from None
        with self._guard:
            self._add(segment.info, len(segment.data))
            evicted = self._surplus()
            self.evicted += len(evicted)
        for info in evicted:
            self._unlink(info.name)
        if evicted:
            log.warning(
                "spool %s is full: gave up %d of the oldest segments, from %s on",
                self.folder,
                len(evicted),
                evicted[0].name,
            )
        return evicted

    def oldest(self) -> Segment | None:
        """The segment to send next; it stays in the spool."""
        while True:
            with self._guard:
                if not self._names:
                    return None
                name = self._names[0]
                info = self._infos[name][0]
            try:
                return Segment(info, (self.folder / name).read_bytes())
            except OSError as error:
                # Unless the putter has just evicted it, the disk is failing: one bad file must not block the rest.
                with self._guard:
                    if self._drop(name):
                        log.error("spool: %s cannot be read and is left aside: %s", name, error.strerror or error)  # noqa: TRY400

    def remove(self, name: str) -> bool:
        """Forget a segment that the far end has; false if it is not in the spool."""
        with self._guard:
            known = self._drop(name)
        if known:
            self._unlink(name)
        return known

    def save_playlist(self, text: str) -> None:
        """Remember the far end's playlist for the next run. Raises OutputError."""
        try:
            write_whole(self.folder / _PLAYLIST, text.encode(), _PRIVATE)
        except OSError as error:
            raise OutputError(f"cannot store the playlist in {self.folder}: {error.strerror or error}") from None

    def load_playlist(self) -> str | None:
        """What `save_playlist` stored last; None if nothing, or nothing readable."""
        try:
            return (self.folder / _PLAYLIST).read_text()
        except (OSError, UnicodeDecodeError):
            return None

    def close(self) -> None:
        """Let another process have the folder. Any number of times."""
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _load(self) -> None:
        for path in self.folder.glob(f".*{TEMPORARY}"):
            path.unlink()
        for path in self.folder.glob(f"*{_SIDECAR}"):
            if not path.with_suffix("").exists():
                path.unlink()
        for path in self.folder.iterdir():
            if path.name.startswith(".") or path.suffix == _SIDECAR or path.name == _PLAYLIST:
                continue
            try:
                info = _described(path)
            except (OSError, ValueError) as error:
                log.warning("spool: %s is left aside: %s", path.name, error)
                continue
            self._add(info, path.stat().st_size)

    def _add(self, info: SegmentInfo, size: int) -> None:
        self._drop(info.name)
        insort(self._names, info.name)
        self._infos[info.name] = info, size
        self._bytes += size

    def _drop(self, name: str) -> bool:
        if name not in self._infos:
            return False
        del self._names[bisect_left(self._names, name)]
        self._bytes -= self._infos.pop(name)[1]
        return True

    def _surplus(self) -> list[SegmentInfo]:
        """Take the oldest out of the index until the rest fits; the newest always stays."""
        evicted: list[SegmentInfo] = []
        while self.byte_limit is not None and self._bytes > self.byte_limit and len(self._names) > 1:
            info = self._infos[self._names[0]][0]
            self._drop(info.name)
            evicted.append(info)
        return evicted

    def _unlink(self, name: str) -> None:
        path = self.folder / name
        try:
            path.unlink(missing_ok=True)
            # A removal that a power cut undoes would send the segment again.
            sync_folder(self.folder)
            _sidecar(path).unlink(missing_ok=True)
        except OSError as error:
            log.warning("spool: cannot remove %s: %s", name, error.strerror or error)


def _sidecar(path: Path) -> Path:
    return path.with_name(path.name + _SIDECAR)


def _described(path: Path) -> SegmentInfo:
    info = SegmentInfo.from_json(_sidecar(path).read_text())
    if info.name != path.name:
        raise ValueError(f"its description is of {info.name}")
    return info


def _lock(path: Path) -> int:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, _PRIVATE)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(descriptor)
        if error.errno == errno.EWOULDBLOCK:
            raise OSError(errno.EWOULDBLOCK, "another process is using it") from None
        raise
    return descriptor
