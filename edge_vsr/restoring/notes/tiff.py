"""Notes in TIFF, as they are read: its profile and resolution. Source: TIFF 6.0, sections 2 and 8; ICC.1:2022, B.3."""

import struct
from dataclasses import dataclass

from edge_vsr.restoring.notes.base import INCH, MOST_PROFILE, Notes

STARTS = {b"II*\0": "<", b"MM\0*": ">"}
CMYK = 5
_COLOURS, _ACROSS, _DOWN, _UNIT, _PROFILE = 262, 282, 283, 296, 34675
_SHORT = 3
_UNITS = {2: INCH, 3: 0.01}


@dataclass(frozen=True, slots=True)
class _Entry:
    kind: int
    count: int
    at: int
    """Of the value, or of where it is."""


def read(data: bytes) -> Notes:
    found, order = _entries(data), STARTS[data[:4]]
    return Notes(None, _profile(data, found, order), _resolution(data, found, order))


def colours_of(data: bytes) -> int | None:
    """How its samples are meant, as TIFF numbers it."""
    return _short(data, _entries(data), STARTS[data[:4]], _COLOURS)


def _entries(data: bytes) -> dict[int, _Entry]:
    """Of the first picture, by tag."""
    order, found = STARTS[data[:4]], {}
    try:
        start = struct.unpack_from(f"{order}I", data, 4)[0]
        for entry in range(struct.unpack_from(f"{order}H", data, start)[0]):
            at = start + 2 + 12 * entry
            tag, kind, count, _ = struct.unpack_from(f"{order}HHII", data, at)
            found[tag] = _Entry(kind, count, at + 8)
    except struct.error:  # it breaks off
        pass
    return found


def _short(data: bytes, found: dict[int, _Entry], order: str, tag: int) -> int | None:
    entry = found.get(tag)
    if entry is None or entry.kind != _SHORT:
        return None
    return int(struct.unpack_from(f"{order}H", data, entry.at)[0])


def _profile(data: bytes, found: dict[int, _Entry], order: str) -> bytes | None:
    entry = found.get(_PROFILE)
    if entry is None or not 4 < entry.count <= MOST_PROFILE:
        return None
    start = struct.unpack_from(f"{order}I", data, entry.at)[0]
    profile = data[start : start + entry.count]
    return profile if len(profile) == entry.count else None


def _resolution(data: bytes, found: dict[int, _Entry], order: str) -> tuple[float, float] | None:
    unit = _UNITS.get(_short(data, found, order, _UNIT) or 2)
    across, down = (_ratio(data, found.get(tag), order) for tag in (_ACROSS, _DOWN))
    return (across / unit, down / unit) if unit and across and down else None


def _ratio(data: bytes, entry: _Entry | None, order: str) -> float | None:
    if entry is None:
        return None
    try:
        above, below = struct.unpack_from(f"{order}II", data, struct.unpack_from(f"{order}I", data, entry.at)[0])
    except struct.error:
        return None
    return above / below if above and below else None
