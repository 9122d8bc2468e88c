"""Parts of a frame through the network, attention frozen, several at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from edge_vsr.frame import Plane
from edge_vsr.sr.cells import all_to_cells, from_cells, restored_planes
from edge_vsr.sr.network import StagedNetwork
from edge_vsr.sr.runtime import Stage
from edge_vsr.sr.shares import Shares
from edge_vsr.sr.tiles import inwards

Corner = tuple[int, int]
"""Row and column of a part's first sample."""


@dataclass(frozen=True, slots=True)
class Axis:
    """What has to be seen of one axis to make a part of it, in luma samples."""

    part: slice
    near: slice
    """Of luma and attended features, for the reconstruction; multiples of `fine`."""
    features: slice
    """Where those features are, multiples of `align`."""
    far: slice
    """Of luma, for the extractor, multiples of `align`."""

    @classmethod
    def around(cls, start: int, size: int, length: int, halo: int, beyond: int, align: int) -> Self:
        """For the part of `size` from `start` of a padded axis of `length`. The reconstruction sees `halo` around it,
        the extractor `beyond` around the features there. At the axis's ends windows are moved inwards instead of cut:
        there they end as the whole frame does, and all windows of a size have one shape. The reconstruction ends a
        feature's side before the extractor.

        With nothing `beyond`, features of the part itself are still made of all that they depend on; of those around
        it, which its border alone sees, the outer half is missing. `halo` is half of `align` at most then."""
        near = _within(start - halo, size + 2 * halo, align, length - align)
        wide = -(-halo // align) * align
        ring = align if beyond else 0
        features = _within(start - wide, size + 2 * wide, ring, length - ring)
        far = _within(features.start - beyond, size + 2 * (wide + beyond), 0, length)
        return cls(slice(start, min(start + size, length - align)), near, features, far)


def _within(start: int, size: int, first: int, end: int) -> slice:
    start = first + inwards(start - first, size, end - first)
    return slice(start, start + size)


class Windows:
    """A network's extractor and reconstruction on parts of a frame. Used by one thread."""

    def __init__(self, network: StagedNetwork, halo: int, beyond: int) -> None:
        """The reconstruction sees `halo` luma samples around a part, a multiple of `fine`, and the extractor `beyond`
        around the features there; with the model's own halos the results are the whole frame's, byte for byte."""
        self.halo = halo
        self.reach = -(-halo // network.model.align) * network.model.align + beyond
        """Luma samples around a part on which it depends."""
        self._beyond = beyond
        self._network = network
        self._stages: dict[tuple[int, int], tuple[Stage, Stage]] = {}

    def make(self, luma: Plane, corners: Sequence[Corner], side: int, count: int, shares: Shares) -> list[Plane]:
        """Restored luma of square parts of what is restored of padded `luma`.

        Corners, of the frame with its margin, and `side` are multiples of `align`; the engines are given `count`
        windows, no fewer than there are parts. `shares` are those of the whole frame.
        """
        model = self._network.model
        extractor, reconstruction = self._stages_for(side, count)
        places = [self._place(corner, side, luma) for corner in corners]
        given = places + places[:1] * (count - len(places))
        far = [luma[rows.far, columns.far] for rows, columns in given]
        (features,) = extractor.run(all_to_cells(far, model.coarse))
        parts = [tuple(_scaled(axis.features, model.align, axis.far.start) for axis in place) for place in given]
        seen = np.stack([one[:, *part] for one, part in zip(features, parts, strict=True)])
        here = [
            (_scaled(rows.features, model.align), _scaled(columns.features, model.align)) for rows, columns in given
        ]
        wide = from_cells(shares.of(here).attend(seen), model.align // model.fine)
        inner = [tuple(_scaled(axis.near, model.fine, axis.features.start) for axis in place) for place in given]
        context = np.stack([one[:, *part] for one, part in zip(wide, inner, strict=True)])
        cells = all_to_cells([luma[rows.near, columns.near] for rows, columns in given], model.fine)
        (made,) = reconstruction.run(context, cells)
        restored = restored_planes(made)
        return [
            one[_grown(rows.part, model.scale, rows.near.start), _grown(columns.part, model.scale, columns.near.start)]
            for one, (rows, columns) in zip(restored, places, strict=False)
        ]

    def _place(self, corner: Corner, side: int, luma: Plane) -> tuple[Axis, Axis]:
        align = self._network.model.align
        rows, columns = (
            Axis.around(align + start, side, length, self.halo, self._beyond, align)
            for start, length in zip(corner, luma.shape, strict=True)
        )
        return rows, columns

    def _stages_for(self, side: int, count: int) -> tuple[Stage, Stage]:
        """A pair for each shape, so that none is ever built again."""
        if (side, count) not in self._stages:
            self._stages[side, count] = self._network.extractor.another(), self._network.reconstruction.another()
        return self._stages[side, count]


def _scaled(part: slice, by: int, origin: int = 0) -> slice:
    return slice((part.start - origin) // by, (part.stop - origin) // by)


def _grown(part: slice, scale: int, origin: int) -> slice:
    return slice((part.start - origin) * scale, (part.stop - origin) * scale)
