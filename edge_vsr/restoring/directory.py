"""Directories of TIFF, which Exif has as well. Source: TIFF 6.0, section 2. Pure."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

ORDERS = {b"II*\0": "<", b"MM\0*": ">"}
"""How each of the two kinds begins, and its byte order, as `struct` has it."""
SHORT, LONG = 3, 4
NUMBERS = {SHORT: "H", LONG: "I"}
"""Kinds that a single number may be of, and how `struct` has them."""
ENTRY_BYTES = 12
VALUE_BYTES = 4


@dataclass(frozen=True, slots=True)
class Entry:
    """One of a directory."""

    kind: int
    count: int
    at: int
    """Of the value, or of where it is."""


def first_start(data: bytes, order: str) -> int:
    """Where the first directory is. Raises struct.error where `data` break off."""
    return int(struct.unpack_from(f"{order}I", data, 4)[0])


def entries(data: bytes, order: str, start: int) -> Iterator[tuple[int, Entry]]:
    """Those of the directory at `start`, by tag. Raises struct.error where `data` break off."""
    for number in range(struct.unpack_from(f"{order}H", data, start)[0]):
        at = start + 2 + ENTRY_BYTES * number
        tag, kind, count = struct.unpack_from(f"{order}HHI", data, at)
        yield tag, Entry(kind, count, at + 8)
