"""Restored luma that is as still as what was coded.

A network sees what changes around a sample that does not, and answers a little differently each time: what stands still
flickers. A coder leaves such samples exactly as they were, so there what the network adds may only drift.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_vsr.frame import Plane
from edge_vsr.sr.upscaler import enlarge

AROUND = 1
"""Luma samples on each side that must be the same as well; docs/quality.md has what others are worth."""
DRIFT = 0.1
"""Share of a new addition in the kept one."""
FINE = 64
"""Steps of a level in which additions are kept."""
BAND = 64
"""Rows of the result that are worked on at a time."""
BESIDE_INPUT, BESIDE_RESULT = 2, 3
"""Bytes a luma sample that are held beside a frame and its result."""

Additions = NDArray[np.int16]
"""In steps of a level."""


class Steady:
    """Keeps what the network added to bicubic, from frame to frame of a video. Used by one thread."""

    def __init__(self) -> None:
        self._before: Plane | None = None
        self._kept: Additions | None = None

    def luma(self, y: Plane, made: Plane) -> Plane:
        """`made`, which is `y` restored, with its addition held back where `y` is what it was in the frame before."""
        below = enlarge(y, made.shape[1], made.shape[0])
        before, self._before = self._before, y
        kept = self._kept
        if before is None or kept is None or before.shape != y.shape or kept.shape != made.shape:
            self._kept = _added(made, below)
            return made
        changed = _changed(before, y)
        rows, columns = (np.arange(side) * there // side for side, there in zip(made.shape, y.shape, strict=True))
        for top in range(0, made.shape[0], BAND):
            band = slice(top, top + BAND)
            _step(kept[band], made[band], below[band], changed[rows[band]][:, columns])
        return below


def _step(kept: Additions, made: Plane, below: Plane, changed: NDArray[np.bool_]) -> None:
    """From the additions of the frame before to the next ones; `below` becomes the result."""
    added = _added(made, below)
    kept[:] = np.where(changed, added, cv2.addWeighted(added, DRIFT, kept, 1 - DRIFT, 0))
    below[:] = cv2.add(below, (kept + FINE // 2) // FINE, dtype=cv2.CV_8U)


def _added(made: Plane, below: Plane) -> Additions:
    return np.asarray(cv2.subtract(made, below, dtype=cv2.CV_16S), np.int16) * np.int16(FINE)


def _changed(before: Plane, after: Plane) -> NDArray[np.bool_]:
    side = 2 * AROUND + 1
    return np.asarray(cv2.dilate(cv2.absdiff(before, after), np.ones((side, side), np.uint8)), np.bool_)
