"""From `Frame` to what FFmpeg encodes."""

from typing import Literal

import av
import numpy as np
from av.video.frame import PictureType
from av.video.reformatter import ColorRange, Colorspace

from edge_vsr.frame import Frame, Matrix, Plane, Range

AV_MATRIX = {Matrix.BT601: Colorspace.SMPTE170M, Matrix.BT709: Colorspace.ITU709}
AV_RANGE = {Range.LIMITED: ColorRange.MPEG, Range.FULL: ColorRange.JPEG}


Pixels = Literal["yuv420p", "nv12"]


def video_frame(frame: Frame, pts: int, *, keyframe: bool = False, pixels: Pixels = "yuv420p") -> av.VideoFrame:
    """A frame with copied planes; `keyframe` asks the encoder for an IDR picture."""
    out = av.VideoFrame(frame.width, frame.height, pixels)
    chroma = (frame.u, frame.v) if pixels == "yuv420p" else (_in_pairs(frame.u, frame.v),)
    for plane, source in zip(out.planes, (frame.y, *chroma), strict=True):
        _fill(plane, source)
    out.pts = pts
    out.pict_type = PictureType.I if keyframe else PictureType.NONE
    out.colorspace = AV_MATRIX[frame.matrix]
    out.color_range = AV_RANGE[frame.range]
    return out


def _fill(plane: av.video.plane.VideoPlane, source: Plane) -> None:
    rows = np.frombuffer(memoryview(plane), np.uint8).reshape(plane.height, plane.line_size)
    rows[:, : source.shape[1]] = source


def _in_pairs(u: Plane, v: Plane) -> Plane:
    return np.stack((u, v), axis=2).reshape(u.shape[0], -1)
