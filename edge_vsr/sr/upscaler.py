"""Frames to larger frames: the network on luma, bicubic on chroma; or bicubic alone, which cannot fail."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Protocol, runtime_checkable

import cv2
import numpy as np

from edge_vsr.errors import InputError, UsageError
from edge_vsr.frame import LARGEST_SIDE, Frame, Plane, Size
from edge_vsr.memory import Machine
from edge_vsr.sr.budget import Budget, Carried, fitting_tile, usual_tile
from edge_vsr.sr.engines import open_runtime, usable_cpus
from edge_vsr.sr.library import open_library
from edge_vsr.sr.network import StagedNetwork, TileSize
from edge_vsr.sr.runtime import Runtime
from edge_vsr.sr.store import LOSSY, ModelStore
from edge_vsr.sr.views import first_views, mean_of_views

BICUBIC = "bicubic"
VIEWED = Carried(inputs=1, outputs=4)
"""What is held beside a picture and its result where that is the mean of several views: one of them, what became of it,
and their sum."""


class Upscaler(Protocol):
    """Makes frames larger. Used by one thread at a time."""

    @property
    def name(self) -> str:
        """The model's name, for people."""

    @property
    def scale(self) -> int:
        """Output samples an input sample, each way."""

    def luma(self, y: Plane) -> Plane:
        """Luma (height, width) to (scale * height, scale * width), both uint8."""


@runtime_checkable
class Bounded(Protocol):
    """An upscaler that a memory budget may bound."""

    def tile_for(self, size: Size) -> TileSize | None:
        """The tile for pictures of `size`; None for the whole. Raises UsageError where the budget has room for none."""


def enlarge(plane: Plane, width: int, height: int) -> Plane:
    """Bicubic to the given size."""
    return np.asarray(cv2.resize(plane, (width, height), interpolation=cv2.INTER_CUBIC), np.uint8)


def upscale(frame: Frame, upscaler: Upscaler) -> Frame:
    """`frame`, `upscaler.scale` times as large; colour, time and number stay."""
    check_size(frame.width, frame.height)
    y = upscaler.luma(frame.y)
    half = ((y.shape[1] + 1) // 2, (y.shape[0] + 1) // 2)
    return replace(frame, y=y, u=enlarge(frame.u, *half), v=enlarge(frame.v, *half))


def check_size(width: int, height: int) -> None:
    """Raises InputError for a picture that has no pixels or is too large to be meant."""
    if min(width, height) < 1:
        raise InputError(f"a picture of {width}x{height} has no pixels")
    if max(width, height) > LARGEST_SIDE:
        raise InputError(f"a picture of {width}x{height} is too large; at most {LARGEST_SIDE} a side")


def check_memory(upscaler: Upscaler, size: Size) -> None:
    """Raises UsageError for pictures of a size that the upscaler's budget cannot hold; only networks have one."""
    if isinstance(upscaler, Bounded):
        upscaler.tile_for(size)


def make_room(upscaler: Upscaler, sizes: Iterable[Size]) -> bool:
    """Whether there is room beside pictures of `sizes` for what the budget's caller would like to carry (`spare`); if
    so, it is kept free from now on."""
    return upscaler.make_room(sizes) if isinstance(upscaler, NetworkUpscaler) else True


def start_anew(upscaler: Upscaler) -> None:
    """Forget which sizes were seen and what room was made: another source begins."""
    if isinstance(upscaler, NetworkUpscaler):
        upscaler.start_anew()


def learnt_from_coded(upscaler: Upscaler) -> bool:
    """Whether it is a network that learnt on pictures that a codec had been at."""
    return isinstance(upscaler, NetworkUpscaler) and upscaler.network.model.source == LOSSY


class BicubicUpscaler:
    """The tier that cannot fail."""

    def __init__(self, scale: int = 2) -> None:
        self.name = BICUBIC
        self.scale = scale

    def luma(self, y: Plane) -> Plane:
        return enlarge(y, y.shape[1] * self.scale, y.shape[0] * self.scale)


class NetworkUpscaler:
    """A model of the store on one runtime, as much of a picture at a time as its budget allows."""

    def __init__(
        self,
        store: ModelStore,
        name: str,
        runtime: Runtime,
        threads: int,
        budget: Budget | None = None,
        tile: TileSize | None = None,
        views: int = 1,
    ) -> None:
        """Pictures are restored by `tile`, by default the usual one; by smaller tiles where the budget asks for that;
        as the mean of so many `views`. Raises ModelError, and UsageError for a tile that the model cannot cut, and for
        a number of views that is none."""
        model = store.find(name)
        self._views = first_views(views, lossy=model.source == LOSSY)
        if views > 1 and budget:
            budget = replace(budget, carried=budget.carried.beside(VIEWED))
        if tile and (min(tile) < 1 or any(side % model.align for side in tile)):
            raise UsageError(f"--tile {tile[1]}x{tile[0]}: for {name} both sides must be multiples of {model.align}")
        self.name = model.name
        self.scale = model.scale
        self.network = StagedNetwork.load(store, model, runtime, threads)
        self._runtime = runtime.name
        self._asked = self._budget = budget
        self._tile = tile
        self._held = Machine().resident()
        self._fitted: tuple[Size, TileSize] | None = None
        self._largest = Size(1, 1)

    def make_room(self, sizes: Iterable[Size]) -> bool:
        """See the function of that name."""
        asked = self._asked
        if asked is None:
            return True
        self._budget, self._fitted = replace(asked, carried=asked.carried.with_spare()), None
        try:
            for size in sizes:
                self.tile_for(size)
        except UsageError:
            self._budget, self._fitted = asked, None
            return False
        return True

    def start_anew(self) -> None:
        """See the function of that name."""
        self._budget, self._fitted, self._largest = self._asked, None, Size(1, 1)

    def luma(self, y: Plane) -> Plane:
        """Raises UsageError if not even the smallest tile is within the budget."""
        tile = self.tile_for(Size(y.shape[1], y.shape[0]))
        if len(self._views) == 1:
            return self.network.restore(y, tile)
        return mean_of_views(lambda view: self.network.restore(view, tile), y, self._views)

    def tile_for(self, size: Size) -> TileSize:
        """The tile for pictures of `size`, as wanted or as the budget allows. Raises UsageError."""
        if self._budget is None:
            return self._tile or usual_tile(self.network.model, self._runtime, size)
        if self._fitted is None or self._fitted[0] != size:
            # What small pictures become may be as large as what large ones do.
            self._largest = max(self._largest, size, key=lambda one: one.width * one.height)
            tile = fitting_tile(
                self.network.model, self._runtime, self._budget, self._held, size, self._largest, self._tile
            )
            self._fitted = size, tile
        return self._fitted[1]


def open_upscaler(
    name: str,
    *,
    runtime: str = "auto",
    threads: int | None = None,
    store: ModelStore | None = None,
    budget: Budget | None = None,
    tile: TileSize | None = None,
    views: int = 1,
) -> Upscaler:
    """The model called `name`, verified and loaded; "bicubic" needs neither files nor runtime, and no budget, and makes
    the same of all views."""
    if name == BICUBIC:
        first_views(views)  # that there are so many
        return BicubicUpscaler()
    store = store or open_library().store_of(name)
    return NetworkUpscaler(store, name, open_runtime(runtime), threads or usable_cpus(), budget, tile, views)
