from dataclasses import replace

import numpy as np

from edge_vsr.camera.fake import gray_frame
from edge_vsr.frame import Frame, Matrix, Range
from edge_vsr.restoring.colours import recoloured


def flat(y: int, u: int, v: int, matrix: Matrix, range_: Range) -> Frame:
    frame = gray_frame(luma=y)
    return replace(frame, u=np.full_like(frame.u, u), v=np.full_like(frame.v, v), matrix=matrix, range=range_)


def test_what_fits_is_left_as_it_is() -> None:
    frame = gray_frame()
    assert recoloured(frame, frame.matrix, frame.range) is frame


def test_white_stays_white_and_black_black() -> None:
    for full, limited in ((255, 235), (0, 16)):
        made = recoloured(flat(full, 128, 128, Matrix.BT601, Range.FULL), Matrix.BT601, Range.LIMITED)
        assert abs(int(made.y[9, 9]) - limited) <= 1
        assert made.range is Range.LIMITED


def test_red_stays_red() -> None:
    made = recoloured(flat(81, 90, 240, Matrix.BT601, Range.LIMITED), Matrix.BT709, Range.LIMITED)
    for plane, level in zip((made.y, made.u, made.v), (63, 102, 240), strict=True):
        assert abs(int(plane[9, 9]) - level) <= 2
