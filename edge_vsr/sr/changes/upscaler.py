"""The upscaler that runs the network only where a frame has changed."""

import math
from collections.abc import Callable

import numpy as np

from edge_vsr.clock import Clock
from edge_vsr.frame import Plane, Size
from edge_vsr.sr.changes.difference import apart, apart_in_detail
from edge_vsr.sr.changes.grid import COUNTS, WHOLE_SHARE, Batch, Block, Change, Grid, Mask
from edge_vsr.sr.changes.kept import Kept
from edge_vsr.sr.changes.noise import followed, half_way, noise_between, threshold_for
from edge_vsr.sr.changes.refresh import REFRESH_SECONDS, Asked, tile_means, why_refresh
from edge_vsr.sr.changes.schedule import scheduled
from edge_vsr.sr.changes.windows import Place, Windows, without
from edge_vsr.sr.network import StagedNetwork, TileSize, mirrored, unmirrored
from edge_vsr.sr.upscaler import enlarge

HALO = 4
"""Luma samples that the reconstruction sees around a part that need not be exact, whose features see nothing more."""
HALF_WAY = 0.4
"""Share of the tiles that may be half way to the threshold. More than that is a picture that was coded anew: they would
stay worse, or come one by one."""
NOISE_EVERY = 8
"""Frames between two looks at the noise."""
REPLACED = 4
"""Times the threshold: a tile that changed by more and has to wait gets bicubic, since what was added to it belongs to
another picture."""
PACE_FOLLOWS = 0.2
"""Share of a new measurement in the running pace."""
MOVING = 8
"""Whole frames in a row after which the camera is taken to move."""
LOOK_EVERY = 4
"""Frames of a moving camera between two that are looked at: the look alone costs a few percent of a small frame."""
WHOLE = None
"""All tiles at once, and the attention anew."""

Batches = tuple[Batch, ...]


