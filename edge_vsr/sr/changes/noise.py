"""The camera's noise, from two frames, and the change that is more than noise. Pure."""

import math

import cv2
import numpy as np

from edge_vsr.frame import Plane

LEAST = 10
"""Levels of detail. What a coder changes in a still scene stays below; docs/changes.md has what it saves and costs."""
MOST = 24
"""Levels: a camera that moves must not pass for a noisy one."""
MARGIN = 6.0
"""Times the noise. The difference of two frames has 1.4 times the noise of one, and of a tile's hundreds of samples the
largest counts."""
ALONE = 5.0
"""Times the noise: of what noise alone changes, a tile's largest sample stays below."""
FOLLOW = 0.2
"""Share of a new estimate in the running one."""
_TILE = 16
_MASK = np.array([1, -2, 1], np.float32)
"""Along each axis, one after the other."""


def noise_between(before: Plane, after: Plane) -> float:
    """Standard deviation of the noise of one frame, in levels, from two successive ones.

    By J. Immerkær, "Fast Noise Variance Estimation" (Computer Vision and Image Understanding, 1996), on their
    difference, in the quarter of the tiles where that is least: there nothing moved. 0 for frames smaller than a tile.
    """
    rows, columns = (n // _TILE for n in before.shape)
    if not rows or not columns:
        return 0.0
    size = (slice(rows * _TILE), slice(columns * _TILE))
    apart = cv2.subtract(after[size], before[size], dtype=cv2.CV_16S)
    rough = np.abs(cv2.sepFilter2D(apart, cv2.CV_32F, _MASK, _MASK))
    means = cv2.resize(rough, (columns, rows), interpolation=cv2.INTER_AREA)
    return float(np.quantile(means, 0.25)) * math.sqrt(math.pi / 2) / 6 / math.sqrt(2)


def followed(noise: float | None, estimate: float) -> float:
    """The running estimate after one more."""
    return estimate if noise is None else noise + FOLLOW * (estimate - noise)


def threshold_for(noise: float) -> int:
    """The largest change of a sample, in levels, that is taken for noise."""
    return min(MOST, max(LEAST, math.ceil(MARGIN * noise)))


def half_way(threshold: int, noise: float) -> int:
    """The largest change, in levels, that is not yet on its way to the threshold."""
    return max(threshold // 2, math.ceil(ALONE * noise))
