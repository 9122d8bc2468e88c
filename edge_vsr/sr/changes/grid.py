"""A frame as a grid of tiles: which of them changed, and the rectangles of work that hold those."""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Self

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_vsr.frame import Plane

TILE = 16
"""Luma samples a side at least: half of it gains a tenth in tiles run, and loses it to the halos."""
BLOCKS = (1, 2, 4)
"""Sides, in tiles, of the squares that are made; an engine prepares itself for each, and for each number of them."""
COUNTS = {1: (1, 2, 3, 4, 6, 8, 12, 16, 24, 32), 2: (1, 2, 4, 8), 4: (1, 2, 4, 8)}
"""Squares of each side that are made at a time."""
FEW = 3
"""Squares of one size that a larger one may take the place of."""
CALL_WORK = 120_000
"""What a call costs beside its windows, in samples times channels of the reconstruction: two engines, whose code and
weights come from far off, and a dozen arrays."""
WINDOW_WORK = 6_000
"""What a window costs beside what the engines see of it: its arrays."""
EXTRACTOR_SHARE = 1 / 16
"""Of a sample's cost in the reconstruction, what one in the extractor costs."""
ATTENTION_SHARE = 1 / 16
"""And what one in the attention costs."""
WHOLE_SHARE = 0.7
"""Of a whole frame's cost, from which all of it is made: it leaves nothing behind that is almost as it should be."""

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
    """Luma samples around a tile on which it depends."""
    sides: tuple[int, ...]
    """Those of BLOCKS that fit into the frame with all that they depend on."""
    channels: int
    """Of the reconstruction."""

    @classmethod
    def of(cls, luma: Plane, align: int, halo: int, reach: int, channels: int) -> Self:
        """For luma, with its margin, whose features are `align` samples a side. The reconstruction, of so many
        channels, sees `halo` samples around a tile, which depends on luma within `reach` samples of it."""
        height, width = luma.shape
        tile = -(-TILE // align) * align
        sides = tuple(side for side in BLOCKS if side * tile + 2 * reach <= min(height, width))
        return cls(height, width, tile, halo, reach, sides, channels)

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of tiles."""
        return -(-self.height // self.tile), -(-self.width // self.tile)

    @property
    def whole(self) -> float:
        """Cost of all tiles at once, in samples."""
        return self.height * self.width * (1 + EXTRACTOR_SHARE + ATTENTION_SHARE) + self._call

    def largest(self, apart: Plane) -> Change:
        """The largest sample in each tile of a plane as large as the luma with its margin."""
        rows, columns = self.shape
        below, right = rows * self.tile - self.height, columns * self.tile - self.width
        if below or right:
            apart = np.asarray(cv2.copyMakeBorder(apart, 0, below, 0, right, cv2.BORDER_CONSTANT, value=(0,)), np.uint8)
        # Down the columns first: that is done many samples at a time.
        bands = apart.reshape(rows, self.tile, -1).max(1)
        return np.asarray(bands.reshape(rows, columns, self.tile).max(2), np.uint8)

    def samples(self, block: Block) -> tuple[slice, slice]:
        """Where `block` is in luma with its margin."""
        down, across = (
            slice(part.start * self.tile, min(part.stop * self.tile, length))
            for part, length in zip(block.tiles, (self.height, self.width), strict=True)
        )
        return down, across

    def around(self, mask: Mask) -> Mask:
        """All tiles within reach of those in `mask`."""
        side = 2 * -(-self.reach // self.tile) + 1
        return np.asarray(cv2.dilate(mask.astype(np.uint8), np.ones((side, side), np.uint8)), np.bool_)

    def cost(self, batches: Iterable[Batch]) -> float:
        """Of working through `batches`, in samples of a whole frame."""
        return sum(self._call + batch.count * self._samples(batch.blocks[0].side) for batch in batches)

    def cover(self, mask: Mask, most: float = math.inf) -> tuple[Batch, ...] | None:
        """Squares that hold every tile of `mask`; None if they cost more than `most`."""
        needed = np.argwhere(mask).tolist()
        if not needed:
            return ()
        least = len(needed) * min((self._samples(side) / _fullest(mask, side) for side in self.sides), default=0)
        if least > most:
            return None  # even if every square were as full as the fullest
        alone = self._batches({1: [Block(row, column, 1) for row, column in needed]})
        choices = [alone]
        if self.cost(alone) > self._call + least:
            found = self._squares(mask, most)
            choices += [] if found is None else [self._merged(found)]
        best = min(choices, key=self.cost)
        return best if self.cost(best) <= most else None

    def _merged(self, found: dict[int, list[Block]]) -> tuple[Batch, ...]:
        """A few small squares may not be worth a call of their own."""
        batches = self._batches(found)
        for small, large in pairwise(self.sides):
            if len(found[small]) > FEW:
                continue
            merged = {**found, small: [], large: found[large] + [self._grown(one, large) for one in found[small]]}
            fewer = self._batches(merged)
            if self.cost(fewer) < self.cost(batches):
                found, batches = merged, fewer
        return batches

    def _squares(self, mask: Mask, most: float) -> dict[int, list[Block]] | None:
        """Row by row, over the first tile that no square holds yet, the one that holds the most tiles for its cost;
        None if they cost more than `most`."""
        rows, columns = self.shape
        costs = {side: self._samples(side) for side in self.sides}
        found: dict[int, list[Block]] = {side: [] for side in self.sides}
        # A row's tiles as the bits of a number: those that a square holds are counted in no time.
        left = [int.from_bytes(row.tobytes(), "little") for row in np.packbits(mask, 1, "little")]
        spent = 0.0
        for row in range(rows):
            while left[row]:
                column = (left[row] & -left[row]).bit_length() - 1
                best, block = 0.0, Block(0, 0, 0)
                for side, cost in costs.items():
                    top = min(row, rows - side)
                    for edge in range(max(0, column - side + 1), min(column, columns - side) + 1):
                        bits = (1 << side) - 1 << edge
                        held = 0
                        for line in left[top : top + side]:
                            held += (line & bits).bit_count()
                        if held > best * cost:
                            best, block = held / cost, Block(top, edge, side)
                found[block.side].append(block)
                spent += costs[block.side]
                if spent > most:
                    return None
                free = ~((1 << block.side) - 1 << block.left)
                for number in range(block.top, block.top + block.side):
                    left[number] &= free
        return found

    def _grown(self, block: Block, side: int) -> Block:
        rows, columns = self.shape
        return Block(min(block.top, rows - side), min(block.left, columns - side), side)

    def _batches(self, found: dict[int, list[Block]]) -> tuple[Batch, ...]:
        return tuple(batch for side, blocks in found.items() for batch in self._calls(side, blocks))

    def _calls(self, side: int, blocks: list[Block]) -> Iterator[Batch]:
        """As few calls as will do, unless windows that nobody needs would cost more than one more call."""
        counts, cost = COUNTS[side], self._samples(side)
        while blocks:
            count = next((count for count in counts if count >= len(blocks)), counts[-1])
            if (count - len(blocks)) * cost > self._call:
                count = max(count for count in counts if count <= len(blocks))
            yield Batch(tuple(blocks[:count]), count)
            blocks = blocks[count:]

    @property
    def _call(self) -> float:
        """What a call costs beside its windows."""
        return CALL_WORK / self.channels

    def _samples(self, side: int) -> float:
        """What a square's window costs."""
        seen, around = side * self.tile + 2 * self.halo, side * self.tile + 2 * self.reach
        return seen**2 + EXTRACTOR_SHARE * around**2 + WINDOW_WORK / self.channels


def _fullest(mask: Mask, side: int) -> int:
    """The most tiles of `mask` that a square holds."""
    return int(
        cv2.boxFilter(mask.view(np.uint8), -1, (side, side), normalize=False, borderType=cv2.BORDER_CONSTANT).max()
    )
