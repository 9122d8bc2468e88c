"""How far INT8 is from float, on given frames."""

import math
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from edge_vsr.calibration import float_graph
from edge_vsr.calibration.folded import Folded
from edge_vsr.calibration.grid import Grid
from edge_vsr.calibration.single import open_graph
from edge_vsr.frame import Plane
from edge_vsr.sr.network import mirrored, unmirrored
from edge_vsr.sr.upscaler import Upscaler

IDENTICAL = 99.0
"""dB that stand for no difference at all."""


class FloatNetwork:
    """The network in float, padded as it is in INT8."""

    def __init__(self, net: Folded, limits: Mapping[str, Grid], threads: int) -> None:
        """Raises ModelError."""
        self._layout = net.layout
        self._run = open_graph(float_graph.restoring(net, limits), threads)

    def luma(self, y: Plane) -> NDArray[np.float32]:
        """Luma (height, width) to (scale * height, scale * width), within 0..255 and not rounded. Raises ModelError."""
        padded = mirrored(y, self._layout.align)
        out = self._run({float_graph.LUMA: padded[None, None].astype(np.float32)})[float_graph.RESTORED][0, 0]
        return np.asarray(np.clip(unmirrored(out, y.shape, self._layout.scale), 0, 255), np.float32)


def decibels_from(original: FloatNetwork, frames: Iterable[Plane], models: Sequence[Sequence[Upscaler]]) -> list[float]:
    """PSNR in dB of what each model makes of all `frames` against the float original; in the runtime that is worse off,
    where a model is there in several. Raises ModelError."""
    errors = [[0.0] * len(runtimes) for runtimes in models]
    samples = 0
    for frame in frames:
        expected = original.luma(frame)
        samples += expected.size
        for runtimes, sums in zip(models, errors, strict=True):
            for i, upscaler in enumerate(runtimes):
                sums[i] += float(np.square(upscaler.luma(frame) - expected, dtype=np.float64).sum())
    return [psnr(max(sums) / samples) for sums in errors]


def psnr(mean_squared_error: float) -> float:
    """In dB, of levels in 0..255; at most IDENTICAL."""
    if mean_squared_error <= 0:
        return IDENTICAL
    return min(IDENTICAL, 20 * math.log10(255) - 10 * math.log10(mean_squared_error))
