"""RGB pictures: the network on luma, bicubic on chroma."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_vsr.errors import InputError, OutputError
from edge_vsr.frame import LARGEST_SIDE, Size
from edge_vsr.restoring.directory import ORDERS
from edge_vsr.restoring.extent import extent_of
from edge_vsr.restoring.notes import tiff
from edge_vsr.restoring.notes.base import Notes
from edge_vsr.restoring.notes.exif import UPRIGHT, of_upright, orientation_of
from edge_vsr.restoring.notes.files import notes_in, with_notes
from edge_vsr.restoring.whole import whole_file
from edge_vsr.sr.budget import Carried
from edge_vsr.sr.upscaler import Upscaler, check_size

Picture = NDArray[np.uint8]
"""(height, width), (height, width, 3) as BGR or (height, width, 4) as BGRA."""
Samples = NDArray[np.uint8] | NDArray[np.uint16]
"""Of the same shapes, in 8 or 16 bits."""
Depth = TypeVar("Depth", np.uint8, np.uint16)

BT601_BGR = (0.114, 0.587, 0.299)
JPEG_QUALITY = 95
MOST_BYTES = 8 * LARGEST_SIDE**2
"""Of a file: four channels of 16 bits, not compressed."""
CARRIED = Carried(inputs=27, outputs=18)
"""Nearly all of it single precision; measured, but for the 3 more of a picture in 16 bits, see docs/memory.md."""
DEEP = np.float32(257)
"""Levels of 16 bits in one of 8."""


@dataclass(frozen=True, slots=True)
class Noted:
    """A picture, upright, and what is noted beside its samples."""

    picture: Samples
    notes: Notes


def restored_file(path: Path, upscaler: Upscaler) -> Noted:
    """A picture's file, restored. Raises InputError."""
    read = _read(path)
    if read.picture.dtype == np.uint16:
        return Noted(restore_picture(np.asarray(read.picture, np.uint16), upscaler), read.notes)
    return Noted(restore_picture(np.asarray(read.picture, np.uint8), upscaler), read.notes)


def read_picture(path: Path) -> Picture:
    """In 8 bits, upright. Raises InputError for what cannot be read, and for what is too large to be meant."""
    return _shallow(_read(path).picture)


def _read(path: Path) -> Noted:
    data = _bytes_of(path)
    notes = notes_in(data)
    return Noted(_decoded(path, data, notes), notes)


def _bytes_of(path: Path) -> bytes:
    try:
        if path.exists() and not path.is_file():  # a pipe would be waited for, and a device may never end
            raise InputError(f"{path} is not a file")
        if path.stat().st_size > MOST_BYTES:
            raise InputError(f"{path} is larger than {MOST_BYTES >> 20} MiB")
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror or error}") from error


def _decoded(path: Path, data: bytes, notes: Notes) -> Samples:
    # OpenCV knows more kinds, whatever the name says, and makes gigabytes of a few bytes of some.
    size = extent_of(data)
    if size is None:
        raise InputError(f"{path} is not a picture that can be read")
    try:
        check_size(size.width, size.height)
    except InputError as error:
        raise InputError(f"{path}: {error}") from None
    if data[:4] in ORDERS and tiff.colours_of(data) == tiff.CMYK:
        raise InputError(f"{path} is a TIFF in CMYK; convert it to RGB first")
    try:
        # As the file has it: OpenCV turns some kinds upright, and keeps the transparency of others, but never both.
        picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    except cv2.error:
        picture = None
    if picture is None:
        raise InputError(f"{path} is not a picture that can be read")
    if picture.dtype not in (np.uint8, np.uint16):
        raise InputError(f"{path} has {picture.dtype} samples; convert it to 8 or 16 bits a channel first")
    if picture.ndim == 3 and picture.shape[2] not in (3, 4):
        raise InputError(f"{path} has {picture.shape[2]} channels; convert it to gray, RGB or RGBA first")
    return _upright(picture, orientation_of(notes.exif) if notes.exif else UPRIGHT)


