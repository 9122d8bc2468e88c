"""The bicubic skip as one small convolution with 8-bit weights."""

import numpy as np
from numpy.typing import NDArray

from edge_vsr.sr.cells import samples

DENOMINATOR = 128
"""Every tap is an integer over this: exact in an INT8 convolution."""


def cubic(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Keys' kernel with a = -0.5 (Keys, "Cubic convolution interpolation", 1981)."""
    a = np.abs(x)
    near = 1.5 * a**3 - 2.5 * a**2 + 1
    far = -0.5 * a**3 + 2.5 * a**2 - 4 * a + 2
    out: NDArray[np.float64] = np.where(a <= 1, near, np.where(a < 2, far, 0.0))
    return out


AROUND = ((0, 0), (0, 1), (0, 2), (1, 1), (1, 2))
"""Where 3x3 taps over the samples before and after a position reach the five samples around it: which of the two, and
which tap."""


def bicubic_taps(cell: int, scale: int) -> NDArray[np.float64]:
    """Weights (out, samples, 3, 3) that map luma in cells (`edge_vsr.sr.cells`) to depth-to-space(cell * scale)
    bicubic.

    A 3x3 window of cells holds the 4x4 samples of bicubic for every output of the middle cell. Each output's weights
    are integers / DENOMINATOR with sum exactly one, so that a flat area stays flat: the rounding error goes to the
    largest tap, where it weighs least.
    """
    up = cell * scale
    side = 5 if cell == 1 else 3 * cell
    centre = (side - cell) // 2 + (np.arange(up) + 0.5) / scale - 0.5
    line = cubic(centre[:, None] - np.arange(side)[None])
    taps = np.zeros((up * up, samples(cell), 3, 3))
    for oy in range(up):
        for ox in range(up):
            window = np.round(np.outer(line[oy], line[ox]) * DENOMINATOR)
            window.flat[np.argmax(window)] += DENOMINATOR - window.sum()
            taps[oy * up + ox] = _over_cells(window / DENOMINATOR, cell)
    return taps


def _over_cells(window: NDArray[np.float64], cell: int) -> NDArray[np.float64]:
    """Taps of a window of samples as taps of 3x3 cells."""
    if cell > 1:
        return window.reshape(3, cell, 3, cell).transpose(1, 3, 0, 2).reshape(cell * cell, 3, 3)
    taps = np.zeros((2, 2, 3, 3))
    for y, (below, row) in enumerate(AROUND):
        for x, (right, column) in enumerate(AROUND):
            taps[below, right, row, column] = window[y, x]
    return taps.reshape(4, 3, 3)
