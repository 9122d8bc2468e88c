"""A picture shown to a network in several ways, and the mean of what it makes of them.

A network takes an edge from the left for another thing than one from the right, and a dark line for another than a
bright one, and is wrong in other places each time: so the mean is nearer to the truth than any one of them (Timofte,
Rothe, Van Gool, "Seven ways to improve example-based single image super resolution", CVPR 2016, has the orientations).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_vsr.errors import UsageError
from edge_vsr.frame import Plane

WHITE = np.uint8(255)


@dataclass(frozen=True, slots=True)
class View:
    """One way to show a picture."""

    turns: int = 0
    """Quarter turns to the left, after the flip."""
    flip: bool = False
    """From side to side."""
    negative: bool = False

    def of(self, y: Plane) -> Plane:
        """A picture so; contiguous, since engines want that."""
        turned = np.rot90(y[:, ::-1] if self.flip else y, self.turns)
        return np.ascontiguousarray(WHITE - turned if self.negative else turned)

    def undone(self, y: Plane) -> Plane:
        """The picture of which `y` is this view."""
        upright: Plane = np.rot90(WHITE - y if self.negative else y, -self.turns)
        return upright[:, ::-1] if self.flip else upright


def _views(turns: tuple[int, ...]) -> Iterator[View]:
    for flip, turn, negative in product((False, True), turns, (False, True)):
        yield View(turn, flip, negative)


KEEPING_SHAPE = tuple(_views((0, 2)))
"""The picture as it is first; engines, which build for one shape, have nothing to do anew."""
ALL = (*KEEPING_SHAPE, *_views((1, 3)))
ORIENTATIONS_FIRST = tuple(sorted(KEEPING_SHAPE, key=lambda view: view.negative))
"""For networks that learnt on what cameras and codecs make of dark and of bright: a negative is another world there."""
COUNTS = (1, 2, 4, 8)
"""Of either, from the first: each way with its opposite."""


def first_views(count: int, *, lossy: bool = False) -> tuple[View, ...]:
    """For a network that learnt on coded pictures (`lossy`) or on clean ones. Raises UsageError for a number that is
    not in COUNTS."""
    if count not in COUNTS:
        raise UsageError(f"--views {count}: give {', '.join(map(str, COUNTS[:-1]))} or {COUNTS[-1]}")
    return (ORIENTATIONS_FIRST if lossy else KEEPING_SHAPE)[:count]


def mean_of_views(make: Callable[[Plane], Plane], y: Plane, views: tuple[View, ...]) -> Plane:
    """What `make` makes of `views` of luma `y`, as `y` is, averaged and rounded.

    `make` leads from (rows, columns) to (scale * rows, scale * columns), both uint8, as this does."""
    total: NDArray[np.uint16] = np.zeros((1, 1), np.uint16)
    for view in views:
        total = total + view.undone(make(view.of(y)))
    return np.asarray(cv2.convertScaleAbs(total, alpha=1 / len(views)), np.uint8)
