"""Where a file of MPEG-TS becomes another stream: segments that a recorder put one behind the other.

Demuxers settle on the streams that a file begins with. So what announces others, or has another clock, is a stretch of
its own. Source of the layout: ISO/IEC 13818-1, 2.4.3 and 2.4.4.
"""

import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edge_vsr.camera.short import PACKET, SYNC

BLOCK = 4096 * PACKET
MOST = 1000
"""Stretches of a file; what follows is taken for more of the last one."""
CLOCK = 90_000
"""Of the upper part of a clock reference, in Hz."""
WRAP = 1 << 33
BACK, LEAP = CLOCK // 10, 600 * CLOCK
"""A clock that goes back, or on, by more is another one."""
_SHORTEST, _LONGEST, _CHECKSUM = 12, 1024, 4
"""Bytes of a section, and of what it ends with."""
_PROGRAMS, _STREAMS = 0, 2
"""Identifiers of the tables."""
_POLYNOMIAL = 0x04C11DB7


@dataclass(frozen=True, slots=True)
class Stretch:
    """Some bytes of a file that play alone, once `head` stands before them."""

    start: int
    stop: int | None
    """None for the end of the file."""
    head: bytes = field(default=b"", repr=False)

    def of(self, path: Path) -> "StretchFile":
        """A file that has nothing else. Raises OSError."""
        return StretchFile(path, self)


class StretchFile(io.RawIOBase):
    """What a `Stretch` is, as a file to read."""

    def __init__(self, path: Path, stretch: Stretch) -> None:
        self._file = path.open("rb")
        self._stretch = stretch
        stop = path.stat().st_size if stretch.stop is None else stretch.stop
        self._length = len(stretch.head) + max(0, stop - stretch.start)
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        origin = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._length}[whence]
        self._at = max(0, origin + offset)
        return self._at

    def read(self, size: int = -1, /) -> bytes:
        left = max(0, self._length - self._at)
        size = left if size < 0 else min(size, left)
        head = self._stretch.head
        data = head[self._at : self._at + size]
        self._file.seek(self._stretch.start + max(0, self._at - len(head)))
        data += self._file.read(size - len(data))
        self._at += len(data)
        return data

    def close(self) -> None:
        self._file.close()
        super().close()


def stretches_of(path: Path) -> tuple[Stretch, ...]:
    """Those of a file, in order: one where it goes on as it begins. Raises OSError."""
    cutter = _Cutter()
    with path.open("rb") as file:
        for at, packets in _packets(file):
            cutter.look(at, packets)
            if len(cutter.cuts) >= MOST:
                break
    starts = [Stretch(0, None), *cutter.cuts[: MOST - 1]]
    stops = [one.start for one in starts[1:]]
    return tuple(Stretch(one.start, stop, one.head) for one, stop in zip(starts, [*stops, None], strict=True))


def _packets(file: io.BufferedReader) -> Iterator[tuple[int, NDArray[np.uint8]]]:
    """Where whole packets begin, and their bytes (count, PACKET). What is none is passed over."""
    at, left = 0, b""
    while more := file.read(BLOCK):
        data = left + more
        while len(data) >= PACKET:
            count = len(data) // PACKET
            packets = np.frombuffer(data, np.uint8, count * PACKET).reshape(count, PACKET)
            whole = int(np.argmax(np.append(packets[:, 0] != SYNC, True)))
            if whole:
                yield at, packets[:whole]
            skipped = whole * PACKET
            if whole < count:
                found = _next_packet(data, skipped + 1)
                skipped = len(data) - 2 * PACKET if found is None else found
                skipped = max(skipped, whole * PACKET + 1)
            at, data = at + skipped, data[skipped:]
            if whole < count and found is None:
                break
        left = data


def _next_packet(data: bytes, start: int) -> int | None:
    """Where two packets stand one behind the other."""
    while (start := data.find(SYNC, start)) >= 0 and start + PACKET < len(data):
        if data[start + PACKET] == SYNC:
            return start
        start += 1
    return None


class _Section:
    """A table's section, put together of the packets of one stream."""

    def __init__(self) -> None:
        self._data = bytearray()
        self._packets = b""

    def add(self, packet: bytes) -> tuple[bytes, bytes] | None:
        """The section and its packets once it is whole and sound."""
        payload = packet[5 + packet[4] if packet[3] & 0x20 else 4 :]
        if not packet[3] & 0x10 or not payload:
            return None
        if packet[1] & 0x40:  # one begins here
            self._data, self._packets = bytearray(payload[1 + payload[0] :]), packet
        elif self._data:
            self._data += payload
            self._packets += packet
        data = self._data
        if len(data) < 3:
            return None
        length = 3 + ((data[1] & 0x0F) << 8 | data[2])
        if not _SHORTEST <= length <= _LONGEST or len(data) < length:
            return None
        whole, self._data = bytes(data[:length]), bytearray()
        return whole, self._packets


