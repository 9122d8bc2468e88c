"""When the attention is asked again. Pure."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_vsr.frame import Plane

TILE = 16
"""Luma samples a side."""
REFRESH_SECONDS = 10.0
SCENE_LEVELS = 16
SCENE_SHARE = 0.5
"""Of the tiles whose mean moves by more than SCENE_LEVELS from one frame to the next: another scene."""
EXPOSURE_LEVELS = 4
"""By which the middle one of all tiles' means may move before the light, or the camera's exposure, is another."""

Means = NDArray[np.uint8]
"""(rows, columns) of tiles, in levels."""


@dataclass(frozen=True, slots=True)
class Asked:
    """When the attention was asked, and about what."""

    time: float
    """Monotonic seconds."""
    means: Means


def tile_means(luma: Plane) -> Means:
    """The mean of each tile of `luma`, or what is nearest to that."""
    size = tuple(max(1, n // TILE) for n in luma.shape)
    full = luma[: size[0] * TILE, : size[1] * TILE]
    return np.asarray(cv2.resize(full, size[::-1], interpolation=cv2.INTER_AREA), np.uint8)


def why_refresh(asked: Asked, time: float, before: Means, now: Means, seconds: float = REFRESH_SECONDS) -> str | None:
    """The reason to ask again, in a word; None if there is none. `before` is of the frame before `now`."""
    if np.count_nonzero(cv2.absdiff(before, now) > SCENE_LEVELS) > SCENE_SHARE * now.size:
        return "scene"
    moved = np.sort(cv2.subtract(now, asked.means, dtype=cv2.CV_16S), axis=None)
    if abs(moved[moved.size // 2]) > EXPOSURE_LEVELS:
        return "exposure"
    if time - asked.time >= seconds:
        return "time"
    return None
