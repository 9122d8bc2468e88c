"""The HLS media playlist of what the far end has (RFC 8216; gaps: RFC 8216bis), as a value."""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import dropwhile
from typing import Self

from edge_vsr.segment import SegmentInfo, check_name, follows

PLAYLIST_NAME = "index.m3u8"

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_PLAIN, _WITH_HEADERS = 3, 6
"""EXT-X-VERSION, without EXT-X-MAP and with it (RFC 8216, 7)."""
_RANGE = re.compile(r"(?P<length>[0-9]{1,18})@(?P<start>[0-9]{1,18})")
_TAG = re.compile(r"#(?P<tag>EXT[A-Z0-9-]*)(?::(?P<value>.*))?")


@dataclass(frozen=True, slots=True)
class Entry:
    """One segment, as exact as the text tells it."""

    name: str
    start: float
    """Seconds since 1970-01-01 UTC, whole milliseconds."""
    duration: float
    """Seconds, whole microseconds."""
    discontinuity: bool
    gap: bool = False
    """It is not at the far end, and players do not ask for it."""
    header_bytes: int = 0
    """What players get from it before its pictures (EXT-X-MAP); 0 where they need not."""
    media_bytes: int = 0
    """What follows, where that is so."""

    @property
    def container(self) -> str:
        """By the ending of its name."""
        return self.name.rpartition(".")[2]


@dataclass(frozen=True, slots=True)
class Playlist:
    """A sliding window over the segments that were delivered. Methods return new ones."""

    window: int | None = None
    """At most so many entries; None keeps all."""
    target: int = 1
    """EXT-X-TARGETDURATION in seconds. Players may count on it from the start: it grows only with a segment that is
    longer than anyone expected, and never shrinks."""
    first: int = 0
    """EXT-X-MEDIA-SEQUENCE: how many entries have left the window."""
    discontinuities: int = 0
    """EXT-X-DISCONTINUITY-SEQUENCE: how many of those had a discontinuity before them."""
    entries: tuple[Entry, ...] = ()

    def expecting(self, seconds: float) -> Self:
        """This playlist with a target duration for segments of up to `seconds`."""
        return replace(self, target=max(self.target, _whole(seconds)))

    @property
    def newest(self) -> str:
        """The last name in it; empty without entries."""
        return max((entry.name for entry in self.entries), default="")

    def with_segment(self, info: SegmentInfo, *, gap: bool = False) -> Self:
        """This playlist and one segment, or a gap in its place; the same playlist if it has an entry of that name.

        A segment that is not the next one of the same session (a restart, an eviction) is a discontinuity. One in
        another container begins the window: no player goes over from one to the other, and no tag ends an EXT-X-MAP.
        """
        if any(entry.name == info.name for entry in self.entries):
            return self
        broken = bool(self.entries) and not follows(self.entries[-1].name, info.name)
        entry = replace(_listed(info), discontinuity=info.discontinuity or broken)
        if gap:
            entry = replace(entry, gap=True, header_bytes=0, media_bytes=0)
        entries = (*self.entries, entry)
        leaving = entries[: -self.window] if self.window else ()
        if self.entries and self.entries[-1].container != entry.container:
            leaving = self.entries
        return replace(
            self.expecting(entry.duration),
            first=self.first + len(leaving),
            discontinuities=self.discontinuities + sum(left.discontinuity for left in leaving),
            entries=entries[len(leaving) :],
        )

    def filled(self, info: SegmentInfo) -> Self:
        """This playlist with the segment where its gap was; the same playlist if it has no gap of that name."""
        entries = tuple(
            replace(_listed(info), duration=entry.duration, discontinuity=entry.discontinuity)
            if entry.gap and entry.name == info.name
            else entry
            for entry in self.entries
        )
        return replace(self, entries=entries)

    def only(self, held: Callable[[str], bool]) -> Self:
        """Without the segments that the far end does not hold any more."""
        entries = tuple(
            entry if entry.gap or held(entry.name) else replace(entry, gap=True, header_bytes=0, media_bytes=0)
            for entry in self.entries
        )
        left = tuple(dropwhile(lambda entry: entry.gap, entries))
        gone = entries[: len(entries) - len(left)]
        return replace(
            self,
            first=self.first + len(gone),
            discontinuities=self.discontinuities + sum(entry.discontinuity for entry in gone),
            entries=left,
        )

    def render(self, *, ended: bool = False) -> str:
        """The text to serve; `ended` says that nothing will follow."""
        lines = [
            "#EXTM3U",
            f"#EXT-X-VERSION:{_WITH_HEADERS if any(entry.header_bytes for entry in self.entries) else _PLAIN}",
            f"#EXT-X-TARGETDURATION:{self.target}",
            f"#EXT-X-MEDIA-SEQUENCE:{self.first}",
            f"#EXT-X-DISCONTINUITY-SEQUENCE:{self.discontinuities}",
            "#EXT-X-INDEPENDENT-SEGMENTS",
        ]
        for entry in self.entries:
            if entry.discontinuity:
                lines.append("#EXT-X-DISCONTINUITY")
            if entry.gap:
                lines.append("#EXT-X-GAP")
            if entry.header_bytes:
                lines += [
                    f'#EXT-X-MAP:URI="{entry.name}",BYTERANGE="{entry.header_bytes}@0"',
                    f"#EXT-X-BYTERANGE:{entry.media_bytes}@{entry.header_bytes}",
                ]
            lines += [
                f"#EXT-X-PROGRAM-DATE-TIME:{_date(entry.start)}",
                f"#EXTINF:{entry.duration:.6f},",
                entry.name,
            ]
        if ended:
            lines.append("#EXT-X-ENDLIST")
        return "\n".join([*lines, ""])

    @classmethod
    def parse(cls, text: str, *, window: int | None = None) -> Self:
        """Read what `render` wrote; tags that it does not write are skipped, and so is the end. ValueError on
        anything else."""
        lines = text.splitlines()
        if not lines or lines[0] != "#EXTM3U":
            raise ValueError("a playlist starts with #EXTM3U")
        header: dict[str, str] = {}
        pending: dict[str, str] = {}
        entries: list[Entry] = []
        for line in lines[1:]:
            if match := _TAG.fullmatch(line):
                tags = pending if match["tag"] in _OF_SEGMENT else header
                tags[match["tag"]] = match["value"] or ""
            elif line and not line.startswith("#"):
                entries.append(_entry(line, pending))
                pending = {}
        try:
            return cls(
                window,
                target=int(header["EXT-X-TARGETDURATION"]),
                first=int(header["EXT-X-MEDIA-SEQUENCE"]),
                discontinuities=int(header["EXT-X-DISCONTINUITY-SEQUENCE"]),
                entries=tuple(entries),
            )
        except KeyError as missing:
            raise ValueError(f"a playlist without {missing.args[0]}") from None


