"""From what FFmpeg decodes to `Frame`, with as little arithmetic as the format allows.

yuv420p, yuvj420p        views on the decoder's own memory
nv12, nv21               chroma taken apart, no arithmetic
gray                     luma as it is, neutral chroma
other 8-bit YUV          chroma resampled, luma as it is
deeper YUV               rounded to 8 bits
RGB and palettes         converted once, to limited range
"""

from dataclasses import dataclass

import av
import numpy as np
from av.video.reformatter import ColorRange, Colorspace, Interpolation

from edge_vsr.frame import Matrix, Plane, Range

_INTERPOLATION = Interpolation.AREA | Interpolation.ACCURATE_RND | Interpolation.FULL_CHR_H_INP

# AVColorSpace, ITU-T H.273 table 4
_BT709 = 1
_UNSPECIFIED = (0, 2, 3)
_LIKE_BT601 = (4, 5, 6)

_AV_MATRIX = {Matrix.BT601: Colorspace.ITU601, Matrix.BT709: Colorspace.ITU709}
_AV_RANGE = {Range.LIMITED: ColorRange.MPEG, Range.FULL: ColorRange.JPEG}


@dataclass(frozen=True, slots=True)
class Planes:
    """A picture without its time: y (height, width), u and v (half of that, rounded up), uint8."""

    y: Plane
    u: Plane
    v: Plane
    matrix: Matrix
    range: Range


def planes_of(picture: av.VideoFrame) -> Planes:
    """The planes of a decoded picture, in its own matrix and range where it is YUV.

    They may be views: they keep the decoder's buffer alive and must not be written to.
    """
    name = picture.format.name
    if picture.format.is_rgb or picture.format.has_palette:
        return _from_rgb(picture)
    matrix, range_ = matrix_of(picture), range_of(picture)
    if name in ("yuv420p", "yuvj420p"):
        y, u, v = (_plane(picture, index) for index in range(3))
    elif name in ("nv12", "nv21"):
        y = _plane(picture, 0)
        pairs = _plane(picture, 1, samples=2)
        u, v = (np.ascontiguousarray(pairs[:, first::2]) for first in ((0, 1) if name == "nv12" else (1, 0)))
    elif name.startswith(("gray", "mono", "ya")):
        y = _plane(picture if name == "gray" else picture.reformat(format="gray"), 0)
        u = v = np.full(((y.shape[0] + 1) // 2, (y.shape[1] + 1) // 2), 128, np.uint8)
    else:
        even = _to_420(picture, matrix, range_)
        y, u, v = (_plane(even, index) for index in range(3))
    return Planes(y, u, v, matrix, range_)


def matrix_of(picture: av.VideoFrame) -> Matrix:
    """The matrix that the source names, or the usual one for its height."""
    if picture.colorspace in _UNSPECIFIED:
        return Matrix.usual_for(picture.height)
    return Matrix.BT601 if picture.colorspace in _LIKE_BT601 else Matrix.BT709


def range_of(picture: av.VideoFrame) -> Range:
    """The range that the source names; where it names none, full for JPEG and gray, limited for the rest."""
    name = picture.format.name
    if name.startswith("yuvj") or picture.color_range == ColorRange.JPEG:
        return Range.FULL
    if picture.color_range == ColorRange.MPEG:
        return Range.LIMITED
    return Range.FULL if name.startswith(("gray", "mono", "ya")) else Range.LIMITED


def _plane(picture: av.VideoFrame, index: int, samples: int = 1) -> Plane:
    plane = picture.planes[index]
    rows: Plane = np.frombuffer(memoryview(plane), np.uint8).reshape(plane.height, plane.line_size)
    return rows[:, : plane.width * samples]


def _to_420(picture: av.VideoFrame, matrix: Matrix, range_: Range) -> av.VideoFrame:
    # Source and target must both be named: left to itself, swscale turns full range into limited.
    named = _AV_RANGE[range_]
    target = _AV_MATRIX[matrix]
    foreign = picture.colorspace not in (_BT709, *_UNSPECIFIED, *_LIKE_BT601)
    return picture.reformat(
        format="yuv420p",
        src_colorspace=picture.colorspace if foreign else target,
        dst_colorspace=target,
        src_color_range=named,
        dst_color_range=named,
        interpolation=_INTERPOLATION,
        threads=1,
    )


def _from_rgb(picture: av.VideoFrame) -> Planes:
    matrix = Matrix.usual_for(picture.height)
    if picture.format.has_palette:
        picture = picture.reformat(format="rgb24")
    even = picture.reformat(
        format="yuv420p",
        dst_colorspace=_AV_MATRIX[matrix],
        src_color_range=ColorRange.JPEG,
        dst_color_range=ColorRange.MPEG,
        interpolation=_INTERPOLATION,
        threads=1,
    )
    y, u, v = (_plane(even, index) for index in range(3))
    return Planes(y, u, v, matrix, Range.LIMITED)
