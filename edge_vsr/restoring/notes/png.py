"""Notes in PNG. Source: W3C, PNG (Third Edition), 11.3."""

import struct
import zlib
from collections.abc import Iterator

from edge_vsr.restoring.notes.base import MOST_PROFILE, Notes

START = b"\x89PNG\r\n\x1a\n"
_METRE = 1
_DEFLATE = 0


def read(data: bytes) -> Notes:
    found: dict[bytes, bytes] = {}
    for kind, body in _chunks(data):
        found.setdefault(kind, body)
    return Notes(found.get(b"eXIf"), _profile(found.get(b"iCCP", b"")), _resolution(found.get(b"pHYs", b"")))


def write(data: bytes, notes: Notes) -> bytes:
    """`data` with `notes` behind its head."""
    parts: list[bytes] = []
    if notes.profile:
        parts.append(_chunk(b"iCCP", b"ICC profile\0" + bytes([_DEFLATE]) + zlib.compress(notes.profile)))
    if notes.resolution:
        density = (min(0x7FFFFFFF, max(1, round(one))) for one in notes.resolution)
        parts.append(_chunk(b"pHYs", struct.pack(">IIB", *density, _METRE)))
    if notes.exif:
        parts.append(_chunk(b"eXIf", notes.exif))
    end = len(START) + 12 + struct.unpack_from(">I", data, len(START))[0]
    return data[:end] + b"".join(parts) + data[end:]


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = len(START)
    while at + 12 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        body = data[at + 8 : at + 8 + length]
        if len(body) == length and kind != b"IDAT":
            yield kind, body
        at += 12 + length


def _profile(body: bytes) -> bytes | None:
    """Whole, or not at all: a few bytes may unfold to gigabytes."""
    _, name_ends, packed = body.partition(b"\0")
    if not name_ends or packed[:1] != bytes([_DEFLATE]):
        return None
    unpacker = zlib.decompressobj()
    try:
        profile = unpacker.decompress(packed[1:], MOST_PROFILE)
    except zlib.error:
        return None
    return profile if unpacker.eof else None


def _resolution(body: bytes) -> tuple[float, float] | None:
    if len(body) != 9:
        return None
    across, down, unit = struct.unpack(">IIB", body)
    return (float(across), float(down)) if unit == _METRE and across and down else None