class _Cutter:
    """Goes through the packets of a file once."""

    def __init__(self) -> None:
        self.cuts: list[Stretch] = []
        self._sections: dict[int, _Section] = {0: _Section()}
        self._known: dict[int, bytes] = {}
        """The last section of each table's stream: those that come again and again are not looked at again."""
        self._heads: dict[int, bytes] = {}
        self._programs: frozenset[int] | None = None
        self._streams: dict[int, bytes] = {}
        """Of each program, with their kinds, as its table has them."""
        self._clocks: dict[int, int] = {}
        self._fresh: int | None = None
        """Where the tables begin that no clock reference came after yet."""

    def look(self, at: int, packets: NDArray[np.uint8]) -> None:
        """The next ones, of which the first is at `at`."""
        streams = (packets[:, 1].astype(np.uint16) & 0x1F) << 8 | packets[:, 2]
        clocks = ((packets[:, 3] & 0x20) > 0) & (packets[:, 4] >= 7) & ((packets[:, 5] & 0x10) > 0)
        row = 0
        while row < len(packets):
            tables = np.isin(streams[row:], list(self._sections))
            known = self._sections.keys()
            for step in np.flatnonzero(tables | clocks[row:]).tolist():
                place, packet, stream = row + step, packets[row + step].tobytes(), int(streams[row + step])
                if stream in self._sections:
                    self._table(at + place * PACKET, stream, packet)
                elif clocks[place]:
                    self._clock(at + place * PACKET, stream, packet)
                if self._sections.keys() != known:
                    row = place + 1
                    break
            else:
                return

    def _table(self, at: int, stream: int, packet: bytes) -> None:
        if stream == 0 and self._fresh is None:
            self._fresh = at
        found = self._sections[stream].add(packet)
        if found is None:
            return
        section, packets = found
        if section != self._known.get(stream):
            if _remainder(section) or not section[5] & 1 or section[6]:
                return  # damaged, not yet valid, or more of what one section holds everywhere
            self._known[stream] = section
            if stream == 0 and section[0] == _PROGRAMS:
                self._programs_are(at, section)
            elif stream and section[0] == _STREAMS:
                self._streams_are(at, stream, section)
        self._heads[stream] = packets

    def _programs_are(self, at: int, section: bytes) -> None:
        entries = [section[i : i + 4] for i in range(8, len(section) - _CHECKSUM, 4)]
        programs = frozenset(int.from_bytes(one[2:]) & 0x1FFF for one in entries if any(one[:2]))
        if self._programs is not None and programs != self._programs:
            self._cut(at)
        self._programs = programs
        self._sections = {0: self._sections[0], **{one: self._sections.get(one, _Section()) for one in programs}}

    def _streams_are(self, at: int, table: int, section: bytes) -> None:
        streams = section[12 + int.from_bytes(section[10:12]) % 4096 : -_CHECKSUM]
        if self._streams.get(table, streams) != streams:
            self._cut(at)
        self._streams[table] = streams

    def _clock(self, at: int, stream: int, packet: bytes) -> None:
        now = int.from_bytes(packet[6:11]) >> 7
        before = self._clocks.get(stream, now)
        passed = (now - before + WRAP // 2) % WRAP - WRAP // 2
        if not -BACK <= passed <= LEAP:
            self._cut(at)
        self._clocks[stream] = now
        self._fresh = None

    def _cut(self, at: int) -> None:
        """Before the tables that were just seen, else here, where the stretch needs those from before."""
        # The clocks of what follows are its own.
        self._clocks.clear()
        if self._fresh is not None:
            cut = Stretch(self._fresh, None)
        else:
            cut = Stretch(at, None, b"".join(self._heads[one] for one in sorted(self._heads)))
        if cut.start > (self.cuts[-1].start if self.cuts else 0):
            self.cuts.append(cut)


def _remainder(data: bytes) -> int:
    """CRC-32 of MPEG-2 (ISO/IEC 13818-1, annex A): 0 for what ends with its own."""
    remainder = 0xFFFFFFFF
    for byte in data:
        remainder ^= byte << 24
        for _ in range(8):
            remainder = (remainder << 1 ^ (_POLYNOMIAL if remainder & 0x80000000 else 0)) & 0xFFFFFFFF
    return remainder
