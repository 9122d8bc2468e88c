"""Exif, changed in its place: what its parts tell of where they stand stays true, a maker's notes included.

Source: CIPA DC-008, 4.6; TIFF 6.0, section 2.
"""

import struct
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from edge_vsr.frame import Size
from edge_vsr.restoring.directory import ENTRY_BYTES, NUMBERS, ORDERS, VALUE_BYTES, entries, first_start

UPRIGHT = 1
ORIENTATIONS = range(1, 9)
_ORIENTATION, _MORE, _WIDTH, _HEIGHT = 0x0112, 0x8769, 0xA002, 0xA003


@dataclass(frozen=True, slots=True)
class _Number:
    """A whole number that stands in its entry."""

    at: int
    format: str

    def read(self, data: bytes) -> int:
        return int(struct.unpack_from(self.format, data, self.at)[0])

    def write(self, data: bytearray, value: int) -> None:
        struct.pack_into(self.format, data, self.at, value)


def orientation_of(exif: bytes) -> int:
    """The way up that a camera noted, of ORIENTATIONS; UPRIGHT where it noted none."""
    number = _first_numbers(exif).get(_ORIENTATION)
    found = UPRIGHT if number is None else number.read(exif)
    return found if found in ORIENTATIONS else UPRIGHT


def of_upright(exif: bytes, size: Size) -> bytes:
    """The same of a picture of `size` that was set upright; the preview, which was not, is no longer there."""
    data = bytearray(exif)
    first = _first_numbers(exif)
    numbers = dict(first)
    if _MORE in first:
        numbers |= dict(_numbers(exif, first[_MORE].read(exif)))
    for tag, value in ((_ORIENTATION, UPRIGHT), (_WIDTH, size.width), (_HEIGHT, size.height)):
        if tag in numbers:
            numbers[tag].write(data, value)
    order = _order(exif)
    if order is not None:
        try:
            start = first_start(exif, order)
            count = struct.unpack_from(f"{order}H", data, start)[0]
            struct.pack_into(f"{order}I", data, start + 2 + ENTRY_BYTES * count, 0)
        except struct.error:  # it breaks off
            pass
    return bytes(data)


def _order(exif: bytes) -> str | None:
    return ORDERS.get(exif[:4])


def _first_numbers(exif: bytes) -> dict[int, _Number]:
    order = _order(exif)
    if order is None or len(exif) < 8:
        return {}
    return dict(_numbers(exif, first_start(exif, order)))


def _numbers(exif: bytes, start: int) -> Iterator[tuple[int, _Number]]:
    """Single numbers of a directory, by tag."""
    order = _order(exif) or ">"
    with suppress(struct.error):  # it breaks off
        for tag, entry in entries(exif, order, start):
            form = NUMBERS.get(entry.kind)
            if form and entry.count == 1 and entry.at + VALUE_BYTES <= len(exif):
                yield tag, _Number(entry.at, order + form)
