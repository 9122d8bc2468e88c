"""H.264 byte streams: start codes and the units between them (ITU-T H.264, annex B)."""

import re
from collections.abc import Iterator

_START = re.compile(rb"\x00\x00\x01")
SPS, PPS = 7, 8


def units(data: bytes) -> Iterator[bytes]:
    """The NAL units of `data`, without start codes and trailing zeros."""
    for unit in _START.split(data)[1:]:
        yield unit.rstrip(b"\0")


def parameter_sets(data: bytes) -> bytes:
    """SPS and PPS of an access unit, each behind a four-byte start code; empty if it has none."""
    return b"".join(b"\0\0\0\1" + unit for unit in units(data) if unit and unit[0] & 0x1F in (SPS, PPS))
