"""The network's convolutions as numbers."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_vsr.calibration.folded import Array, Conv, taken_together

small = st.integers(1, 4)


def applied(conv: Conv, x: Array) -> Array:
    """`conv` over x (inputs, rows, columns), its border zeros."""
    framed = np.pad(x, ((0, 0), (conv.padding, conv.padding), (conv.padding, conv.padding)))
    windows = np.lib.stride_tricks.sliding_window_view(framed, conv.weight.shape[2:], (1, 2))
    made: Array = np.einsum("oikl,iyxkl->oyx", conv.weight, windows[:, :: conv.stride, :: conv.stride])
    return made + conv.bias[:, None, None]


def shuffled(cells: Array, side: int) -> Array:
    """Cells (side * side, rows, columns) as a plane."""
    _, rows, columns = cells.shape
    return cells.reshape(side, side, rows, columns).transpose(2, 0, 3, 1).reshape(rows * side, columns * side)


@given(small, small, st.sampled_from([1, 2]), st.integers(1, 3))
def test_positions_taken_together_make_the_same_samples(rows: int, columns: int, cell: int, inputs: int) -> None:
    rng = np.random.default_rng((rows, columns, cell, inputs))
    one = Conv(rng.normal(size=(cell**2, inputs, 3, 3)), rng.normal(size=cell**2), padding=1)
    x = rng.normal(size=(inputs, 2 * rows, 2 * columns))
    apart = shuffled(applied(one, x), cell)
    together = shuffled(applied(taken_together(one, 2, cell), x), 2 * cell)
    np.testing.assert_allclose(together, apart, atol=1e-12)


def test_one_position_is_left_as_it_is() -> None:
    one = Conv(np.random.default_rng(1).normal(size=(16, 3, 3, 3)), np.arange(16.0), padding=1)
    same = taken_together(one, 1, 4)
    np.testing.assert_array_equal(same.weight, one.weight)
    np.testing.assert_array_equal(same.bias, one.bias)
    assert (same.stride, same.padding) == (1, 1)


@pytest.mark.parametrize("side", [2, 4])
def test_a_kernel_sees_all_that_its_positions_see(side: int) -> None:
    kernel = taken_together(Conv(np.ones((4, 1, 3, 3)), np.zeros(4), padding=1), side, 2).weight
    assert kernel.shape == ((2 * side) ** 2, 1, 2 + side, 2 + side)
    assert kernel.sum() == 9 * 4 * side**2, "as many taps as before for each position"
