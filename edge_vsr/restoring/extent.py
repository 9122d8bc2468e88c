"""How large a picture says it is, before it is decoded: a small file may become gigabytes. Pure."""

import re
import struct
from collections.abc import Iterator

from edge_vsr.frame import Size
from edge_vsr.restoring.directory import NUMBERS, ORDERS, entries, first_start

_JPEG_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_JPEG_ALONE = frozenset(range(0xD0, 0xD8)) | {0x01}
"""Markers that nothing belongs to."""
_JPEG_MARKER = re.compile(rb"\xff+([^\x00\xff])", re.DOTALL)
_TIFF_WIDTH, _TIFF_HEIGHT = 256, 257


def extent_of(data: bytes) -> Size | None:
    """Of a PNG, JPEG, BMP, WebP or TIFF; None for what is none, and where it does not say."""
    try:
        if data[:8] == b"\x89PNG\r\n\x1a\n":
            return Size(*struct.unpack_from(">II", data, 16))
        if data[:2] == b"\xff\xd8":
            return next(_jpeg_frames(data), None)
        if data[:2] == b"BM":
            short = struct.unpack_from("<I", data, 14)[0] == 12
            width, height = struct.unpack_from("<HH" if short else "<ii", data, 18)
            return Size(abs(width), abs(height))
        if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
            return _webp(data)
        if data[:4] in ORDERS:
            return _tiff(data, ORDERS[data[:4]])
    except struct.error:  # it breaks off
        pass
    return None


def _jpeg_frames(data: bytes) -> Iterator[Size]:
    """As decoders look for them, who pass over what is no marker. Source: ITU-T T.81, B.1 and B.2.2."""
    at = 2
    while marker := _JPEG_MARKER.search(data, at):
        kind, at = marker[1][0], marker.end()
        if kind in _JPEG_ALONE:
            continue
        length = struct.unpack_from(">H", data, at)[0]
        if length < 2:
            return
        if kind in _JPEG_FRAMES:
            height, width = struct.unpack_from(">HH", data, at + 3)
            yield Size(width, height)
        at += length


def _webp(data: bytes) -> Size | None:
    """Source: RFC 9649, 2.5 to 2.7."""
    match data[12:16]:
        case b"VP8X":
            return Size(*(int.from_bytes(data[at : at + 3], "little") + 1 for at in (24, 27)))
        case b"VP8L":
            bits = struct.unpack_from("<I", data, 21)[0]
            return Size((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1)
        case b"VP8 ":
            width, height = struct.unpack_from("<HH", data, 26)
            return Size(width & 0x3FFF, height & 0x3FFF)
    return None


def _tiff(data: bytes, order: str) -> Size | None:
    """Of the first picture. Of entries that are there twice decoders take the first."""
    found: dict[int, int] = {}
    for tag, entry in entries(data, order, first_start(data, order)):
        if form := NUMBERS.get(entry.kind):
            found.setdefault(tag, struct.unpack_from(order + form, data, entry.at)[0])
    if _TIFF_WIDTH in found and _TIFF_HEIGHT in found:
        return Size(found[_TIFF_WIDTH], found[_TIFF_HEIGHT])
    return None
