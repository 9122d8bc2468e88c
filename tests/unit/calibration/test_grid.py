import math

from hypothesis import given
from hypothesis import strategies as st

from edge_vsr.calibration.grid import Grid


@given(st.floats(-100.0, 0.0), st.floats(0.01, 100.0))
def test_a_sigmoid_s_grid_is_a_power_of_two_with_an_even_zero(low: float, high: float) -> None:
    found = Grid.covering(low, high)
    called = found.called_by_value()
    assert called.scale == called.nominal
    assert math.log2(called.scale).is_integer(), f"{called.scale} is no power of two"
    assert called.scale < 2 * found.scale, "no coarser than it has to be"
    assert called.zero % 2 == 0
    assert called.zero * called.scale >= found.zero * found.scale, "it reaches as low"
    assert (255 - called.zero) * called.scale > (255 - found.zero) * found.scale - 2 * called.scale, "and about as high"
