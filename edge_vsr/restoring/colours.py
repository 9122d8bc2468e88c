"""Frames of one matrix and range: what is written names one of each, at its beginning."""

from dataclasses import replace

from edge_vsr.camera.convert import planes_of
from edge_vsr.codec.video_frame import AV_MATRIX, AV_RANGE, video_frame
from edge_vsr.frame import Frame, Matrix, Range


def recoloured(frame: Frame, matrix: Matrix, range_: Range) -> Frame:
    """The same colours in other numbers; `frame` itself where it has these."""
    if (frame.matrix, frame.range) == (matrix, range_):
        return frame
    planes = planes_of(
        video_frame(frame, 0).reformat(
            format="yuv420p",
            src_colorspace=AV_MATRIX[frame.matrix],
            dst_colorspace=AV_MATRIX[matrix],
            src_color_range=AV_RANGE[frame.range],
            dst_color_range=AV_RANGE[range_],
            threads=1,
        )
    )
    return replace(frame, y=planes.y, u=planes.u, v=planes.v, matrix=matrix, range=range_)
