"""Scales of weights whose products are exact in single precision."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from edge_vsr.calibration.codes import LARGEST_WEIGHT, Codes, rounded_bias, weight_scales
from edge_vsr.calibration.grid import Grid

X = Codes.on("x", Grid(0.3, 0))
LARGEST = st.floats(1e-3, 1e3)


def scales_of(largest: float, zero: int) -> np.ndarray:
    weight = np.linspace(-largest, largest, 2 * 4 * 9).reshape(2, 4, 3, 3)
    return weight_scales(weight, np.zeros(2), X, Grid(0.5, zero))


@given(LARGEST, st.sampled_from([0, 128]))
def test_every_weight_has_a_code(largest: float, zero: int) -> None:
    assert (scales_of(largest, zero) * LARGEST_WEIGHT * (1 + 1e-12) >= largest).all()


@given(LARGEST)
def test_a_sum_times_a_scale_is_exact(largest: float) -> None:
    for scale in scales_of(largest, 0).flatten():
        most = int(255 / scale)
        exact = np.float64(scale) * most
        assert np.float32(scale) * np.float32(most) == exact, f"{scale} times {most}"


@given(LARGEST, st.integers(1, 255))
def test_where_the_zero_is_not_nought_scales_divide_it_exactly(largest: float, zero: int) -> None:
    for scale in scales_of(largest, zero).flatten():
        assert np.float32(zero) / np.float32(scale) * np.float32(scale) == zero
        assert np.frexp(scale)[0] == 0.5, f"{scale} is no power of two"


@given(LARGEST, st.integers(1, 255), st.floats(-1e3, 1e3))
def test_zero_and_bias_together_are_exact_in_single_precision(largest: float, zero: int, offset: float) -> None:
    scales = scales_of(largest, zero).flatten()
    bias = rounded_bias(np.full(len(scales), offset), scales, Grid(0.5, zero))
    for together in 255 * (zero / scales + bias):
        assert np.float32(together) == together, f"a bias of {bias} beside a zero of {zero}"
    assert np.abs(bias * scales - offset).max() <= max(scales.max() / 2, 0.02), "that is another bias"


def test_a_zero_of_nought_leaves_a_bias_as_near_as_can_be() -> None:
    scales = np.array([2.0**-10])
    assert rounded_bias(np.array([130.0001]), scales, Grid(0.5, 0)) == 133120
