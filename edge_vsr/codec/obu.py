"""AV1's byte stream: open bitstream units (AV1 Bitstream & Decoding Process Specification, 5.3)."""

from collections.abc import Iterator

SEQUENCE_HEADER = 1


def units(data: bytes) -> Iterator[tuple[int, bytes]]:
    """The type of each unit, obu_type, and the whole unit. It ends where the data make no sense."""
    at = 0
    while at < len(data):
        first = data[at]
        start = at + (2 if first & 0x04 else 1)
        size, start = _leb128(data, start) if first & 0x02 else (len(data) - start, start)
        if size < 0 or start + size > len(data):
            return
        yield first >> 3 & 0x0F, data[at : start + size]
        at = start + size


def sequence_header(data: bytes) -> bytes:
    """What a decoder must have before a keyframe, of one picture; empty if it has none."""
    return b"".join(unit for kind, unit in units(data) if kind == SEQUENCE_HEADER)


def _leb128(data: bytes, at: int) -> tuple[int, int]:
    """A number of up to eight bytes, and where it ends; -1 where it is cut off."""
    value = 0
    for n, byte in enumerate(data[at : at + 8]):
        value |= (byte & 0x7F) << 7 * n
        if not byte & 0x80:
            return value, at + n + 1
    return -1, len(data)
