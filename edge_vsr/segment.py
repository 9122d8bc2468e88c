"""A segment: one closed GOP in a file that plays alone, and what is known about it."""

import json
import math
import re
import secrets
import time
from dataclasses import asdict, dataclass, fields
from typing import Self

_PLAIN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,199}")
_NUMBERED = re.compile(r"(?P<session>.+-)(?P<sequence>\d+)\.\w+")
_YEAR_10000 = 253_402_300_800.0


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

    def __post_init__(self) -> None:
        check_name(self.name)
        if not 0.0 <= self.start < _YEAR_10000:
            raise ValueError(f"segment {self.name} starts at {self.start}, which is no date")
        if not (math.isfinite(self.duration) and self.duration >= 0.0):
            raise ValueError(f"segment {self.name} lasts {self.duration} s")
        for count in ("sequence", "frames", "dropped", "width", "height"):
            if getattr(self, count) < 0:
                raise ValueError(f"segment {self.name} has a negative {count}")

    def to_json(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read what `to_json` wrote. Raises ValueError that names the key which is missing, unknown or of a wrong
        kind."""
        try:
            found = json.loads(text)
        except RecursionError:
            raise ValueError("segment description is nested too deep") from None
        if not isinstance(found, dict):
            raise ValueError("segment description is not a JSON object")  # noqa: TRY004 - the text is wrong, not a type
        kinds = {field.name: field.type for field in fields(cls)}
        if missing := kinds.keys() - found.keys():
            raise ValueError(f"segment description lacks {', '.join(sorted(missing))}")
        if unknown := found.keys() - kinds.keys():
            raise ValueError(f"segment description has unknown {', '.join(sorted(unknown))}")
        for key, kind in kinds.items():
            if kind is float and type(found[key]) is int:
                found[key] = float(found[key])
            if type(found[key]) is not kind:
                raise ValueError(f"{key} in a segment description is {found[key]!r}")
        return cls(**found)


@dataclass(frozen=True, slots=True)
class Segment:
    info: SegmentInfo
    data: bytes


@dataclass(frozen=True, slots=True)
class SegmentNames:
    """Names of one session's segments: they sort by time, and differ between two runs even where both booted
    without knowing the date."""

    stamp: str
    """When the session started, UTC, such as 20261122T110205Z."""
    session: str
    """Random."""

    @classmethod
    def starting(cls, wall: float) -> Self:
        """Names for a session that starts at `wall`, seconds since 1970-01-01 UTC."""
        return cls(time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(wall)), secrets.token_hex(3))

    def name(self, sequence: int, suffix: str = ".ts") -> str:
        # Eight digits: two-second segments still sort after six years in one session.
        return f"{self.stamp}-{self.session}-{sequence:08d}{suffix}"


def follows(earlier: str, later: str) -> bool:
    """Whether two names of SegmentNames are neighbours in one session: nothing is lost between them."""
    first, second = _NUMBERED.fullmatch(earlier), _NUMBERED.fullmatch(later)
    return (
        first is not None
        and second is not None
        and first["session"] == second["session"]
        and int(first["sequence"]) + 1 == int(second["sequence"])
    )
