"""Segments on disk until the far end has them: what survives kill -9 and power loss."""

import contextlib
import logging
import math
import os
import threading
from pathlib import Path
from types import TracebackType
from typing import Self

from edge_vsr.clock import Clock, SystemClock
from edge_vsr.dates import Moment
from edge_vsr.errors import OutputError
from edge_vsr.part import SPOOL, Part, PartStatus
from edge_vsr.segment import Segment, SegmentInfo
from edge_vsr.uplink.disk import SpoolState, reason
from edge_vsr.uplink.durable import NO_ROOM, TEMPORARY, lock_file, make_folder, sync_folder, write_whole
from edge_vsr.uplink.retention import Bounds, room_for, surplus
from edge_vsr.uplink.spool_index import SpoolIndex

log = logging.getLogger(__name__)

GAPS_KEPT = 256
"""Given-up segments that are remembered; more than a playlist on a thin link shows."""
IN_VAIN_SECONDS = 60.0
"""Before segments are given up once more for a disk on which that made no room: another may eat whatever is freed."""
RETRY_SECONDS = 1.0
"""Before a segment that could not be stored is tried again: every second more is lost of a live camera."""
LOG_EVERY = 60.0
"""Seconds between two log lines about segments given up: a full spool gives up one for every new one."""
_SIDECAR = ".json"
_GAP = ".gap"
_PLAYLIST = "playlist.m3u8"
_LOCK = ".lock"
_RATE = ".rate"
_PRIVATE = 0o600
_BESIDES = 16_384
"""Bytes on disk that a segment may need beside its data: its description, and whole blocks."""


