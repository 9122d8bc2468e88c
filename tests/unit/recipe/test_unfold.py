import pytest
import torch

from models.recipe.network import Network
from models.recipe.unfold import unfolded
from tests.unit.recipe.networks import as_tensor, luma, network, tiny


@torch.no_grad()
@pytest.mark.parametrize("scale", [2, 4])
@pytest.mark.parametrize(("coarse", "before", "after"), [(8, 1, 2), (4, 1, 4), (8, 2, 4)])
def test_the_unfolded_network_is_the_same_function(scale: int, coarse: int, before: int, after: int) -> None:
    learnt = tiny(scale=scale, coarse=coarse, fine=before, width=3, blocks=2)
    recipe = tiny(scale=scale, coarse=coarse, fine=after, width=3 * (after // before) ** 2, blocks=2)
    pixels = network(learnt)
    cells = Network(recipe).eval()
    cells.load_state_dict(unfolded(pixels.state_dict(), learnt, recipe))
    picture = as_tensor(luma())
    off = float((cells(picture) - pixels(picture)).abs().max())
    assert off < 0.01, f"off by {off:.3f} levels"
