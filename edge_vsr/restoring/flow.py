"""Where what a frame shows is in the next one, and what is seen there.

By dense inverse search (Kroeger, Timofte, Dai, Van Gool, "Fast Optical Flow using Dense Inverse Search", ECCV 2016), as
OpenCV has it.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_vsr.frame import Plane

Flow = NDArray[np.float16]
"""(rows, columns, 2) of a luma plane made smaller by SMALLER: how far to the right and down it goes from there, in
samples of the plane itself."""
Levels = NDArray[np.float32]
"""Luma, (rows, columns), in 0..255 and a little beyond, finer than its codes."""

SMALLER = 2
"""By what planes are made smaller, each way, to look for motion in; docs/quality.md has what this and the next two are
worth."""
PATCH, STRIDE = 8, 6
"""Side of the patches that are looked for, and how far apart they are."""
ITERATIONS = 6
"""Of the search for each."""
LEAST_SIDE = 16
"""Of the smaller planes. Less has no motion to be found in."""
FLOW_BYTES = 4 / SMALLER**2
"""A luma sample."""


class Follower:
    """Finds motion. Used by one thread."""

    def __init__(self) -> None:
        self._search = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_ULTRAFAST)
        self._search.setFinestScale(0)
        self._search.setPatchSize(PATCH)
        self._search.setPatchStride(STRIDE)
        self._search.setGradientDescentIterations(ITERATIONS)

    def flow(self, now: Plane, later: Plane) -> Flow | None:
        """From `now` to `later`, planes of one size; None if they are too small."""
        rows, columns = (side // SMALLER for side in now.shape)
        if min(rows, columns) < LEAST_SIDE:
            return None
        before, after = (cv2.resize(one, (columns, rows), interpolation=cv2.INTER_AREA) for one in (now, later))
        found = self._search.calc(before, after, None)  # type: ignore[call-overload]
        return np.asarray(SMALLER * found, np.float16)


def followed(later: Levels, flow: Flow) -> Levels:
    """What `later` shows where `flow` leads, by a cubic; its border goes on beyond it."""
    rows, columns = later.shape
    there = np.asarray(cv2.resize(flow.astype(np.float32), (columns, rows), interpolation=cv2.INTER_LINEAR), np.float32)
    there[..., 0] += np.arange(columns, dtype=np.float32)
    there[..., 1] += np.arange(rows, dtype=np.float32)[:, None]
    # A map of two channels, which the stubs do not know, takes two thirds of the time of two.
    seen = cv2.remap(later, there, None, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)  # type: ignore[call-overload]
    return np.asarray(seen, np.float32)
