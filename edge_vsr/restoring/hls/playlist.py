"""Playlists of any maker, as RFC 8216 says (gaps: RFC 8216bis); `uplink.playlist` writes our own. Pure."""

import contextlib
import math
import re
from dataclasses import dataclass, field
from datetime import datetime

from edge_vsr.errors import InputError

LONGEST = 600.0
"""Seconds that one segment may be said to last: as long is a gap frozen."""
LATEST_DATE = 4_102_444_800.0
"""2100-01-01: later dates, and those before 1970, are slips."""

_ATTRIBUTE = re.compile(r'([A-Z0-9-]+)=("[^"]*"|[^,]*)')


@dataclass(frozen=True, slots=True)
class Span:
    """Bytes of a resource."""

    start: int
    length: int


@dataclass(frozen=True, slots=True)
class Part:
    """A resource, or some bytes of it."""

    uri: str = field(repr=False)
    """As it is written in the playlist."""
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class Piece:
    """One segment as a playlist lists it."""

    sequence: int
    media: Part
    duration: float
    """Seconds, more than 0, at most LONGEST."""
    gap: bool = False
    """It is not there."""
    discontinuity: bool = False
    """Time stamps or codecs do not go on from the piece before."""
    start: float | None = None
    """Seconds since 1970-01-01 UTC, where the playlist says."""
    header: Part | None = None
    """What must stand before it."""


@dataclass(frozen=True, slots=True)
class MediaPlaylist:
    """What is there now."""

    target: float
    """Seconds; no piece should be longer, and after as many a live playlist has a new one."""
    ended: bool
    """Nothing will follow."""
    pieces: tuple[Piece, ...] = ()


@dataclass(frozen=True, slots=True)
class Variant:
    """One of several playlists of the same video."""

    uri: str = field(repr=False)
    bandwidth: int
    """Bits a second."""
    sound_apart: bool = False
    """Its sound is in a playlist of its own (EXT-X-MEDIA)."""


def parse(text: str) -> MediaPlaylist | tuple[Variant, ...]:
    """Read a media playlist, or the variants of a master playlist. Raises InputError with what is wrong with it."""
    lines = [line.strip() for line in text.lstrip("\ufeff").splitlines()]
    if not lines or lines[0] != "#EXTM3U":
        raise InputError("it is no playlist: it does not start with #EXTM3U")
    if any(line.startswith("#EXT-X-STREAM-INF") for line in lines):
        return _variants(lines)
    return _Reader().read(lines[1:])


def _variants(lines: list[str]) -> tuple[Variant, ...]:
    media = [_attributes(line) for line in lines if line.startswith("#EXT-X-MEDIA:")]
    apart = {said.get("GROUP-ID") for said in media if said.get("TYPE") == "AUDIO" and "URI" in said}
    found: list[Variant] = []
    bandwidth, group = None, None
    for line in lines:
        if line.startswith("#EXT-X-STREAM-INF:"):
            said = _attributes(line)
            bandwidth, group = int(said["BANDWIDTH"]) if _is_number(said.get("BANDWIDTH", "")) else 0, said.get("AUDIO")
        elif line and not line.startswith("#") and bandwidth is not None:
            found.append(Variant(line, bandwidth, group is not None and group in apart))
            bandwidth = None
    if not found:
        raise InputError("it lists no playlist")
    return tuple(found)


class _Reader:
    """One pass over the lines of a media playlist."""

    def __init__(self) -> None:
        self._target = 0.0
        self._ended = False
        self._sequence = 0
        self._pieces: list[Piece] = []
        self._duration: float | None = None
        self._start: float | None = None
        self._gap = self._discontinuity = False
        self._span: Span | None = None
        self._header: Part | None = None

    def read(self, lines: list[str]) -> MediaPlaylist:
        for line in lines:
            tag, _, value = line.partition(":")
            if line and not line.startswith("#"):
                self._piece(line)
            elif line.startswith("#EXT"):
                self._tag(tag, value)
        longest = max((piece.duration for piece in self._pieces), default=1.0)
        return MediaPlaylist(self._target or longest, self._ended, tuple(self._pieces))

    def _tag(self, tag: str, value: str) -> None:
        match tag:
            case "#EXTINF":
                self._duration = _seconds(value.partition(",")[0])
            case "#EXT-X-TARGETDURATION":
                self._target = _seconds(value)
            case "#EXT-X-MEDIA-SEQUENCE":
                self._sequence = _count(value)
            case "#EXT-X-ENDLIST":
                self._ended = True
            case "#EXT-X-GAP":
                self._gap = True
            case "#EXT-X-DISCONTINUITY":
                self._discontinuity = True
            case "#EXT-X-PROGRAM-DATE-TIME":
                self._start = _date(value)
            case "#EXT-X-BYTERANGE":
                self._span = self._next_span(value)
            case "#EXT-X-MAP":
                said = _attributes(value)
                self._header = Part(said.get("URI", ""), _span(said["BYTERANGE"]) if "BYTERANGE" in said else None)
            case "#EXT-X-KEY" if _attributes(value).get("METHOD") != "NONE":
                raise InputError("it is encrypted (EXT-X-KEY), which is not read; give one that is not")

    def _piece(self, uri: str) -> None:
        if self._duration is None:
            raise InputError(f"a segment in it has no EXTINF: {uri[:80]!r}")
        media = Part(uri, self._span)
        self._pieces.append(
            Piece(self._sequence, media, self._duration, self._gap, self._discontinuity, self._start, self._header)
        )
        self._sequence += 1
        self._duration = self._start = self._span = None
        self._gap = self._discontinuity = False

    def _next_span(self, value: str) -> Span:
        """Without a start it goes on where the piece before ends."""
        before = self._pieces[-1].media.span if self._pieces else None
        return _span(value, before.start + before.length if before else 0)


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not 0.0 <= seconds <= LONGEST:
        raise InputError(f"a segment in it is said to last {text[:40]!r} s; 0 to {LONGEST:g} are read")
    return max(seconds, 0.001)


def _count(text: str) -> int:
    if not _is_number(text):
        raise InputError(f"it begins with number {text[:40]!r} (EXT-X-MEDIA-SEQUENCE)")
    return int(text)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 20


def _date(text: str) -> float | None:
    """None for what is no date, or cannot be meant: it is not needed."""
    with contextlib.suppress(ValueError, OverflowError):
        moment = datetime.fromisoformat(text)
        if moment.tzinfo and 0 <= moment.timestamp() < LATEST_DATE:
            return moment.timestamp()
    return None


def _span(text: str, otherwise: int = 0) -> Span:
    length, at, start = text.strip('"').partition("@")
    if not (_is_number(length) and (_is_number(start) or not at)):
        raise InputError(f"a byte range in it is {text[:40]!r}")
    return Span(int(start) if at else otherwise, int(length))


def _attributes(text: str) -> dict[str, str]:
    return {name: value.strip('"') for name, value in _ATTRIBUTE.findall(text)}
