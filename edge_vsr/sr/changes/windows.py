"""Parts of a frame through the network, attention frozen, several at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Self

import numpy as np

from edge_vsr.frame import Plane
from edge_vsr.sr.cells import all_to_cells, from_cells, restored_planes
from edge_vsr.sr.network import StagedNetwork
from edge_vsr.sr.runtime import Codes, Stage
from edge_vsr.sr.shares import Shares
from edge_vsr.sr.tiles import inwards

Corner = tuple[int, int]
"""Row and column of a part's first sample."""


@dataclass(frozen=True, slots=True)
class Axis:
    """What has to be seen of one axis to make a part of it, in luma samples."""

    part: slice
    """What is made, multiples of `align`."""
    near: slice
    """Of luma and attended features, for the reconstruction; multiples of `fine`."""
    features: slice
    """Where features are made anew, multiples of `align`."""
    far: slice
    """Of luma, for the extractor, multiples of `align`."""

    @classmethod
    def around(cls, start: int, size: int, length: int, halo: int, wide: int, align: int) -> Self:
        """For the part of `size` from `start` of a padded axis of `length`. The reconstruction sees `halo` around it;
        features are made `wide` around it, of what is within one feature's side of them. At the axis's ends all of
        these are moved inwards instead of cut: there they end as the whole frame does, and all windows of a size have
        one shape. The reconstruction ends a feature's side before the extractor."""

        def within(around: int) -> slice:
            first = align + inwards(start - around - align, size + 2 * around, length - 2 * align)
            return slice(first, first + size + 2 * around)

        features = within(wide)
        return cls(within(0), within(halo), features, slice(features.start - align, features.stop + align))


Place = tuple[Axis, Axis]
"""Rows and columns of a part."""


class Windows:
    """A network's extractor and reconstruction on square parts of a frame. Used by one thread."""

    def __init__(self, network: StagedNetwork, halo: int, *, exact: bool) -> None:
        """The reconstruction sees `halo` luma samples around a part, a multiple of `fine`. Where parts have to be
        `exact` that is the model's own halo, all features that it sees are made anew, and no window sees another: the
        results are the whole frame's, byte for byte. Else windows lie side by side as one picture, which the engines
        run faster."""
        align = network.model.align
        self.halo = halo
        self._wide = -(-halo // align) * align if exact else 0
        self.reach = max(halo, self._wide + align)
        """Luma samples around a part on which it depends."""
        self._apart = exact
        self._network = network
        self._stages: dict[tuple[int, int], tuple[Stage, Stage]] = {}
        self._axis = lru_cache(maxsize=4096)(Axis.around)

    def places(self, luma: Plane, corners: Sequence[Corner], side: int) -> list[Place]:
        """Of square parts of padded `luma`. Corners, of the frame with its margin, and `side` are multiples of
        `align`."""
        align, (height, width) = self._network.model.align, luma.shape
        return [
            (
                self._axis(align + row, side, height, self.halo, self._wide, align),
                self._axis(align + column, side, width, self.halo, self._wide, align),
            )
            for row, column in corners
        ]

    def extract(self, luma: Plane, context: Codes, places: Sequence[Place], count: int, shares: Shares) -> None:
        """Make the attended features of parts of padded `luma` anew in `context`, those of the whole frame.

        The engine is given `count` windows, no fewer than there are places. `shares` are those of the whole frame.
        """
        model = self._network.model
        sheet = self._sheet(count, 1, _length(places[0][0].far))
        for window, (rows, columns) in zip(self._windows(sheet, count), places, strict=False):
            window[0] = luma[rows.far, columns.far]
        (made,) = self._stages_for(places, count)[0].run(all_to_cells(sheet[:, 0], model.coarse))
        features = self._windows(made, count)[: len(places), :, 1:-1, 1:-1]
        here = [
            (_scaled(rows.features, model.align), _scaled(columns.features, model.align)) for rows, columns in places
        ]
        attended = from_cells(shares.of(here).attend(features), model.align // model.fine)
        for one, (rows, columns) in zip(attended, places, strict=True):
            context[0, :, _scaled(rows.features, model.fine), _scaled(columns.features, model.fine)] = one

    def make(self, luma: Plane, context: Codes, places: Sequence[Place], count: int) -> list[Plane]:
        """Restored luma of parts of what is restored of padded `luma`, of the attended features `context` of the whole
        frame. The engine is given `count` windows, no fewer than there are places."""
        model = self._network.model
        side = _length(places[0][0].near)
        sheet, seen = self._sheet(count, 1, side), self._sheet(count, model.context, side // model.fine)
        windows, seen_windows = self._windows(sheet, count), self._windows(seen, count)
        for number, (rows, columns) in enumerate(places):
            windows[number, 0] = luma[rows.near, columns.near]
            seen_windows[number] = context[0, :, _scaled(rows.near, model.fine), _scaled(columns.near, model.fine)]
        (cells,) = self._stages_for(places, count)[1].run(seen, all_to_cells(sheet[:, 0], model.fine))
        restored = self._windows(restored_planes(cells)[:, None], count)
        parts = ([_grown(axis.part, model.scale, axis.near.start) for axis in place] for place in places)
        return [one[0, *part] for one, part in zip(restored, parts, strict=False)]

    def _sheet(self, count: int, channels: int, side: int) -> Codes:
        """Room for `count` windows."""
        shape = (count, channels, side, side) if self._apart else (1, channels, side, count * side)
        return np.zeros(shape, np.uint8)

    def _windows(self, sheet: Codes, count: int) -> Codes:
        """The windows of a sheet, (count, channels, rows, columns); a view."""
        if self._apart:
            return sheet
        _, channels, rows, columns = sheet.shape
        return sheet.reshape(channels, rows, count, columns // count).transpose(2, 0, 1, 3)

    def _stages_for(self, places: Sequence[Place], count: int) -> tuple[Stage, Stage]:
        """A pair for each shape, so that none is ever built again."""
        key = _length(places[0][0].part), count
        if key not in self._stages:
            self._stages[key] = self._network.extractor.another(), self._network.reconstruction.another()
        return self._stages[key]


def without(part: slice, ring: int) -> slice:
    """`part` of a padded axis, counted from behind its first `ring` samples."""
    return slice(part.start - ring, part.stop - ring)


def _length(part: slice) -> int:
    length: int = part.stop - part.start
    return length


def _scaled(part: slice, by: int) -> slice:
    return slice(part.start // by, part.stop // by)


def _grown(part: slice, scale: int, origin: int) -> slice:
    return slice((part.start - origin) * scale, (part.stop - origin) * scale)
