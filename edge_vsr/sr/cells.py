"""Samples as channels and back: pixel shuffle (Shi et al., "Real-Time Single Image and Video Super-Resolution Using an
Efficient Sub-Pixel Convolutional Neural Network", CVPR 2016) and its inverse, on uint8 codes.

Both inference engines move codes one by one, seven times slower than these; so the graphs begin and end in cells.
"""

import cv2
import numpy as np

from edge_vsr.frame import Plane
from edge_vsr.sr.runtime import Codes


def to_cells(plane: Plane, side: int) -> Codes:
    """Plane (side * rows, side * columns) to (1, side * side, rows, columns), a cell's samples row by row.

    The sides of `plane` are multiples of `side`.
    """
    rows, columns = (n // side for n in plane.shape)
    cells = np.empty((1, side * side, rows, columns), np.uint8)
    for dy in range(side):
        cv2.split(plane[dy::side].reshape(rows, columns, side), list(cells[0, dy * side : (dy + 1) * side]))
    return cells


def from_cells(cells: Codes, side: int) -> Codes:
    """(1, channels * side * side, rows, columns) to (1, channels, side * rows, side * columns)."""
    _, depth, rows, columns = cells.shape
    planes = np.empty((1, depth // side**2, rows, side, columns, side), np.uint8)
    for channel in range(planes.shape[1]):
        for dy in range(side):
            first = (channel * side + dy) * side
            planes[0, channel, :, dy] = cv2.merge(list(cells[0, first : first + side])).reshape(rows, columns, side)
    return planes.reshape(1, -1, rows * side, columns * side)