class KeptTilesUpscaler:
    """Keeps what the network added to each tile, while bicubic below it follows every frame. Used by one thread.

    With a threshold of 0 every frame is, byte for byte, what the network makes of it with the attention frozen. The
    attention is asked again with every whole frame, every `refresh` seconds, and when scene or exposure change. All
    tiles are made with its answer then, except that another exposure alone leaves those whose detail did not change.
    """

    def __init__(
        self,
        network: StagedNetwork,
        clock: Clock,
        *,
        threshold: int | None = None,
        refresh: float = REFRESH_SECONDS,
        interval: float | None = None,
        tile_for: Callable[[Size], TileSize | None] = lambda _: None,
    ) -> None:
        """`threshold` is the change in levels up to which a tile is kept; None follows the camera's noise. `interval`
        is the time that a frame may take, in seconds; None for as long as it takes. `tile_for` bounds what is held of
        a whole frame of a size, as in `StagedNetwork.restore`."""
        self.name = network.model.name
        self.scale = network.model.scale
        self._network = network
        model = network.model
        near = min(HALO // model.fine * model.fine, model.halo)
        self._windows = Windows(network, model.halo if threshold == 0 else near, exact=threshold == 0)
        self._clock = clock
        self._threshold = threshold
        self._refresh = refresh
        self._interval = interval
        self.tile_for = tile_for
        self._kept: Kept | None = None
        self._noise: float | None = None
        self._pace: float | None = None
        """Seconds a sample of work."""
        self.fresh: Mask = np.zeros((0, 0), np.bool_)
        """(rows, columns) of tiles: those that were made anew for the last frame."""

    @property
    def tile(self) -> int:
        """Luma samples a side of a tile; 0 before the first frame. The grid begins a margin before the frame."""
        return self._kept.grid.tile if self._kept else 0

    def luma(self, y: Plane) -> Plane:
        try:
            return self._luma(y)
        except BaseException:
            # Whoever tries again begins anew: what is half made must not be shown as whole.
            self._kept = None
            raise

    def _luma(self, y: Plane) -> Plane:
        began = self._clock.monotonic()
        padded = mirrored(y, self._network.model.align)
        kept = self._kept
        if kept is None or kept.size != y.shape:
            return self._start(y, padded, began)
        batches = self._plan(kept, padded, began)
        made = self._make_all(kept, padded, began) if batches is WHOLE else self._make_some(kept, y, padded, batches)
        kept.before = self._network.within(padded)
        kept.frames += 1
        kept.wholes = kept.wholes + 1 if batches is WHOLE else 0
        self._measure(kept.grid.whole if batches is WHOLE else kept.grid.cost(batches), began)
        return made

    def _start(self, y: Plane, padded: Plane, now: float) -> Plane:
        """The first frame of its size."""
        model, luma = self._network.model, self._network.within(padded)
        grid = Grid.of(luma, model.align, self._windows.halo, self._windows.reach, model.width)
        self._kept = kept = Kept.nothing(grid, y, luma, self.scale)
        self._noise = None
        made = self._make_all(kept, padded, now)
        # What an engine has to prepare for parts of frames, it prepares before the first change.
        for batch in (Batch((Block(0, 0, side),), count) for side in grid.sides for count in COUNTS[side]):
            places = self._places(kept, padded, batch)
            self._windows.extract(padded, kept.context, places, batch.count, kept.shares)
            self._windows.make(padded, kept.context, places, batch.count)
        return made

    def _plan(self, kept: Kept, padded: Plane, now: float) -> Batches | None:
        """What to make anew; notes what has to wait."""
        grid, luma = kept.grid, self._network.within(padded)
        if kept.wholes > MOVING and kept.wholes % LOOK_EVERY:
            kept.means = tile_means(luma)
            return WHOLE
        limit = self._limit(kept, luma)
        change = grid.largest(apart_in_detail(kept.seen, luma) if limit else apart(kept.seen, luma))
        dirty = change > limit
        if limit == 0:
            dirty = grid.around(dirty)
        means, kept.means = kept.means, tile_means(luma)
        refresh = why_refresh(kept.asked, now, means, kept.means, self._refresh)
        if refresh and (limit == 0 or refresh != "exposure"):
            dirty[:] = True
        kept.since[dirty] = np.minimum(kept.since[dirty], now)
        batches = self._choose(kept, change, limit, now)
        if refresh and batches is not WHOLE:
            self._ask(kept, padded, now)
        return batches

    def _choose(self, kept: Kept, change: Change, limit: int, now: float) -> Batches | None:
        """Of what has to be made anew, what there is time for."""
        grid, waiting = kept.grid, np.isfinite(kept.since)
        if not grid.sides:
            return WHOLE if waiting.any() else ()
        budget = self._interval / self._pace if self._interval and self._pace else math.inf
        if limit and waiting.any() and grid.whole <= budget:
            half = (change > half_way(limit, self._noise or 0.0)) & ~waiting
            if np.count_nonzero(half) > HALF_WAY * half.size:
                return WHOLE
        batches = grid.cover(waiting, min(budget, WHOLE_SHARE * grid.whole))
        if batches is not None:
            return batches
        if grid.whole <= budget:
            return WHOLE
        chosen = scheduled(change, now - kept.since, lambda mask: grid.cover(mask, budget) is not None)
        self._give_up(kept, waiting & ~chosen & (change > REPLACED * max(1, limit)))
        return grid.cover(chosen)

    def _limit(self, kept: Kept, luma: Plane) -> int:
        """The change up to which a tile is kept, in levels."""
        if self._threshold == 0:
            return 0
        if kept.frames % NOISE_EVERY == 0:
            self._noise = followed(self._noise, noise_between(kept.before, luma))
        return threshold_for(self._noise or 0.0) if self._threshold is None else self._threshold

    def _ask(self, kept: Kept, padded: Plane, now: float) -> None:
        """Ask the attention about the whole frame."""
        kept.context, kept.shares = self._network.attend(self._network.extract(padded, self._tile(kept, padded)))
        kept.asked = Asked(now, kept.means)

    def _make_all(self, kept: Kept, padded: Plane, now: float) -> Plane:
        self._ask(kept, padded, now)
        restored = self._network.reconstruct(kept.context, padded, self._tile(kept, padded))
        made = unmirrored(restored, kept.size, self._network.model.scale)
        kept.made_whole(self._network.within(padded), made)
        self.fresh = np.ones(kept.grid.shape, np.bool_)
        return made

    def _make_some(self, kept: Kept, y: Plane, padded: Plane, batches: Batches) -> Plane:
        residual, luma, ring = kept.residual(), self._network.within(padded), self._network.model.align
        below = enlarge(y, y.shape[1] * self.scale, y.shape[0] * self.scale)
        self.fresh = np.zeros(kept.grid.shape, np.bool_)
        work = [(batch, self._places(kept, padded, batch)) for batch in batches]
        for batch, places in work:  # all of them before any is seen by its neighbours
            self._windows.extract(padded, kept.context, places, batch.count, kept.shares)
        for batch, places in work:
            made = self._windows.make(padded, kept.context, places, batch.count)
            for block, (rows, columns), part in zip(batch.blocks, places, made, strict=True):
                where = without(rows.part, ring), without(columns.part, ring)
                kept.show(where, part, below)
                kept.seen[where] = luma[where]
                kept.since[block.tiles] = math.inf
                self.fresh[block.tiles] = True
        residual.put_on(below)
        return below

    def _tile(self, kept: Kept, padded: Plane) -> TileSize:
        return self.tile_for(Size(kept.size[1], kept.size[0])) or (padded.shape[0], padded.shape[1])

    def _places(self, kept: Kept, padded: Plane, batch: Batch) -> list[Place]:
        tile = kept.grid.tile
        corners = [(block.top * tile, block.left * tile) for block in batch.blocks]
        return self._windows.places(padded, corners, batch.blocks[0].side * tile)

    def _give_up(self, kept: Kept, mask: Mask) -> None:
        """Show bicubic where what was added belongs to another picture."""
        for row, column in np.argwhere(mask):
            kept.hide(kept.grid.samples(Block(row, column, 1)))

    def _measure(self, samples: float, began: float) -> None:
        if samples:
            pace = (self._clock.monotonic() - began) / samples
            self._pace = pace if self._pace is None else self._pace + PACE_FOLLOWS * (pace - self._pace)
