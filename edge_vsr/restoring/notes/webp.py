"""Notes in WebP, as they are read. Source: RFC 9649, 2.7."""

import struct

from edge_vsr.restoring.notes.base import MOST_PROFILE, Notes

_EXIF = b"Exif\0\0"


def read(data: bytes) -> Notes:
    found: dict[bytes, bytes] = {}
    at = 12
    while at + 8 <= len(data):
        kind, length = struct.unpack_from("<4sI", data, at)
        if kind in (b"EXIF", b"ICCP") and len(data) >= at + 8 + length:
            found.setdefault(kind, data[at + 8 : at + 8 + length])
        at += 8 + length + length % 2
    profile = found.get(b"ICCP")
    exif = found.get(b"EXIF")
    return Notes(
        exif and exif.removeprefix(_EXIF),  # some write it as in JPEG
        profile if profile and len(profile) <= MOST_PROFILE else None,
    )