def _upright(picture: NDArray[Any], orientation: int) -> NDArray[Any]:
    """By its first row and column, as Exif numbers what they are of what was seen (CIPA DC-008, 4.6.4)."""
    if orientation >= 5:
        picture = picture.swapaxes(0, 1)
    if orientation in (3, 4, 7, 8):
        picture = picture[::-1]
    if orientation in (2, 3, 6, 7):
        picture = picture[:, ::-1]
    return np.ascontiguousarray(picture)


def write_picture(path: Path, picture: Samples, notes: Notes | None = None) -> None:
    """PNG or JPEG by suffix, whole or not at all, with the notes that suit an upright picture. Raises OutputError."""
    suffix = path.suffix.lower()
    if suffix == ".png":
        done, data = cv2.imencode(suffix, picture)
    else:
        opaque = _shallow(picture[..., :3] if picture.ndim == 3 else picture)
        done, data = cv2.imencode(suffix, opaque, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    if not done:
        raise OutputError(f"cannot encode {path}")
    written = data.tobytes()
    if notes is not None:
        written = with_notes(written, _of_restored(notes, picture))
    with whole_file(path) as part:
        part.write_bytes(written)


def _of_restored(notes: Notes, picture: Samples) -> Notes:
    height, width = picture.shape[:2]
    return Notes(
        of_upright(notes.exif, Size(width, height)) if notes.exif else None,
        notes.profile if notes.fits(gray=picture.ndim == 2) else None,  # that of CMYK is not of what was made of it
        notes.resolution,
    )


def restore_picture(picture: NDArray[Depth], upscaler: Upscaler) -> NDArray[Depth]:
    """`upscaler.scale` times as large, with as many bits.

    In full-range BT.601 the chroma of a bicubic picture is the bicubic of its chroma, so each channel is its own
    bicubic plus what the network adds to that of the luma it saw: no rounding of the luma stays in the picture.
    """
    height, width = picture.shape[:2]
    check_size(width, height)
    if picture.ndim == 2 and picture.dtype == np.uint8:
        return np.asarray(upscaler.luma(np.asarray(picture, np.uint8)), picture.dtype)
    unit = DEEP if picture.dtype == np.uint16 else np.float32(1)
    size = (width * upscaler.scale, height * upscaler.scale)
    planes = picture[..., None] if picture.ndim == 2 else picture
    weights = (1.0,) if picture.ndim == 2 else BT601_BGR
    colours = [np.ascontiguousarray(planes[..., i], np.float32) / unit for i in range(len(weights))]
    luma = sum(
        (c * np.float32(w) for c, w in zip(colours, weights, strict=True)), np.zeros((height, width), np.float32)
    )
    seen = np.asarray(np.rint(luma), np.uint8)
    below = _bicubic(seen.astype(np.float32), size)
    if picture.dtype == np.uint16:
        # As the network's result is: else what that is rounded by would be added, and few levels be left.
        below = np.rint(below)
    added = upscaler.luma(seen) - below
    out = np.empty((size[1], size[0], planes.shape[2]), picture.dtype)
    for i, channel in enumerate(colours):
        out[..., i] = _levels(_bicubic(channel, size) + added, unit)
    if planes.shape[2] == 4:
        out[..., 3] = _levels(_bicubic(planes[..., 3].astype(np.float32) / unit, size), unit)
    return out[..., 0] if picture.ndim == 2 else out


def _levels(plane: NDArray[np.float32], unit: np.float32) -> NDArray[np.float32]:
    """From 0..255 to whole levels."""
    return np.asarray(np.clip(np.rint(plane * unit), 0, 255 * unit), np.float32)


def _shallow(picture: Samples) -> Picture:
    """In 8 bits."""
    return np.asarray(np.rint(picture / DEEP) if picture.dtype == np.uint16 else picture, np.uint8)


def _bicubic(plane: NDArray[np.float32], size: tuple[int, int]) -> NDArray[np.float32]:
    return np.asarray(cv2.resize(plane, size, interpolation=cv2.INTER_CUBIC), np.float32)
