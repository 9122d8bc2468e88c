import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch.nn import functional

from edge_vsr.calibration.bicubic import DENOMINATOR, bicubic_taps, cubic
from models.recipe.network import cells

GRIDS = [(1, 2), (1, 4), (2, 2), (4, 2), (2, 4)]
"""(cell, scale)."""


def enlarged(picture: NDArray[np.float64], cell: int, scale: int) -> NDArray[np.float64]:
    """`picture` through the convolution; its outermost cells see zeros beyond the border."""
    seen = cells(torch.from_numpy(picture[None, None]), cell, 0.0)
    out = functional.conv2d(seen, torch.from_numpy(bicubic_taps(cell, scale)), padding=1)
    return np.asarray(functional.pixel_shuffle(out, cell * scale)[0, 0])


def border(cell: int, scale: int) -> slice:
    """All but the outermost cells, and two samples at least: what bicubic sees whole."""
    width = max(cell, 2) * scale
    return slice(width, -width)


def keys(picture: NDArray[np.float64], scale: int) -> NDArray[np.float64]:
    """Bicubic written out, for the inside of the picture."""
    out = picture
    for _ in range(2):
        n = out.shape[0]
        centre = (np.arange(n * scale) + 0.5) / scale - 0.5
        weights = cubic(centre[:, None] - np.arange(n)[None])
        out = (weights @ out).T
    return out


@pytest.mark.parametrize(("cell", "scale"), GRIDS)
def test_taps_are_integers_of_eight_bits_and_sum_to_exactly_one(cell: int, scale: int) -> None:
    taps = bicubic_taps(cell, scale) * DENOMINATOR
    np.testing.assert_array_equal(taps, np.rint(taps))
    assert np.abs(taps).max() <= 127
    assert set(taps.sum((1, 2, 3))) == {DENOMINATOR}


@pytest.mark.parametrize(("cell", "scale"), GRIDS)
def test_a_ramp_stays_a_ramp(cell: int, scale: int) -> None:
    size = 8 * cell
    ramp = np.add.outer(np.arange(size) * 2.0, np.arange(size) * 3.0)
    place = (np.arange(size * scale) + 0.5) / scale - 0.5
    expected = np.add.outer(place * 2, place * 3)
    inside = border(cell, scale)
    off = np.abs(enlarged(ramp, cell, scale) - expected)[inside, inside].max()
    assert off <= 0.2, f"off by {off:.3f} levels"


@pytest.mark.parametrize(("cell", "scale"), GRIDS)
def test_taps_are_bicubics_save_for_rounding(cell: int, scale: int) -> None:
    picture = np.random.default_rng(0).uniform(0, 255, (8 * cell, 8 * cell))
    inside = border(cell, scale)
    off = np.abs(enlarged(picture, cell, scale) - keys(picture, scale))[inside, inside]
    # Sixteen taps, each up to half a part off.
    assert off.max() <= 16 * 0.5 / DENOMINATOR * 127.5, f"off by {off.max():.2f} levels"
    assert off.mean() <= 1.0, f"off by {off.mean():.2f} levels in the mean"