_OF_SEGMENT = frozenset(
    {"EXT-X-BYTERANGE", "EXT-X-DISCONTINUITY", "EXT-X-GAP", "EXT-X-MAP", "EXT-X-PROGRAM-DATE-TIME", "EXTINF"}
)


def _listed(info: SegmentInfo) -> Entry:
    return Entry(
        info.name,
        round(info.start, 3),
        round(info.duration, 6),
        info.discontinuity,
        header_bytes=info.header_bytes,
        media_bytes=info.media_bytes,
    )


def _entry(name: str, tags: dict[str, str]) -> Entry:
    try:
        start = datetime.fromisoformat(tags["EXT-X-PROGRAM-DATE-TIME"])
        duration = float(tags["EXTINF"].partition(",")[0])
    except KeyError as missing:
        raise ValueError(f"{name} in a playlist has no {missing.args[0]}") from None
    if start.tzinfo is None or not (math.isfinite(duration) and duration >= 0.0):
        raise ValueError(f"{name} in a playlist has no usable date or duration")
    milliseconds = (start - _EPOCH) // timedelta(milliseconds=1)
    media, header = _ranges(tags.get("EXT-X-BYTERANGE", "0@0"))
    return Entry(
        check_name(name),
        milliseconds / 1000,
        duration,
        "EXT-X-DISCONTINUITY" in tags,
        "EXT-X-GAP" in tags,
        header,
        media,
    )


def _ranges(text: str) -> tuple[int, int]:
    """Bytes of the pictures, and of the header before them."""
    match = _RANGE.fullmatch(text)
    if match is None:
        raise ValueError(f"a byte range in a playlist is {text[:40]!r}")
    return int(match["length"]), int(match["start"])


def _whole(seconds: float) -> int:
    """EXTINF rounded as RFC 8216 compares it to the target duration, at least 1."""
    return max(1, math.floor(seconds + 0.5))


def _date(seconds: float) -> str:
    moment = _EPOCH + timedelta(milliseconds=round(seconds * 1000))
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"
