"""RGB pictures: the network on luma, bicubic on chroma."""

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_vsr.errors import InputError, OutputError
from edge_vsr.restoring.extent import extent_of
from edge_vsr.restoring.whole import whole_file
from edge_vsr.sr.budget import Carried
from edge_vsr.sr.upscaler import Upscaler, check_size

Picture = NDArray[np.uint8]
"""(height, width), (height, width, 3) as BGR or (height, width, 4) as BGRA; uint8."""

BT601_BGR = (0.114, 0.587, 0.299)
JPEG_QUALITY = 95
HEAD = 1 << 20
"""Bytes in which a picture says how large it is; in a JPEG previews and profiles stand before."""
CARRIED = Carried(inputs=24, outputs=15)
"""Nearly all of it single precision; measured, see docs/memory.md."""


def read_picture(path: Path) -> Picture:
    """Raises InputError for what OpenCV cannot read, and for what is too large to be meant."""
    try:
        data = np.fromfile(path, np.uint8)
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror or error}") from error
    if size := extent_of(data[:HEAD].tobytes()):
        check_size(size.width, size.height)
    try:
        picture = cv2.imdecode(data, _flags(data)) if data.size else None
    except cv2.error:
        picture = None
    if picture is None:
        raise InputError(f"{path} is not a picture that can be read")
    if picture.dtype == np.uint16:
        picture = np.asarray(np.rint(picture / np.float32(257)), np.uint8)
    if picture.dtype != np.uint8:
        raise InputError(f"{path} has {picture.dtype} samples; convert it to 8 bits a channel first")
    if picture.ndim == 3 and picture.shape[2] not in (3, 4):
        raise InputError(f"{path} has {picture.shape[2]} channels; convert it to gray, RGB or RGBA first")
    return np.asarray(picture, np.uint8)


def _flags(data: NDArray[np.uint8]) -> int:
    """Keep transparency; but of a JPEG, which has none, keep the way up that the camera noted: OpenCV does one only."""
    jpeg = data[:2].tobytes() == b"\xff\xd8"
    return cv2.IMREAD_ANYCOLOR | cv2.IMREAD_ANYDEPTH if jpeg else cv2.IMREAD_UNCHANGED


def write_picture(path: Path, picture: Picture) -> None:
    """PNG or JPEG by suffix, whole or not at all. Raises OutputError."""
    suffix = path.suffix.lower()
    if suffix == ".png":
        done, data = cv2.imencode(suffix, picture)
    else:
        opaque = picture[..., :3] if picture.ndim == 3 else picture
        done, data = cv2.imencode(suffix, opaque, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    if not done:
        raise OutputError(f"cannot encode {path}")
    with whole_file(path) as part:
        part.write_bytes(data.tobytes())


def restore_picture(picture: Picture, upscaler: Upscaler) -> Picture:
    """`upscaler.scale` times as large.

    In full-range BT.601 the chroma of a bicubic picture is the bicubic of its chroma, so each channel is its own
    bicubic plus what the network adds to that of the luma it saw: no rounding of the luma stays in the picture.
    """
    height, width = picture.shape[:2]
    check_size(width, height)
    if picture.ndim == 2:
        return upscaler.luma(picture)
    size = (width * upscaler.scale, height * upscaler.scale)
    colours = [np.ascontiguousarray(picture[..., i], np.float32) for i in range(3)]
    luma = sum(
        (c * np.float32(w) for c, w in zip(colours, BT601_BGR, strict=True)), np.zeros((height, width), np.float32)
    )
    seen = np.asarray(np.rint(luma), np.uint8)
    added = upscaler.luma(seen) - _bicubic(seen.astype(np.float32), size)
    out = np.empty((size[1], size[0], picture.shape[2]), np.uint8)
    for i, channel in enumerate(colours):
        out[..., i] = np.clip(np.rint(_bicubic(channel, size) + added), 0, 255)
    if picture.shape[2] == 4:
        out[..., 3] = np.clip(np.rint(_bicubic(picture[..., 3].astype(np.float32), size)), 0, 255)
    return out


def _bicubic(plane: NDArray[np.float32], size: tuple[int, int]) -> NDArray[np.float32]:
    return np.asarray(cv2.resize(plane, size, interpolation=cv2.INTER_CUBIC), np.float32)
