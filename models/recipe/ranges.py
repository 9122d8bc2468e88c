"""The uint8 grid of every activation, from the calibration frames."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from models.recipe.bicubic import DENOMINATOR
from models.recipe.fold import Conv, Folded
from models.recipe.network import CENTRE, UNIT
from models.recipe.trace import trace

NOMINAL = 1 / 64
"""The scale that the graphs name for activations. What a code is worth goes into the weights around it: a power of two
is exact in floating point, and all runtimes then round alike."""


@dataclass(frozen=True, slots=True)
class Grid:
    """value = scale * (code - zero), with code in 0..255."""

    scale: float
    """The largest, where channels differ."""
    zero: int
    nominal: float = NOMINAL
    """The scale by which the graph calls it, a power of two."""
    by_channel: tuple[float, ...] = ()
    """The scale in each channel, where they differ."""

    @property
    def scales(self) -> NDArray[np.float64]:
        """(channels,) or (1,)."""
        return np.array(self.by_channel or (self.scale,))

    @classmethod
    def covering(cls, low: float, high: float) -> "Grid":
        """The finest grid that holds `low`..`high` and has an exact zero."""
        low, high = min(low, 0.0), max(high, 0.0, low + 1e-6)
        scale = (high - low) / 255
        return cls(scale, round(-low / scale))

    def error(self, values: NDArray[np.float32]) -> float:
        """Mean squared error of `values` put on the grid, those that fall off it included."""
        codes = np.clip(np.rint(values / self.scale) + self.zero, 0, 255)
        return float(np.mean(((codes - self.zero) * self.scale - values) ** 2))

    def called_by_value(self) -> "Grid":
        """The finest grid that holds as much and whose scale is a power of two, as a sigmoid needs it."""
        scale = 2.0 ** math.ceil(math.log2(self.scale))
        return Grid(scale, math.ceil(self.zero * self.scale / scale), scale)

    def refined(self, scale: float) -> "Grid":
        """This grid, finer by the largest power of two that leaves its step at least `scale`."""
        finer = 2.0 ** max(0, math.floor(math.log2(self.scale / scale)))
        return Grid(self.scale / finer, self.zero, self.nominal / finer)


LUMA = Grid(1 / UNIT, int(CENTRE), 1 / UNIT)
"""Luma as the network sees it: exact."""
SHARE = Grid(1 / 256, 0, 1 / 256)
"""What a sigmoid yields. One half, which it often does, is a code: between two codes the runtimes would differ."""

SHRINKS = np.linspace(0.3, 1.0, 29)
"""Shares of the full range that are tried: a lone outlier must not coarsen all the others."""
SAMPLES = 50_000
"""Values a frame, by activation, that the choice is made on."""
PLACES = 2_000
"""The same where channels differ: positions a frame, of which all channels are looked at."""
LEAST_SHARE = 0.02
"""Of the largest channel's scale, what a channel has at least that the calibration frames hardly woke."""


@torch.no_grad()
def find_grids(net: Folded, frames: Iterable[NDArray[np.uint8]], seed: int = 0) -> dict[str, Grid]:
    """The grid of least squared error for each activation that `trace` names.

    `frames` are luma, sides multiples of 2 * coarse.
    """
    rng = np.random.default_rng(seed)
    seen: dict[str, list[NDArray[np.float32]]] = {}
    last = f"block{len(net.blocks) - 1}"

    def note(name: str, x: Tensor) -> Tensor:
        if name == "joined" or name.startswith("block"):
            channels = x[0].flatten(1).numpy()
            picked = rng.integers(channels.shape[1], size=PLACES)
            seen.setdefault(name, []).append(np.concatenate((channels[:, picked], channels.max(1, keepdims=True)), 1))
            return x
        values = x.flatten().numpy()
        picked = rng.choice(values, SAMPLES) if values.size > SAMPLES else values
        seen.setdefault(name, []).append(np.concatenate((picked, [values.min(), values.max()])))
        return x

    for frame in frames:
        trace(net, torch.from_numpy(frame[None, None].astype(np.float32)), note)
    best = {
        name: _grid_by_channel(np.concatenate(parts, 1)) if parts[0].ndim == 2 else _best_grid(np.concatenate(parts))
        for name, parts in seen.items()
    }
    best[last] = _coarsened(best[last], np.concatenate(seen[last], 1), net.tail)
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


def _grid_by_channel(values: NDArray[np.float32]) -> Grid:
    """A scale for each channel of (channels, samples), none negative. It costs nothing: the weights around
    it take it in."""
    scales = np.array([_best_grid(channel).scale for channel in values])
    return Grid(float(scales.max()), 0, by_channel=tuple(np.maximum(scales, LEAST_SHARE * scales.max())))


def _coarsened(grid: Grid, values: NDArray[np.float32], tail: Conv) -> Grid:
    """`grid` with codes no finer than the last convolution can weigh.

    Its weights are multiples of 1 / DENOMINATOR of a level a code: finer codes are larger numbers, and the rounding of
    the weights then costs more than that of the codes. Where both cost as much, their sum is least.
    """
    loudness = np.sqrt(np.mean(values.astype(np.float64) ** 2, 1))
    weight = np.sqrt(np.mean(tail.weight**2, (0, 2, 3)))
    balanced = np.sqrt(loudness / np.maximum(weight, 1e-9) / (UNIT * DENOMINATOR))
    scales = np.maximum(grid.scales, np.minimum(balanced, grid.scale))
    return Grid(float(scales.max()), 0, by_channel=tuple(scales))


def _best_grid(values: NDArray[np.float32]) -> Grid:
    low, high = float(values.min()), float(values.max())
    grids = [Grid.covering(low * share, high * share) for share in SHRINKS]
    return min(grids, key=lambda grid: grid.error(values))
