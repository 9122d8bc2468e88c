"""Notes in TIFF, as they are read: its profile and resolution. Source: TIFF 6.0, sections 2 and 8; ICC.1:2022, B.3."""

import struct
from contextlib import suppress

from edge_vsr.restoring.directory import ORDERS, SHORT, VALUE_BYTES, Entry, entries, first_start
from edge_vsr.restoring.notes.base import INCH, MOST_PROFILE, Notes

CMYK = 5
_COLOURS, _ACROSS, _DOWN, _UNIT, _PROFILE = 262, 282, 283, 296, 34675
_UNITS = {2: INCH, 3: 0.01}


def read(data: bytes) -> Notes:
    found, order = _entries(data), ORDERS[data[:4]]
    return Notes(None, _profile(data, found, order), _resolution(data, found, order))


def colours_of(data: bytes) -> int | None:
    """How its samples are meant, as TIFF numbers it."""
    return _short(data, _entries(data), ORDERS[data[:4]], _COLOURS)


def _entries(data: bytes) -> dict[int, Entry]:
    """Of the first picture, by tag."""
    order, found = ORDERS[data[:4]], {}
    with suppress(struct.error):  # it breaks off
        for tag, entry in entries(data, order, first_start(data, order)):
            if entry.at + VALUE_BYTES <= len(data):
                found[tag] = entry  # noqa: PERF403  what was found before that stays
    return found


def _short(data: bytes, found: dict[int, Entry], order: str, tag: int) -> int | None:
    entry = found.get(tag)
    if entry is None or entry.kind != SHORT:
        return None
    return int(struct.unpack_from(f"{order}H", data, entry.at)[0])


def _profile(data: bytes, found: dict[int, Entry], order: str) -> bytes | None:
    entry = found.get(_PROFILE)
    if entry is None or not 4 < entry.count <= MOST_PROFILE:
        return None
    start = struct.unpack_from(f"{order}I", data, entry.at)[0]
    profile = data[start : start + entry.count]
    return profile if len(profile) == entry.count else None


def _resolution(data: bytes, found: dict[int, Entry], order: str) -> tuple[float, float] | None:
    unit = _UNITS.get(_short(data, found, order, _UNIT) or 2)
    across, down = (_ratio(data, found.get(tag), order) for tag in (_ACROSS, _DOWN))
    return (across / unit, down / unit) if unit and across and down else None


def _ratio(data: bytes, entry: Entry | None, order: str) -> float | None:
    if entry is None:
        return None
    try:
        above, below = struct.unpack_from(f"{order}II", data, struct.unpack_from(f"{order}I", data, entry.at)[0])
    except struct.error:
        return None
    return above / below if above and below else None
