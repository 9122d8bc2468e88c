"""From `Frame` to what FFmpeg encodes."""

import av
import numpy as np
from av.video.frame import PictureType
from av.video.reformatter import ColorRange, Colorspace

from edge_vsr.frame import Frame, Matrix, Plane, Range

AV_MATRIX = {Matrix.BT601: Colorspace.SMPTE170M, Matrix.BT709: Colorspace.ITU709}
AV_RANGE = {Range.LIMITED: ColorRange.MPEG, Range.FULL: ColorRange.JPEG}


def video_frame(frame: Frame, pts: int, *, keyframe: bool = False) -> av.VideoFrame:
    """A yuv420p frame with copied planes; `keyframe` asks the encoder for an IDR picture."""
    out = av.VideoFrame(frame.width, frame.height, "yuv420p")
    for plane, source in zip(out.planes, (frame.y, frame.u, frame.v), strict=True):
        _fill(plane, source)
    out.pts = pts
    out.pict_type = PictureType.I if keyframe else PictureType.NONE
    out.colorspace = AV_MATRIX[frame.matrix]
    out.color_range = AV_RANGE[frame.range]
    return out


def _fill(plane: av.video.plane.VideoPlane, source: Plane) -> None:
    rows = np.frombuffer(memoryview(plane), np.uint8).reshape(plane.height, plane.line_size)
    rows[:, : plane.width] = source
