"""What is kept of a stream of frames of one size."""

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Self

import cv2
import numpy as np

from edge_vsr.frame import Plane
from edge_vsr.sr.changes.grid import Grid
from edge_vsr.sr.changes.refresh import Asked, Means, tile_means
from edge_vsr.sr.changes.schedule import Waits
from edge_vsr.sr.network import MARGIN, unmirrored
from edge_vsr.sr.runtime import Codes
from edge_vsr.sr.shares import Shares
from edge_vsr.sr.upscaler import enlarge

Area = tuple[slice, slice]
"""Rows and columns of samples."""


@dataclass(frozen=True, slots=True)
class Residual:
    """What the network adds to bicubic, in levels; of a whole frame, scale times as large.

    Where it takes away, `more` is 0, else `less` is: sums of bytes are four times as fast as those of wider numbers.
    """

    more: Plane
    less: Plane

    @classmethod
    def between(cls, below: Plane, made: Plane) -> Self:
        return cls(np.asarray(cv2.subtract(made, below), np.uint8), np.asarray(cv2.subtract(below, made), np.uint8))

    def of(self, part: Area) -> Self:
        """A view of a part of it."""
        return type(self)(self.more[part], self.less[part])

    def take(self, below: Plane, made: Plane) -> None:
        """Become what is `between` these."""
        cv2.subtract(made, below, dst=self.more)
        cv2.subtract(below, made, dst=self.less)

    def clear(self) -> None:
        self.more[:] = self.less[:] = 0

    def put_on(self, below: Plane) -> None:
        """Turn `below` into the restored plane."""
        cv2.add(below, self.more, dst=below)
        cv2.subtract(below, self.less, dst=below)


@dataclass(slots=True)
class Kept:
    """The last frame's tiles: their luma, what the network added to each, and by what attention."""

    grid: Grid
    size: tuple[int, ...]
    """Height and width of the frames."""
    scale: int
    seen: Plane
    """Luma with its margin, each tile as it was when it was last made."""
    before: Plane
    """Luma of the last frame, with its margin."""
    since: Waits
    """Monotonic seconds at which each tile was found changed; infinity for those that are as they should be."""
    asked: Asked
    means: Means
    """Of the last frame."""
    shares: Shares
    context: Codes
    """Attended features of the frame with its padding, each tile's as last made."""
    whole: Plane
    """The last frame that was made whole; what was added in it is worked out when a tile of it is first kept."""
    added: Residual | None = None
    """What the network added to bicubic, each tile as last made; None right after a whole frame."""
    frames: int = 0
    wholes: int = 0
    """Frames made whole in a row."""

    @classmethod
    def nothing(cls, grid: Grid, y: Plane, luma: Plane, scale: int) -> Self:
        """Before the first frame."""
        none = np.empty((1, 0, 0, 0), np.uint8)
        since, means = np.full(grid.shape, math.inf), tile_means(luma)
        return cls(grid, y.shape, scale, luma, luma, since, Asked(-math.inf, means), means, Shares(none, none), none, y)

    def made_whole(self, luma: Plane, restored: Plane) -> None:
        """Take over a frame of which all is new."""
        self.seen, self.whole, self.added = luma, restored, None
        self.since[:] = math.inf

    def residual(self) -> Residual:
        """`added`, to be written to."""
        if self.added is None:
            y = unmirrored(self.seen, self.size, 1)
            below = enlarge(y, self.whole.shape[1], self.whole.shape[0])
            self.added = Residual.between(below, self.whole)
            self.seen = self.seen.copy()
        return self.added

    def show(self, where: Area, made: Plane, below: Plane) -> None:
        """Keep what `made`, a part of the result with its margin, adds to the whole frame's bicubic `below`."""
        (rows, made_rows), (columns, made_columns) = self._places(where)
        shown = made[made_rows, made_columns]
        if shown.size:  # a tile at the end may be margin alone
            self.residual().of((rows, columns)).take(below[rows, columns], shown)

    def hide(self, where: Area) -> None:
        """Let there be nothing but bicubic in a part of the frame with its margin."""
        (rows, _), (columns, _) = self._places(where)
        self.residual().of((rows, columns)).clear()

    def _places(self, where: Area) -> list[tuple[slice, slice]]:
        return [
            _both(place.start, place.stop, length, self.scale) for place, length in zip(where, self.size, strict=True)
        ]


@lru_cache(maxsize=4096)
def _both(start: int, stop: int, length: int, scale: int) -> tuple[slice, slice]:
    """Where a part of the axis with its margin is in the restored frame, and what of the part's own result that is."""
    first = min(max(0, start - MARGIN), length)
    last = min(max(0, stop - MARGIN), length)
    before = first + MARGIN - start
    return slice(first * scale, last * scale), slice(before * scale, (before + last - first) * scale)
