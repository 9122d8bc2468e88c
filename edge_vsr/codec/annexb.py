"""Byte streams of H.264 and HEVC: start codes and the units between them (ITU-T H.264 and H.265, annex B)."""

import re
from collections.abc import Iterator

from edge_vsr.codec.level import Codec

_START = re.compile(rb"\x00\x00\x01")
SPS, PPS = 7, 8
_SETS = {"h264": (SPS, PPS), "hevc": (32, 33, 34)}
_CODED = {"h264": range(1, 6), "hevc": range(32)}


def units(data: bytes) -> Iterator[bytes]:
    """The NAL units of `data`, without start codes and trailing zeros."""
    for unit in _START.split(data)[1:]:
        yield unit.rstrip(b"\0")


def kind_of(unit: bytes, codec: Codec) -> int:
    """The type of a unit, nal_unit_type."""
    return unit[0] & 0x1F if codec == "h264" else unit[0] >> 1 & 0x3F


def parameter_sets(data: bytes, codec: Codec = "h264") -> bytes:
    """(VPS,) SPS and PPS of an access unit, each behind a four-byte start code; empty if it has none."""
    return b"".join(b"\0\0\0\1" + unit for unit in units(data) if unit and kind_of(unit, codec) in _SETS[codec])


def has_picture(data: bytes, codec: Codec = "h264") -> bool:
    """Whether there is any part of a coded picture in `data`."""
    return any(kind_of(unit, codec) in _CODED[codec] for unit in units(data) if unit)
