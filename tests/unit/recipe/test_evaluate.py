import numpy as np
import pytest
import torch

from edge_vsr.sr.network import MARGIN
from models.recipe.data import make_pair
from models.recipe.evaluate import FloatUpscaler, mean_psnr
from tests.unit.recipe.networks import as_tensor, luma, network, tiny


@pytest.mark.parametrize("scale", [2, 4])
@pytest.mark.parametrize("size", [(1, 1), (33, 57), (64, 96)])
def test_any_size_comes_out_enlarged(scale: int, size: tuple[int, int]) -> None:
    out = FloatUpscaler(network(tiny(scale=scale))).luma(np.full(size, 90, np.uint8))
    assert out.shape == (size[0] * scale, size[1] * scale)
    assert out.dtype == np.uint8


@torch.no_grad()
def test_what_comes_out_is_the_networks_on_a_mirrored_border() -> None:
    one = network(tiny(coarse=4))
    out = FloatUpscaler(one).luma(luma())
    # A margin and a feature of 8 each: a multiple of 8 as it is.
    padded = one(as_tensor(np.pad(luma(), MARGIN + 8, "symmetric")), context=8).clamp(0, 255).round()[0, 0].numpy()
    np.testing.assert_array_equal(out, padded[2 * MARGIN : -2 * MARGIN, 2 * MARGIN : -2 * MARGIN])


def test_the_training_mode_is_left_as_it_was() -> None:
    one = network(tiny()).train()
    figure = mean_psnr(one, [make_pair(luma(), 2)], 2)
    assert one.training
    assert 5 < figure < 60
