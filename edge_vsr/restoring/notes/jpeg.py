"""Notes in JPEG. Sources: ITU-T T.81 and T.871; CIPA DC-008, 4.7.2; ICC.1:2022, B.4."""

import struct
from collections.abc import Iterator

from edge_vsr.restoring.notes.base import INCH, MOST_PROFILE, Notes

START = b"\xff\xd8"
_APP0, _APP1, _APP2, _SCAN = 0xE0, 0xE1, 0xE2, 0xDA
_JFIF, _EXIF, _PROFILE = b"JFIF\0", b"Exif\0\0", b"ICC_PROFILE\0"
_MOST = 65_533
"""Bytes of a segment behind its length."""
_UNITS = {1: INCH, 2: 0.01}


def read(data: bytes) -> Notes:
    exif: bytes | None = None
    resolution: tuple[float, float] | None = None
    profile: dict[int, bytes] = {}
    for marker, body in _segments(data):
        if marker == _APP1 and exif is None and body.startswith(_EXIF):
            exif = body[len(_EXIF) :]
        elif marker == _APP2 and body.startswith(_PROFILE) and len(body) > len(_PROFILE) + 2:
            profile[body[len(_PROFILE)]] = body[len(_PROFILE) + 2 :]
        elif marker == _APP0 and body.startswith(_JFIF) and len(body) >= 12:
            unit, across, down = struct.unpack_from(">BHH", body, 7)
            if unit in _UNITS and across and down:
                resolution = across / _UNITS[unit], down / _UNITS[unit]
    whole = b"".join(profile[number] for number in sorted(profile))
    return Notes(exif, whole if 0 < len(whole) <= MOST_PROFILE else None, resolution)


def write(data: bytes, notes: Notes) -> bytes:
    """`data`, that begins as JFIF does, with `notes` in it; what is too long for a segment is left out."""
    (_, jfif), *_ = _segments(data)
    end = len(START) + 4 + len(jfif)
    if notes.resolution:
        density = [min(0xFFFF, max(1, round(one * INCH))) for one in notes.resolution]
        jfif = jfif[:7] + struct.pack(">BHH", 1, *density) + jfif[12:]
    parts = [_segment(_APP0, jfif)]
    if notes.exif and len(notes.exif) + len(_EXIF) <= _MOST:
        parts.append(_segment(_APP1, _EXIF + notes.exif))
    if notes.profile:
        most = _MOST - len(_PROFILE) - 2
        cut = [notes.profile[at : at + most] for at in range(0, len(notes.profile), most)]
        parts += [_segment(_APP2, _PROFILE + bytes([n, len(cut)]) + part) for n, part in enumerate(cut, 1)]
    return START + b"".join(parts) + data[end:]


def _segment(marker: int, body: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, 2 + len(body)) + body


def _segments(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Markers and what belongs to them, up to the first scan."""
    at = len(START)
    while at + 4 <= len(data):
        begins, marker, length = struct.unpack_from(">BBH", data, at)
        if begins != 0xFF or marker == _SCAN:
            return
        if marker == 0xFF:  # filled up
            at += 1
            continue
        body = data[at + 4 : at + 2 + length]
        if length < 2 or len(body) != length - 2:
            return
        yield marker, body
        at += 2 + length