class Spool:
    """A folder of segments, oldest name first, owned by one process.

    On disk a segment is its data under its own name and its description beside it in NAME.json. The data is renamed
    into place last and removed first, so where data is visible there is a whole segment. Of a segment that was given
    up for room its description stays as NAME.gap, until the far end's playlist tells of it.

    Locking: one thread puts, any number take or read the figures. The lock guards the index only; files are
    touched outside of it, so that a slow disk does not hold up the other side.
    """

    def __init__(self, folder: Path, bounds: Bounds | None = None, clock: Clock | None = None) -> None:
        """Open or make the spool; every whole segment of earlier runs is in it, those of older versions too.

        Over `bounds` segments are given up. Raises OutputError where the folder cannot be used or another process
        has it. That its disk is full or read-only is no reason: what waits here can be sent.
        """
        self.folder = folder
        self.bounds = bounds or Bounds()
        self.evicted = 0
        """Segments given up since opening, and lost."""
        self._counted: set[str] = set()
        """Of these, the names of the gaps."""
        self.aside = 0
        """Files found that are no segments of this version or an older one; they are left alone."""
        self.state = SpoolState.READY
        self._clock = clock or SystemClock()
        self._part = Part(SPOOL, self._clock)
        self._guard = threading.Lock()
        self._index = SpoolIndex()
        self._unsaid = 0
        self._said_at: float | None = None
        self._in_vain_at: float | None = None
        try:
            self._prepare()
            self._lock = lock_file(folder / _LOCK)
        except OSError as error:
            raise OutputError(f"cannot use {folder} as spool: {reason(error)}") from None
        try:
            self._load()
        except OSError as error:
            self.close()
            raise OutputError(f"cannot read the spool {folder}: {reason(error)}") from None

    @property
    def status(self) -> PartStatus:
        """Of the storing of segments; may be called from any thread."""
        return self._part.status(self.state.value)

    @property
    def count(self) -> int:
        """Segments waiting."""
        return len(self._index.names)

    @property
    def bytes(self) -> int:
        """Bytes of segment data waiting."""
        return self._index.bytes

    @property
    def seconds(self) -> float:
        """Seconds of video waiting."""
        return sum(info.duration for info in self.pending())

    def newest_name(self) -> str | None:
        """The last name that this run and earlier ones used, as far as the spool remembers."""
        listed = [line for line in (self.load_playlist() or "").splitlines() if line and not line.startswith("#")]
        with self._guard:
            return max((*listed, *self._index.names[-1:], *self._index.gaps), default=None)

    def names(self) -> list[str]:
        """What waits, oldest first."""
        with self._guard:
            return self._index.names.copy()

    def pending(self) -> list[SegmentInfo]:
        """What waits, oldest first."""
        with self._guard:
            return [one.info for one in self._index.kept()]

    def gaps(self) -> list[SegmentInfo]:
        """What was given up, oldest first, as far as `remove` has not been called for it."""
        with self._guard:
            return [self._index.gaps[name] for name in sorted(self._index.gaps)]

    def after(self, name: str) -> list[tuple[SegmentInfo, bool]]:
        """What sorts behind `name`, oldest first, and whether it waits (true) or was given up (false)."""
        with self._guard:
            return self._index.after(name)

    def put(self, segment: Segment) -> list[SegmentInfo]:
        """Store a segment; on return it survives a power cut. Returns what had to be given up for it.

        Raises OutputError where it cannot be stored; `state` then says why. ValueError for a name that the spool
        uses itself.
        """
        name = segment.info.name
        if name.endswith((_SIDECAR, _GAP)) or name == _PLAYLIST:
            raise ValueError(f"the spool keeps {name} for itself")
        given_up: list[SegmentInfo] = []
        while (error := self._write(segment)) is not None:
            more = []
            if error.errno in NO_ROOM and not given_up and self._may_help():
                with self._guard:
                    more = room_for(len(segment.data) + _BESIDES, self._index.kept())
            if not more:
                if given_up:
                    self._in_vain_at = self._clock.monotonic()
                self._failed(error)
                raise OutputError(f"cannot store a segment in {self.folder}: {reason(error)}")
            given_up = more
            self._give_up(more)
        self._became(self._able)
        self._part.worked()
        self._in_vain_at = None
        with self._guard:
            self._index.add(segment.info, len(segment.data))
            forgotten = self._index.gaps.pop(name, None)
            self._counted.discard(name)
            more = surplus(self._index.kept(), self.bounds, Moment.of(self._clock))
        if forgotten:
            self._unlink(self.folder / (name + _GAP))
        self._give_up(more)
        return given_up + more

    def read(self, name: str) -> Segment | None:
        """A segment that waits, to be sent; it stays in the spool. None if it is not there (any more)."""
        with self._guard:
            info = self._index.find(name)
        if info is None:
            return None
        try:
            return Segment(info, (self.folder / name).read_bytes())
        except OSError as error:
            # Unless the putter has just given it up, the disk is failing: one bad file must not block the rest.
            with self._guard:
                if self._index.drop(name):
                    log.error("spool: %s cannot be read and is left aside: %s", name, error.strerror or error)  # noqa: TRY400
            return None

    def remove(self, name: str) -> bool:
        """Forget a segment that the far end has; false if it is not here.

        It may have been given up while it was on its way: then it was not lost.
        """
        with self._guard:
            known = [self._index.drop(name), self._index.gaps.pop(name, None)]
            self.evicted -= name in self._counted
            self._counted.discard(name)
        if any(known):
            path = self.folder / name
            # A removal that a power cut undoes would send the segment again.
            self._unlink(path, sync=True)
            self._unlink(_sidecar(path), path.with_name(name + _GAP))
        return any(known)

    def forget_gap(self, name: str) -> None:
        """The far end's playlist tells of it."""
        with self._guard:
            self._index.gaps.pop(name, None)
            self._counted.discard(name)
        self._unlink(self.folder / (name + _GAP))

    def save_playlist(self, text: str) -> None:
        """Remember the far end's playlist for the next run. Raises OutputError."""
        try:
            write_whole(self.folder / _PLAYLIST, text.encode(), _PRIVATE)
        except OSError as error:
            raise OutputError(f"cannot store the playlist in {self.folder}: {reason(error)}") from None

    def load_playlist(self) -> str | None:
        """What `save_playlist` stored last; None if nothing, or nothing readable."""
        try:
            return (self.folder / _PLAYLIST).read_text()
        except (OSError, UnicodeDecodeError):
            return None

    def save_rate(self, kbits: float) -> None:
        """Remember what the link carries, in kbit/s, for the next run, if the disk takes it."""
        with contextlib.suppress(OSError):
            write_whole(self.folder / _RATE, f"{kbits:.1f}\n".encode(), _PRIVATE)

    def load_rate(self) -> float | None:
        """What `save_rate` stored last; None if nothing, or nothing that is a rate."""
        try:
            kbits = float((self.folder / _RATE).read_text())
        except (OSError, ValueError):
            return None
        return kbits if 0.0 < kbits < math.inf else None

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

    def _prepare(self) -> None:
        there = self.folder.is_dir()
        try:
            make_folder(self.folder, 0o700)
            self.folder.chmod(0o700)
        except OSError as error:
            state = SpoolState.after(error)
            if not there or state is SpoolState.FAILING:
                raise
            self._failed(error)

    def _load(self) -> None:
        self._unlink(*self.folder.glob(f".*{TEMPORARY}"))
        for path in self.folder.glob(f"*{_SIDECAR}"):
            if not path.with_suffix("").exists():
                self._unlink(path)
        for path in self.folder.glob(f"*{_GAP}"):
            self._load_gap(path)
        for path in self.folder.iterdir():
            if path.name.startswith(".") or path.suffix in (_SIDECAR, _GAP) or path.name == _PLAYLIST:
                continue
            try:
                info = _described(path, _sidecar(path))
            except (OSError, ValueError) as error:
                self.aside += 1
                log.warning("spool: %s is left aside: %s", path.name, error)
                continue
            self._index.add(info, path.stat().st_size)
        if self.state is SpoolState.READY:
            self.state = self._able
        self._give_up(surplus(self._index.kept(), self.bounds, Moment.of(self._clock)))

    def _load_gap(self, path: Path) -> None:
        data = path.with_suffix("")
        if _sidecar(data).exists():
            # It was stored again.
            self._unlink(path)
            return
        try:
            self._index.gaps[data.name] = _described(data, path)
        except (OSError, ValueError):
            self._unlink(path)
        else:
            # Giving it up was cut short.
            self._unlink(data)

    def _write(self, segment: Segment) -> OSError | None:
        """Put the segment on disk; why that did not work, and then nothing of it is there."""
        path = self.folder / segment.info.name
        try:
            write_whole(_sidecar(path), segment.info.to_json().encode(), _PRIVATE)
            write_whole(path, segment.data, _PRIVATE)
        except OSError as error:
            if not path.exists():
                with contextlib.suppress(OSError):
                    _sidecar(path).unlink()
            # With its traceback it would keep the frames that it passed, and these keep it and the segment.
            return error.with_traceback(None)
        return None

    def _may_help(self) -> bool:
        """Whether giving up segments may make room."""
        return self._in_vain_at is None or self._clock.monotonic() - self._in_vain_at >= IN_VAIN_SECONDS

    @property
    def _able(self) -> SpoolState:
        """The state while the disk is well."""
        return SpoolState.UNKNOWN_FILES if self.aside else SpoolState.READY

    def _failed(self, error: OSError) -> None:
        self._became(SpoolState.after(error))
        self._part.failed(reason(error))
        self._part.rest(RETRY_SECONDS)

    def _became(self, state: SpoolState) -> None:
        if state is not self.state:
            log.warning("spool %s is %s", self.folder, state.value)
            self.state = state

    def _give_up(self, infos: list[SegmentInfo]) -> None:
        """Remove segments from index and disk, and remember that they were."""
        with self._guard:
            # What has been delivered meanwhile is no gap.
            gone, forgotten = self._index.give_up(infos, GAPS_KEPT)
            self.evicted += len(gone)
            self._counted = (self._counted | {info.name for info in gone}) & self._index.gaps.keys()
        for info in gone:
            path = self.folder / info.name
            with contextlib.suppress(OSError):
                _sidecar(path).replace(path.with_name(info.name + _GAP))
            self._unlink(path)
        for name in forgotten:
            self._unlink(self.folder / (name + _GAP))
        if gone:
            self._tell(len(gone), gone[0].name)

    def _tell(self, count: int, first: str) -> None:
        self._unsaid += count
        now = self._clock.monotonic()
        if self._said_at is None or now - self._said_at >= LOG_EVERY:
            log.warning("spool %s holds too much: gave up %d segments, lately %s", self.folder, self._unsaid, first)
            self._unsaid, self._said_at = 0, now

    def _unlink(self, *paths: Path, sync: bool = False) -> None:
        for path in paths:
            try:
                path.unlink(missing_ok=True)
                if sync:
                    sync_folder(self.folder)
            except OSError as error:
                log.warning("spool: cannot remove %s: %s", path.name, error.strerror or error)


def _sidecar(path: Path) -> Path:
    return path.with_name(path.name + _SIDECAR)


def _described(path: Path, description: Path) -> SegmentInfo:
    info = SegmentInfo.from_json(description.read_text())
    if info.name != path.name:
        raise ValueError(f"its description is of {info.name}")
    return info
