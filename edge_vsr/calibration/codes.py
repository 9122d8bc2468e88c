"""INT8 by codes: what a convolution's weights become when activations are codes on grids.

With `code = value / scale + zero` on both sides, a convolution maps codes to codes, and what the scales are worth
goes into its weights. The graphs can then call every activation by the same power of two, and where the weights'
scales have short significands, all products are exact in single precision: every runtime on every processor rounds
them alike.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge_vsr.calibration.grid import Grid

Array = NDArray[np.float64]

LARGEST_WEIGHT = 127
SINGLE_BITS = 24
SMALLEST = 1e-8


@dataclass(frozen=True)
class Codes:
    """A uint8 tensor of a graph and what its codes mean, channel by channel."""

    name: str
    grid: Grid
    """By which the graph calls it."""
    scales: Array
    """(channels,) or (1,): the true scales."""
    zeros: Array
    """(channels,) or (1,): the true zero points."""

    @classmethod
    def on(cls, name: str, grid: Grid) -> "Codes":
        """All channels on `grid`."""
        return cls(name, grid, grid.scales, np.full(len(grid.scales), grid.zero))

    @classmethod
    def joined(cls, name: str, parts: Sequence[tuple["Codes", int]], grid: Grid) -> "Codes":
        """Several tensors and their numbers of channels, stacked and called by `grid`."""
        scales = [np.broadcast_to(part.scales, channels) for part, channels in parts]
        zeros = [np.broadcast_to(part.zeros, channels) for part, channels in parts]
        return cls(name, grid, np.concatenate(scales), np.concatenate(zeros))


def short_scales(least: Array, offset: Array) -> Array:
    """The smallest scales of at least `least` that keep arithmetic exact in single precision.

    `offset` is the bias in codes of the output. A sum of products that is not clipped is then at most
    (255 + |offset|) / scale, and the scale's significand is so short that its product with that sum is exact, also
    where the bias is added after it.
    """
    least = np.maximum(least, SMALLEST)
    bits = np.clip(np.floor(SINGLE_BITS - np.log2((255 + np.abs(offset)) / least)), 1, 8)
    step = 2.0 ** (np.floor(np.log2(least)) + 1 - bits)
    scales: Array = np.ceil(least / step) * step
    return scales


def next_powers_of_two(least: Array) -> Array:
    """The smallest of at least `least`, and of SMALLEST."""
    scales: Array = 2.0 ** np.ceil(np.log2(np.maximum(least, SMALLEST)))
    return scales


def factors(scales: Array, grid: Grid) -> Array:
    """(outputs or 1, inputs or 1, 1, 1): times these, weights map codes of inputs on `scales` to codes on `grid`."""
    out: Array = scales[None, :, None, None] / grid.scales[:, None, None, None]
    return out


def weight_scales(by_codes: Array, bias: Array, x: Codes, grid: Grid) -> Array:
    """(outputs, 1, 1, 1): the scale of each output channel's 8-bit weights, given as maps of codes.

    OpenVINO divides the output's zero by them before it adds it, which only powers of two leave exact."""
    least = np.abs(by_codes).max((1, 2, 3), keepdims=True) / LARGEST_WEIGHT
    if grid.zero:
        return next_powers_of_two(least)
    # Rounded weights have another offset, by half a step for each tap at most.
    taps = by_codes.shape[2] * by_codes.shape[3]
    moved = least / 2 * taps * np.broadcast_to(np.abs(x.grid.zero - x.zeros), by_codes.shape[1]).sum()
    return short_scales(least, np.abs(offsets(by_codes, bias, x, grid))[:, None, None, None] + moved)


def rounded_bias(offset: Array, scales: Array, grid: Grid) -> NDArray[np.int32]:
    """(outputs,): `offset`, in codes, in steps of `scales` (outputs,).

    OpenVINO takes zero and bias together, in these steps, times 255; where the zero is not nought, the bias is so round
    that this is exact in single precision.
    """
    steps = offset / scales
    most = 255 * (255 / scales + np.abs(steps))
    to = 2.0 ** np.maximum(0, np.ceil(np.log2(most)) - SINGLE_BITS) if grid.zero else 1.0
    return np.asarray(np.rint(steps / to) * to, np.int32)


def rounded(by_codes: Array, scales: Array) -> NDArray[np.int8]:
    """Weights as they are stored, in steps of `scales`."""
    return np.clip(np.rint(by_codes / scales), -LARGEST_WEIGHT, LARGEST_WEIGHT).astype(np.int8)


def offsets(by_codes: Array, bias: Array, x: Codes, grid: Grid) -> Array:
    """(outputs,): the bias in codes. Channels whose zero is not the one that the graph names differ by a constant,
    which goes into it: that of the rounded weights, or what rounding took from them would be multiplied by the zero."""
    out: Array = bias / grid.scales + (by_codes * (x.grid.zero - x.zeros)[None, :, None, None]).sum((1, 2, 3))
    return out
