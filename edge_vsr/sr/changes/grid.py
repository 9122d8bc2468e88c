"""A frame as a grid of tiles: which of them changed, and the rectangles of work that hold those."""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from operator import itemgetter
from typing import Self

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_vsr.frame import Plane

TILE = 16
"""Luma samples a side at least: half of it gains a tenth in tiles run, and loses it to the halos."""
BLOCKS = (2, 4)
"""Sides, in tiles, of the squares that are made; an engine prepares itself for each, and for each number of them."""
COUNTS = (1, 2, 3, 4, 6, 8)
"""Squares of one size that are made at a time."""
CALL_SAMPLES = 6000
"""What a call costs beside its samples, in samples of a whole frame: two engines and a dozen arrays."""
WHOLE_SHARE = 0.7
"""Of a whole frame's cost, from which all of it is made: the estimate is a rough one."""

Mask = NDArray[np.bool_]
"""(rows, columns) of tiles."""
Change = NDArray[np.uint8]
"""(rows, columns) of tiles, in levels."""


@dataclass(frozen=True, slots=True)
class Block:
    """A square of tiles."""

    top: int
    left: int
    side: int

    @property
    def tiles(self) -> tuple[slice, slice]:
        return slice(self.top, self.top + self.side), slice(self.left, self.left + self.side)


@dataclass(frozen=True, slots=True)
class Batch:
    """Squares of one size, made at once."""

    blocks: tuple[Block, ...]
    count: int
    """Of COUNTS: as many are made."""


@dataclass(frozen=True, slots=True)
class Grid:
    """The tiles of one frame size."""

    height: int
    width: int
    """Of the luma with its margin, in samples."""
    tile: int
    """Luma samples a side; the last row and column may hold fewer."""
    halo: int
    """Luma samples around a rectangle that its work goes through."""
    reach: int
    """Tiles around a changed one whose result may be another."""
    sides: tuple[int, ...]
    """Those of BLOCKS that fit into the frame with all that they depend on."""

    @classmethod
    def of(cls, luma: Plane, align: int, halo: int, reach: int) -> Self:
        """For luma, with its margin, whose features are `align` samples a side. The reconstruction sees `halo` samples
        around a tile, which depends on luma within `reach` samples of it."""
        height, width = luma.shape
        tile = -(-TILE // align) * align
        sides = tuple(side for side in BLOCKS if side * tile + 2 * reach <= min(height, width))
        return cls(height, width, tile, halo, -(-reach // tile), sides)

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of tiles."""
        return -(-self.height // self.tile), -(-self.width // self.tile)

    @property
    def whole(self) -> float:
        """Cost of all tiles at once, in samples."""
        return self.height * self.width + CALL_SAMPLES

    def largest(self, apart: Plane) -> Change:
        """The largest sample in each tile of a plane as large as the luma with its margin."""
        rows, columns = self.shape
        below, right = rows * self.tile - self.height, columns * self.tile - self.width
        if below or right:
            apart = np.asarray(cv2.copyMakeBorder(apart, 0, below, 0, right, cv2.BORDER_CONSTANT, value=(0,)), np.uint8)
        # Down the columns first: that is done many samples at a time.
        bands = apart.reshape(rows, self.tile, -1).max(1)
        return np.asarray(bands.reshape(rows, columns, self.tile).max(2), np.uint8)

    def around(self, mask: Mask) -> Mask:
        """All tiles within reach of those in `mask`."""
        side = 2 * self.reach + 1
        return np.asarray(cv2.dilate(mask.astype(np.uint8), np.ones((side, side), np.uint8)), np.bool_)

    def cost(self, batches: Iterable[Batch]) -> float:
        """Of working through `batches`, in samples of a whole frame."""
        return sum(CALL_SAMPLES + batch.count * self._samples(batch.blocks[0].side) for batch in batches)

    def cover(self, mask: Mask, most: float = math.inf) -> tuple[Batch, ...] | None:
        """Squares that hold every tile of `mask`; None if they cost more than `most`.

        The greedy way to cover a set: the next one holds the most tiles for its cost that none before holds.
        """
        if int(mask.sum()) * min((self._samples(side) / side**2 for side in self.sides), default=0) > most:
            return None  # even if every square were full
        left = mask.astype(np.uint8)
        found: dict[int, list[Block]] = {side: [] for side in self.sides}
        spent = 0.0
        while left.any():
            _, block = max((self._best(left, side) for side in self.sides), key=itemgetter(0))
            found[block.side].append(block)
            left[block.tiles] = 0
            spent += self._samples(block.side)
            if spent > most:
                return None
        batches = tuple(batch for blocks in found.values() for batch in _batches(blocks))
        return batches if self.cost(batches) <= most else None

    def _best(self, left: NDArray[np.uint8], side: int) -> tuple[float, Block]:
        """The best place of a square, and how many tiles it holds for its cost."""
        sums = cv2.integral(left)
        held = sums[side:, side:] - sums[:-side, side:] - sums[side:, :-side] + sums[:-side, :-side]
        top, edge = divmod(int(held.argmax()), held.shape[1])
        return float(held[top, edge]) / self._samples(side), Block(top, edge, side)

    def _samples(self, side: int) -> int:
        return (side * self.tile + 2 * self.halo) ** 2


def _batches(blocks: list[Block]) -> Iterator[Batch]:
    """As few calls as will do, the last one no larger than it must be."""
    for first in range(0, len(blocks), COUNTS[-1]):
        some = tuple(blocks[first : first + COUNTS[-1]])
        yield Batch(some, next(count for count in COUNTS if count >= len(some)))
