"""Samples as channels and back: pixel shuffle (Shi et al., "Real-Time Single Image and Video Super-Resolution Using an
Efficient Sub-Pixel Convolutional Neural Network", CVPR 2016) and its inverse, on uint8 codes.

Both inference engines move codes one by one, seven times slower than these; so the graphs begin and end in cells.
"""

from collections.abc import Sequence

import cv2
import numpy as np

from edge_vsr.frame import Plane
from edge_vsr.sr.runtime import Codes

FEW = 600
"""Cells up to which numpy, slow by the sample but with one call for all channels, is faster than OpenCV."""


def to_cells(plane: Plane, side: int) -> Codes:
    """Plane (side * rows, side * columns) to (1, side * side, rows, columns), a cell's samples row by row.

    The sides of `plane` are multiples of `side`.
    """
    rows, columns = (n // side for n in plane.shape)
    cells = np.empty((1, side * side, rows, columns), np.uint8)
    for dy in range(side):
        cv2.split(plane[dy::side].reshape(rows, columns, side), list(cells[0, dy * side : (dy + 1) * side]))
    return cells


def all_to_cells(planes: Sequence[Plane], side: int) -> Codes:
    """As `to_cells`, of several small planes of one size: (planes, side * side, rows, columns)."""
    whole = np.stack(planes)
    count, height, width = whole.shape
    rows, columns = height // side, width // side
    apart = whole.reshape(count, rows, side, columns, side).transpose(0, 2, 4, 1, 3)
    return np.ascontiguousarray(apart).reshape(count, side * side, rows, columns)


def from_cells(cells: Codes, side: int) -> Codes:
    """(planes, channels * side * side, rows, columns) to (planes, channels, side * rows, side * columns)."""
    count, depth, rows, columns = cells.shape
    channels = depth // side**2
    if count > 1 or rows * columns <= FEW:
        apart = cells.reshape(count, channels, side, side, rows, columns).transpose(0, 1, 4, 2, 5, 3)
        return np.ascontiguousarray(apart).reshape(count, channels, rows * side, columns * side)
    planes = np.empty((1, channels, rows, side, columns, side), np.uint8)
    for channel in range(channels):
        for dy in range(side):
            first = (channel * side + dy) * side
            planes[0, channel, :, dy] = cv2.merge(list(cells[0, first : first + side])).reshape(rows, columns, side)
    return planes.reshape(1, channels, rows * side, columns * side)
