"""A segment: one closed GOP in a file that plays alone, and what is known about it."""

import calendar
import json
import math
import re
import secrets
import time
from dataclasses import asdict, dataclass
from typing import Self

from edge_vsr.typed import typed

_PLAIN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,199}")
_NUMBERED = re.compile(r"(?P<session>.+-)(?P<sequence>\d+)\.\w+")
_STAMP = "%Y%m%dT%H%M%SZ"
YEAR_10000 = 253_402_300_800.0
"""Seconds since 1970-01-01; no later date can be written."""


def check_name(name: str) -> str:
    """`name`, if it is a plain file name that needs no quoting in a path or an address; else ValueError."""
    if not _PLAIN.fullmatch(name):
        raise ValueError(f"{name!r} is not a plain file name of letters, digits, '.', '_' and '-'")
    return name


@dataclass(frozen=True, slots=True)
class SegmentInfo:
    """What a playlist, a spool and a status line need to know. ValueError where that makes no sense."""

    name: str
    """A plain file name; see SegmentNames."""
    sequence: int
    """Running count in the session, from 0."""
    start: float
    """Wall clock at the first frame, seconds since 1970-01-01 UTC."""
    duration: float
    """Seconds."""
    frames: int
    dropped: int
    """Frames lost at the source just before this segment or in it."""
    width: int
    height: int
    rung: str
    """The rung of the ladder that it was made on."""
    discontinuity: bool
    """Timestamps or parameters do not go on from the segment before."""
    boot: str = ""
    """The start of the machine in which it was made, see `edge_vsr.dates.boot_id`; empty where its date stays."""
    uptime: float = 0.0
    """Seconds from that start of the machine to the first frame."""
    header_bytes: int = 0
    """Of its data, those at the beginning that players need apart, as of MP4; 0 where there are none."""
    media_bytes: int = 0
    """What follows these, where there are any."""

    def __post_init__(self) -> None:
        check_name(self.name)
        if not 0.0 <= self.start < YEAR_10000:
            raise ValueError(f"segment {self.name} starts at {self.start}, which is no date")
        if not math.isfinite(self.uptime):
            raise ValueError(f"segment {self.name} was made {self.uptime} s after the start of the machine")
        if not (math.isfinite(self.duration) and self.duration >= 0.0):
            raise ValueError(f"segment {self.name} lasts {self.duration} s")
        for count in ("sequence", "frames", "dropped", "width", "height", "header_bytes", "media_bytes"):
            if getattr(self, count) < 0:
                raise ValueError(f"segment {self.name} has a negative {count}")

    def to_json(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read what `to_json` wrote, in this version or an older one. Raises ValueError that names the key which is
        missing, unknown or of a wrong kind."""
        try:
            found = json.loads(text)
        except RecursionError:
            raise ValueError("segment description is nested too deep") from None
        return typed(cls, found, "segment description")


@dataclass(frozen=True, slots=True)
class Segment:
    info: SegmentInfo
    data: bytes


@dataclass(frozen=True, slots=True)
class SegmentNames:
    """Names of one session's segments: they sort in the order in which they were made, and differ between two runs,
    even where a run started without knowing the date."""

    stamp: str
    """When the session started, UTC, such as 20261122T110205Z; later where an earlier session claims that moment."""
    session: str
    """Random."""

    @classmethod
    def starting(cls, wall: float, after: str | None = None) -> Self:
        """Names for a session that starts at `wall`, seconds since 1970-01-01 UTC.

        They sort behind `after`, the last name of earlier sessions, whatever date `wall` claims: the stamps are a
        logical clock. Source: L. Lamport, "Time, Clocks, and the Ordering of Events in a Distributed System", 1978.
        """
        if after is not None and (earlier := _stamped(after)) is not None:
            wall = max(wall, earlier + 1)
        return cls(time.strftime(_STAMP, time.gmtime(wall)), secrets.token_hex(3))

    @property
    def began(self) -> int:
        """When the session started, by its stamp: seconds since 1970-01-01."""
        return _stamped(self.stamp) or 0

    def name(self, sequence: int, suffix: str = ".ts") -> str:
        # Eight digits: two-second segments still sort after six years in one session.
        return f"{self.stamp}-{self.session}-{sequence:08d}{suffix}"


def _stamped(name: str) -> int | None:
    """The start of the session that `name` is of, in seconds since 1970-01-01; None if it is not one of ours."""
    try:
        return calendar.timegm(time.strptime(name.partition("-")[0], _STAMP))
    except ValueError:
        return None


def follows(earlier: str, later: str) -> bool:
    """Whether two names of SegmentNames are neighbours in one session: nothing is lost between them."""
    first, second = _NUMBERED.fullmatch(earlier), _NUMBERED.fullmatch(later)
    return (
        first is not None
        and second is not None
        and first["session"] == second["session"]
        and int(first["sequence"]) + 1 == int(second["sequence"])
    )
