"""Samples as channels and back: pixel shuffle (Shi et al., "Real-Time Single Image and Video Super-Resolution Using an
Efficient Sub-Pixel Convolutional Neural Network", CVPR 2016) and its inverse, on uint8 codes.

Both inference engines move codes one by one, seven times slower than these; so the graphs begin and end in cells.
"""

from math import isqrt

import cv2
import numpy as np

from edge_vsr.frame import Plane
from edge_vsr.sr.runtime import Codes

AROUND = 4
"""Samples that a position of cells of one sample has: those before and after it, above and below. 3x3 positions then
hold 5x5 samples, which is what bicubic needs."""
YIELDED = 4
"""Least side of the cells that the reconstruction yields. Its last convolution makes 16 samples at once then, as many
as a register has lanes; four for each position take twice as long."""
FEW = 600
"""Cells up to which numpy, slow by the sample but with one call for all channels, is faster than OpenCV."""


def samples(side: int) -> int:
    """Samples that each position has with cells of `side`."""
    return side**2 if side > 1 else AROUND


def together(fine: int, scale: int) -> int:
    """Side of the square of positions, of `fine` samples each, whose restored samples the reconstruction yields as one
    cell."""
    return max(1, YIELDED // (fine * scale))


def to_cells(plane: Plane, side: int) -> Codes:
    """Plane (side * rows, side * columns) to (1, samples, rows, columns), a cell's samples row by row.

    The sides of `plane` are multiples of `side`. With a side of 1 a position has the AROUND samples diagonally beside
    it; beyond the plane they are 0.
    """
    if side == 1:
        return all_to_cells(plane[None], side)
    rows, columns = (n // side for n in plane.shape)
    cells = np.empty((1, side * side, rows, columns), np.uint8)
    for dy in range(side):
        cv2.split(plane[dy::side].reshape(rows, columns, side), list(cells[0, dy * side : (dy + 1) * side]))
    return cells


def all_to_cells(planes: Codes, side: int) -> Codes:
    """As `to_cells`, of several small planes (planes, height, width): (planes, samples, rows, columns)."""
    count, height, width = planes.shape
    if side == 1:
        cells = np.zeros((count, AROUND, height, width), np.uint8)
        cells[:, 0, 1:, 1:] = planes[:, :-1, :-1]
        cells[:, 1, 1:, :-1] = planes[:, :-1, 1:]
        cells[:, 2, :-1, 1:] = planes[:, 1:, :-1]
        cells[:, 3, :-1, :-1] = planes[:, 1:, 1:]
        return cells
    rows, columns = height // side, width // side
    apart = planes.reshape(count, rows, side, columns, side).transpose(0, 2, 4, 1, 3)
    return np.ascontiguousarray(apart).reshape(count, side * side, rows, columns)


def restored_planes(cells: Codes) -> Codes:
    """What a reconstruction yields, (planes, side * side, rows, columns), as (planes, side * rows, side * columns)."""
    planes: Codes = from_cells(cells, isqrt(cells.shape[1]))[:, 0]
    return planes


def from_cells(cells: Codes, side: int) -> Codes:
    """(planes, channels * side * side, rows, columns) to (planes, channels, side * rows, side * columns)."""
    count, depth, rows, columns = cells.shape
    channels = depth // side**2
    if side == 1:
        return cells
    if count > 1 or rows * columns <= FEW:
        apart = cells.reshape(count, channels, side, side, rows, columns).transpose(0, 1, 4, 2, 5, 3)
        return np.ascontiguousarray(apart).reshape(count, channels, rows * side, columns * side)
    planes = np.empty((1, channels, rows, side, columns, side), np.uint8)
    for channel in range(channels):
        for dy in range(side):
            first = (channel * side + dy) * side
            planes[0, channel, :, dy] = cv2.merge(list(cells[0, first : first + side])).reshape(rows, columns, side)
    return planes.reshape(1, channels, rows * side, columns * side)
