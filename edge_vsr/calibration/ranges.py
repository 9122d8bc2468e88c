"""The uint8 grid of every activation, from calibration frames."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from edge_vsr.calibration import float_graph
from edge_vsr.calibration.bicubic import DENOMINATOR
from edge_vsr.calibration.float_graph import FEW, LOW, LUMA, MANY, PEAK, SEEN
from edge_vsr.calibration.folded import UNIT, Conv, Folded
from edge_vsr.calibration.grid import Grid
from edge_vsr.calibration.single import open_graph
from edge_vsr.frame import Plane
from edge_vsr.sr.engines import usable_cpus

Samples = NDArray[np.float32]
SHRINKS = np.linspace(0.1, 1.0, 37)
"""Shares of the full range that are tried: a lone outlier must not coarsen all the others."""
SAMPLES = 50_000
"""Values a frame, by activation, that the choice is made on."""
PLACES = 2_000
"""The same where channels differ: positions a frame, of which all channels are looked at."""
LEAST_SHARE = 0.02
"""Of the largest channel's scale, what a channel has at least that the calibration frames hardly woke."""


def find_grids(net: Folded, frames: Iterable[Plane], seed: int = 0, threads: int | None = None) -> dict[str, Grid]:
    """The grid of least squared error for each activation that `float_graph` names.

    `frames` are luma, sides multiples of 2 * coarse and at least three times that: only its features see the outermost.
    Raises ModelError for what the engine cannot run.
    """
    rng = np.random.default_rng(seed)
    graph = open_graph(float_graph.sampling(net), threads or usable_cpus())
    seen: dict[str, list[Samples]] = {}
    for frame in frames:
        values = graph({LUMA: frame[None, None].astype(np.float32), MANY: rng.random(SAMPLES), FEW: rng.random(PLACES)})
        for key, parts in values.items():
            seen.setdefault(key, []).append(parts)
    all_seen = {key: np.concatenate(parts, 1) for key, parts in seen.items()}
    names = [key.removesuffix(SEEN) for key in all_seen if key.endswith(SEEN)]
    best = {name: _found(all_seen[name + SEEN], _reach(all_seen, name)) for name in names}
    last = f"block{len(net.blocks) - 1}"
    best[last] = _coarsened(best[last], all_seen[last + SEEN], net.tail)
    features = best["features"]
    return best | {
        "mean": features.refined(best["mean"].scale),
        # A product with a share of at most one keeps the grid.
        "weighted": features,
        "attended": features,
        "across_mean": features.refined(best["across_mean"].scale),
        "channel_logit": best["channel_logit"].called_by_value(),
        "spatial_logit": best["spatial_logit"].called_by_value(),
    }


def _reach(seen: dict[str, Samples], name: str) -> Samples:
    """(1 or channels, 2): the least and the most that an activation came to anywhere."""
    most = seen[name + PEAK].max(1)
    least = seen[name + LOW].min(1) if name + LOW in seen else np.zeros_like(most)
    return np.stack((least, most), 1)


def _found(values: Samples, reach: Samples) -> Grid:
    """Of (1, samples), or of (channels, samples) where channels have their own."""
    return best_grid(values[0], reach[0]) if len(values) == 1 else _grid_by_channel(values, reach)


def _grid_by_channel(values: Samples, reach: Samples) -> Grid:
    """A scale for each channel of (channels, samples), none negative. It costs nothing: the weights around
    it take it in."""
    scales = np.array([best_grid(*channel).scale for channel in zip(values, reach, strict=True)])
    return Grid(float(scales.max()), 0, by_channel=tuple(np.maximum(scales, LEAST_SHARE * scales.max())))


def _coarsened(grid: Grid, values: Samples, tail: Conv) -> Grid:
    """`grid` with codes no finer than the last convolution can weigh.

    Its weights are multiples of 1 / DENOMINATOR of a level a code: finer codes are larger numbers, and the rounding of
    the weights then costs more than that of the codes. Where both cost as much, their sum is least.
    """
    loudness = np.sqrt(np.mean(values.astype(np.float64) ** 2, 1))
    weight = np.sqrt(np.mean(tail.weight**2, (0, 2, 3)))
    balanced = np.sqrt(loudness / np.maximum(weight, 1e-9) / (UNIT * DENOMINATOR))
    scales = np.maximum(grid.scales, np.minimum(balanced, grid.scale))
    return Grid(float(scales.max()), 0, by_channel=tuple(scales))


def best_grid(values: Samples, reach: Samples) -> Grid:
    """Of the shares of `reach` the one with the least error on `values`. What only bounds it does not count as one of
    them: a frame's peak would weigh as much as thousands of other places."""
    low, high = map(float, reach)
    grids = [Grid.covering(low * share, high * share) for share in SHRINKS]
    return min(grids, key=lambda grid: grid.error(values))
