"""A plane cut into tiles, each with the window that a network has to see to make it.

All windows have one shape, which is what inference engines run fastest and hoard no memory for. At a plane's border
a window is moved inwards instead of cut: there its border is the plane's own, and what a convolution pads is what it
would have padded for the whole plane. Everywhere else a tile keeps the halo's distance from its window's border, and no
value made up there reaches it. So the tiles together are the whole plane's result, bit for bit.

Lengths count in units of whoever asks, such as cells; `grow` says how many samples of an array a unit is.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Planes = NDArray[np.uint8]
"""(..., rows, columns)."""


@dataclass(frozen=True, slots=True)
class Span:
    """A tile along one axis, and its window."""

    start: int
    stop: int
    """Of the tile in the plane."""
    window: int
    """Where its window starts in the plane."""
    length: int
    """Of the window."""

    def tile(self, grow: int = 1) -> slice:
        """The tile in the plane."""
        return slice(self.start * grow, self.stop * grow)

    def seen(self, grow: int = 1) -> slice:
        """The window in the plane."""
        return slice(self.window * grow, (self.window + self.length) * grow)

    def kept(self, grow: int = 1) -> slice:
        """The tile in its window."""
        return slice((self.start - self.window) * grow, (self.stop - self.window) * grow)


@dataclass(frozen=True, slots=True)
class Tile:
    """A tile and its window."""

    rows: Span
    columns: Span

    def see(self, plane: Planes, grow: int = 1) -> Planes:
        """The window of a whole plane, as an array of its own."""
        return np.ascontiguousarray(plane[..., self.rows.seen(grow), self.columns.seen(grow)])

    def put(self, made: Planes, plane: Planes, grow: int = 1) -> None:
        """Write the tile of what was made from its window to a whole plane."""
        kept = made[..., self.rows.kept(grow), self.columns.kept(grow)]
        plane[..., self.rows.tile(grow), self.columns.tile(grow)] = kept


def spans(length: int, tile: int, halo: int) -> tuple[Span, ...]:
    """Tiles of `tile`, the last one what is left; one tile where a window would be as long as the plane."""
    if length < 1 or tile < 1 or halo < 0:
        raise ValueError(f"a length of {length} in tiles of {tile} with a halo of {halo}")
    window = tile + 2 * halo
    if window >= length:
        return (Span(0, length, 0, length),)
    return tuple(
        Span(start, min(start + tile, length), inwards(start - halo, window, length), window)
        for start in range(0, length, tile)
    )


def inwards(start: int, window: int, length: int) -> int:
    """Where a window that would begin at `start` begins when it is moved into the plane."""
    return min(max(0, start), length - window)


def tiles(height: int, width: int, tile: tuple[int, int], halo: int) -> tuple[Tile, ...]:
    """Row by row; `tile` is (rows, columns)."""
    return tuple(
        Tile(rows, columns) for rows in spans(height, tile[0], halo) for columns in spans(width, tile[1], halo)
    )


def gather(cut: Sequence[Tile], make: Callable[[Tile], Planes], shape: tuple[int, ...], grow: int = 1) -> Planes:
    """The plane of `shape` that the tiles make, each from its window. A lone tile's is the plane itself, not a copy."""
    if len(cut) == 1:
        return make(cut[0])
    whole = np.empty(shape, np.uint8)
    for one in cut:
        one.put(make(one), whole, grow)
    return whole
