"""One frame's luma, made finer by what is known of the next one's.

Two frames of a video are two looks at one scene, each wrong by what a quantizer rounded away; the later one had more
bits for it. So luma goes a part of the way to what the next frame has in its place: nearly all of it where nothing
moves, more than half where the same is found elsewhere, none where it is not found. What the next one has is itself
refined, by the one behind it.

Differences count in steps of the quantizer and around a place, not sample by sample: what was rounded away is as often
too much as too little.
"""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_vsr.frame import Plane
from edge_vsr.restoring.flow import Flow, Levels, followed

CELL = 4
"""Side in luma samples of the cells that differences are seen in."""
STANDING, MOVING = 0.96, 0.6
"""Part of the way."""
NEAR, ROUNDED, ALIKE = 0.4, 0.04, 0.25
"""Steps that the refined next frame may differ by at most, and by how many of them and what share of the detail around:
a quantizer leaves large differences where there is much to see, and what was not found again differs by all that there
is. Nothing is taken from twice as much on."""
SHIFT = 0.05
"""Steps that the mean may differ by of what stands still; from twice as much on it moves."""
AS_NEAR, UNFELT = 0.93, 0.04
"""It stands still if the next frame differs by no more than this share of what it differs by along its motion, and so
many steps."""
MOST = 1.2
"""Steps that a sample may change by."""
WIDE, MIDDLE, CLOSE, EDGE = 1.5, 1.0, 0.9, 1.0
"""Cells around that have a say (standard deviation): in the mean and the detail, in how the next frame differs, in how
the refined one does, and in what stands still."""
REFINING_BYTES = 50
"""A luma sample, while it is done."""

Cells = NDArray[np.float32]


def refined(now: Plane, known: Levels, flow: Flow | None, step: float) -> Levels:
    """Luma of one frame, `now`, by what is `known` of the next one's; both (rows, columns) in 0..255. `flow` leads from
    the one to the other; without, nothing moves. `step` is the quantizer's, in levels."""
    coded = now.astype(np.float32)
    means = _cells(coded)
    still: Cells = np.ones_like(means)
    better = known
    if flow is not None:
        better = followed(known, flow)
        unmoved, moved = (_difference(coded, there, MIDDLE) for there in (known, better))
        still = _around((unmoved <= AS_NEAR * moved + UNFELT * step).astype(np.float32), EDGE)
        better += _over(still, now) * cv2.subtract(known, better)
    shift = np.abs(_around(_cells(known) - means, WIDE))
    part = MOVING + (STANDING - MOVING) * still * _less(shift, SHIFT * step)
    near = np.minimum(NEAR * step, ROUNDED * step + ALIKE * _detail(coded, means))
    part *= _less(_difference(coded, better, CLOSE), near)
    change = np.clip(cv2.subtract(better, coded), -MOST * step, MOST * step)
    return np.asarray(coded + _over(part, now) * change, np.float32)


def stands(now: Plane, later: Plane, step: float) -> bool:
    """Whether no motion needs to be looked for."""
    return bool(_difference(now, later, MIDDLE).max() <= UNFELT * step)


def _difference(one: NDArray[Any], other: NDArray[Any], reach: float) -> Cells:
    return _around(_cells(cv2.absdiff(one, other)), reach)


def _detail(luma: Levels, means: Cells) -> Cells:
    """Standard deviation around."""
    mean = _around(means, WIDE)
    return np.sqrt(np.maximum(_around(_cells(cv2.multiply(luma, luma)), WIDE) - mean * mean, 0))


def _less(difference: Cells, limit: Cells | float) -> Cells:
    """1 up to `limit`, and less up to twice as much."""
    return np.asarray(np.clip(2 - difference / limit, 0, 1), np.float32)


def _cells(luma: NDArray[Any]) -> Cells:
    """Means."""
    rows, columns = (-(-side // CELL) for side in luma.shape)
    return np.asarray(cv2.resize(luma.astype(np.float32), (columns, rows), interpolation=cv2.INTER_AREA), np.float32)


def _over(cells: Cells, luma: NDArray[Any]) -> Levels:
    """Of each sample, by those around it."""
    return np.asarray(cv2.resize(cells, luma.shape[::-1], interpolation=cv2.INTER_LINEAR), np.float32)


def _around(cells: Cells, reach: float) -> Cells:
    return np.asarray(cv2.GaussianBlur(cells, (0, 0), reach), np.float32)
