"""The network's three stages over a luma plane, whole or tile by tile.

The extractor and the reconstruction see no farther than their halos and run by tile; the attention sees the whole
frame and runs once, on the features of all tiles. Every way gives the same bytes.
"""

from dataclasses import dataclass
from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_vsr.frame import Plane, Size
from edge_vsr.sr.cells import from_cells, restored_planes, to_cells
from edge_vsr.sr.runtime import Codes, Runtime, Stage
from edge_vsr.sr.shares import Shares
from edge_vsr.sr.store import CHANNELS, Model, ModelStore
from edge_vsr.sr.tiles import Tile, gather, tiles

MARGIN = 8
"""Samples beyond each side of the frame that are restored with it: as many as the recipe leaves out of its loss at the
end of a patch, where the reconstruction sees black in the place of pictures. It has learnt nothing of such ends, and
would draw a frame around the picture. Only the features see a feature's side more, since in training none of them saw
padding."""
TileSize = tuple[int, int]
"""Rows and columns of luma samples, multiples of the model's `align`."""
Level = TypeVar("Level", np.uint8, np.float32)


def padding(length: int, align: int) -> tuple[int, int]:
    """Samples to mirror before and after `length`: a feature's side and at least MARGIN each; together they are a
    multiple of `align`."""
    return align + MARGIN, align + MARGIN + -(length + 2 * MARGIN) % align


def mirrored(y: Plane, align: int) -> Plane:
    """`y` continued beyond its borders by its mirror image, sides multiples of `align`. What a picture has at its
    border goes on there as pictures do, noise and edges alike; the border's own samples repeated would be stripes."""
    rows, columns = (padding(n, align) for n in y.shape)
    return np.asarray(cv2.copyMakeBorder(y, *rows, *columns, cv2.BORDER_REFLECT), np.uint8)


def unmirrored(made: NDArray[Level], size: tuple[int, ...], scale: int) -> NDArray[Level]:
    """The frame of `size` (height, width) without its margin, in what was made `scale` times as large; a view."""
    margin, (height, width) = MARGIN * scale, (n * scale for n in size)
    return made[margin : margin + height, margin : margin + width]


def without_ring(plane: Codes, width: int) -> Codes:
    """`plane` (..., rows, columns) without `width` of each at every side; a view."""
    return plane[..., width:-width, width:-width]


def padded_size(size: Size, align: int) -> Size:
    """Of a plane of `size`, `mirrored`."""
    width, height = (n + sum(padding(n, align)) for n in (size.width, size.height))
    return Size(width, height)


@dataclass(frozen=True)
class StagedNetwork:
    """A model's stages, loaded."""

    model: Model
    extractor: Stage
    attention: Stage
    reconstruction: Stage

    @classmethod
    def load(cls, store: ModelStore, model: Model, runtime: Runtime, threads: int) -> "StagedNetwork":
        """Verify and load every stage. Raises ModelError."""
        extractor, attention, reconstruction = (
            runtime.load(store.read(model, stage, runtime.name), threads) for stage in model.stages
        )
        return cls(model, extractor, attention, reconstruction)

    def restore(self, y: Plane, tile: TileSize | None = None) -> Plane:
        """Luma (height, width) to (scale * height, scale * width), both uint8; any size from 1x1.

        `tile` bounds what the extractor and the reconstruction hold at a time; None is the whole plane. Any multiple of
        `align` will do, though below the halo most of the work is done more than once. Raises ValueError for others.
        """
        align = self.model.align
        if tile and (min(tile) < 1 or tile[0] % align or tile[1] % align):
            raise ValueError(f"tiles of {tile[1]}x{tile[0]} for {self.model.name}; sides must be multiples of {align}")
        luma = mirrored(y, align)
        size = tile or (luma.shape[0], luma.shape[1])
        context, _ = self.attend(self.extract(luma, size))
        return unmirrored(self.reconstruct(context, luma, size), y.shape, self.model.scale)

    def within(self, luma: Plane) -> Plane:
        """The part of padded luma that is restored: the frame with its margin, sides multiples of `align`."""
        return without_ring(luma, self.model.align)

    def extract(self, luma: Plane, tile: TileSize) -> Codes:
        """Padded luma to features (1, 256, height / align, width / align)."""
        align = self.model.align
        rows, columns = (n // align for n in luma.shape)

        def make(one: Tile) -> Codes:
            (features,) = self.extractor.run(to_cells(one.see(luma, align), self.model.coarse))
            return features

        cut = tiles(rows, columns, (tile[0] // align, tile[1] // align), self.model.extractor_halo // align)
        return gather(cut, make, (1, CHANNELS, rows, columns))

    def attend(self, features: Codes) -> tuple[Codes, Shares]:
        """Features of the whole frame to attended ones, at the reconstruction's resolution; and by what shares."""
        attended, channels, positions = self.attention.run(features)
        return from_cells(attended, self.model.align // self.model.fine), Shares(channels, positions)

    def reconstruct(self, context: Codes, luma: Plane, tile: TileSize) -> Plane:
        """Attended features and padded luma to restored luma, of what is `within`."""
        fine, scale = self.model.fine, self.model.scale
        luma, context = self.within(luma), without_ring(context, self.model.align // fine)
        rows, columns = (n // fine for n in luma.shape)

        def make(one: Tile) -> Plane:
            (cells,) = self.reconstruction.run(one.see(context), to_cells(one.see(luma, fine), fine))
            plane: Plane = restored_planes(cells)[0]
            return plane

        cut = tiles(rows, columns, (tile[0] // fine, tile[1] // fine), self.model.halo // fine)
        return gather(cut, make, (luma.shape[0] * scale, luma.shape[1] * scale), fine * scale)
