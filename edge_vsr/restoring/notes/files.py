"""Notes of files of any kind."""

from edge_vsr.restoring.directory import ORDERS
from edge_vsr.restoring.notes import jpeg, png, tiff, webp
from edge_vsr.restoring.notes.base import Notes


def notes_in(data: bytes) -> Notes:
    """Those of a PNG, JPEG, WebP or TIFF; none of what is no such file. What is damaged of them is left out."""
    if data[: len(png.START)] == png.START:
        return png.read(data)
    if data[: len(jpeg.START)] == jpeg.START:
        return jpeg.read(data)
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return webp.read(data)
    if data[:4] in ORDERS:
        return tiff.read(data)
    return Notes()


def with_notes(data: bytes, notes: Notes) -> bytes:
    """A PNG or a JPEG with `notes` in it, which has none yet."""
    return png.write(data, notes) if data[: len(png.START)] == png.START else jpeg.write(data, notes)
