"""The network in float, every batch normalisation folded into its convolution: what is left to quantize."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from edge_vsr.calibration.bicubic import bicubic_taps
from edge_vsr.sr.cells import samples, together

Array = NDArray[np.float64]

CENTRE = 128.0
"""Luma that becomes zero; also the zero point of the quantized input."""
UNIT = 64.0
"""Luma levels that become one."""
BLACK = -CENTRE / UNIT
"""What the reconstruction sees beyond the frame: there luma and features are one INT8 tensor, padded with code 0."""


@dataclass(frozen=True, slots=True)
class Layout:
    """How a network lies over the luma."""

    scale: int
    """Upscaling factor."""
    coarse: int
    """Side of the extractor's cells, in luma samples; its features sit at 1 / (2 * coarse)."""
    fine: int
    """Side of the reconstruction's cells, in luma samples; with 1 a position has the four samples around it instead."""

    @property
    def align(self) -> int:
        """A feature's side, in luma samples."""
        return 2 * self.coarse

    @property
    def samples(self) -> int:
        """Luma samples that the reconstruction gets at each position."""
        return samples(self.fine)

    @property
    def together(self) -> int:
        """Side of the square of positions whose restored samples come as one cell."""
        return together(self.fine, self.scale)


@dataclass(frozen=True)
class Conv:
    """One convolution."""

    weight: Array
    """(outputs, inputs, kernel, kernel)."""
    bias: Array
    """(outputs,)."""
    stride: int = 1
    padding: int = 0


@dataclass(frozen=True)
class Folded:
    """The whole network as convolutions, named as in the patent's parts."""

    layout: Layout
    conv64: Conv
    conv256: Conv
    squeeze: Conv
    excite: Conv
    spatial: Conv
    join: Conv
    """Over the attended features at the reconstruction's resolution, then the luma cells, in one tensor."""
    blocks: tuple[Conv, ...]
    tail: Conv

    @property
    def skip(self) -> Conv:
        """The fixed bicubic that the tail's result is added to."""
        taps = bicubic_taps(self.layout.fine, self.layout.scale)
        return Conv(taps, np.zeros(len(taps)), padding=1)

    @property
    def width(self) -> int:
        """Channels of the reconstruction."""
        return len(self.join.weight)

    @property
    def halo(self) -> int:
        """Luma samples around a tile that its restored luma depends on, given the features: a cell a convolution, and
        one more where a position has the samples around it."""
        return self.layout.fine * (len(self.blocks) + 2) + (self.layout.fine == 1)

    @property
    def learnt(self) -> tuple[Conv, ...]:
        """All but the bicubic."""
        parts = (self.conv64, self.conv256, self.squeeze, self.excite, self.spatial, self.join)
        return (*parts, *self.blocks, self.tail)

    @property
    def parameters(self) -> int:
        """Trained numbers."""
        return sum(conv.weight.size + conv.bias.size for conv in self.learnt)


def taken_together(conv: Conv, side: int, cell: int) -> Conv:
    """`conv`, which yields cells of `cell` x `cell` samples, for squares of `side` x `side` positions at once: its
    kernel grows to see them all, and steps over them. The same sums, in cells of `side * cell`."""
    _, inputs, kernel, _ = conv.weight.shape
    weight = np.zeros((side, cell, side, cell, inputs, kernel + side - 1, kernel + side - 1))
    given = conv.weight.reshape(cell, cell, inputs, kernel, kernel)
    for y, x in np.ndindex(side, side):
        weight[y, :, x, :, :, y : y + kernel, x : x + kernel] = given
    bias = np.broadcast_to(conv.bias.reshape(1, cell, 1, cell), (side, cell, side, cell))
    depth = (side * cell) ** 2
    return Conv(weight.reshape(depth, inputs, *weight.shape[-2:]), bias.reshape(depth), side, conv.padding)


def doubled(conv: Conv) -> Conv:
    """`conv` of two inputs stacked on the channels, the two results added."""
    return replace(conv, weight=np.concatenate((conv.weight, conv.weight), 1), bias=2 * conv.bias)
