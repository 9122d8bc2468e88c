"""Ranges are those of what frames show mostly, not of their rarest places."""

import numpy as np
import pytest

from edge_vsr.calibration.ranges import best_grid

SOFT = np.abs(np.random.default_rng(3).normal(0, 1, 2000)).astype(np.float32)


def most(values: np.ndarray, least: float, peak: float) -> float:
    """What the grid of `values` holds at the most, where a frame's extremes were `least` and `peak`."""
    grid = best_grid(values, np.array([least, peak], np.float32))
    return (255 - grid.zero) * grid.scale


@pytest.mark.parametrize("peak", [5.0, 20.0, 30.0])
def test_a_peak_that_no_sample_comes_near_does_not_coarsen_the_others(peak: float) -> None:
    assert 2.5 < most(SOFT, 0.0, peak) < 6.0, "the samples end at 3.5 or so"


def test_what_samples_come_to_is_held() -> None:
    loud = np.linspace(0, 20, 2000, dtype=np.float32)
    assert most(loud, 0.0, 20.0) == pytest.approx(20.0, rel=0.03)


def test_a_signed_range_shrinks_on_both_sides() -> None:
    assert most(SOFT - 1, -10.0, 20.0) < 6.0
