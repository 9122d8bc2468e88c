import pytest
import torch

from models.recipe.data import make_pair
from models.recipe.network import Attention
from models.recipe.pooling import NoAttention, WindowedAttention, attending, measure, windowed
from tests.unit.recipe.networks import as_tensor, luma, network, tiny


@pytest.fixture(scope="module")
def attention() -> Attention:
    return network(tiny()).attention


@torch.no_grad()
def test_each_window_is_weighted_as_if_it_were_all_there_is(attention: Attention) -> None:
    features = torch.rand(1, 256, 6, 8) * 3
    weights = WindowedAttention(attention, 2).channel_weights(features)
    assert weights.shape == features.shape
    alone = attention.channel_weights(features[:, :, 2:4, 6:8])
    torch.testing.assert_close(weights[:, :, 2:4, 6:8], alone.expand(-1, -1, 2, 2))


@torch.no_grad()
def test_a_window_as_large_as_the_frame_changes_nothing() -> None:
    whole = network(tiny(coarse=4))
    picture = as_tensor(luma())
    torch.testing.assert_close(windowed(whole, 1000)(picture), whole(picture), atol=1e-3, rtol=0)


@torch.no_grad()
def test_windows_that_do_not_fit_cover_everything(attention: Attention) -> None:
    features = torch.rand(1, 256, 7, 5)
    assert WindowedAttention(attention, 3).channel_weights(features).isfinite().all()


@torch.no_grad()
def test_without_attention_the_features_do_not_matter() -> None:
    whole, other = network(tiny(), seed=1), network(tiny(), seed=2)
    other.reconstruction.load_state_dict(whole.reconstruction.state_dict())
    picture = as_tensor(luma())
    alone = attending(whole, NoAttention())(picture)
    torch.testing.assert_close(attending(other, NoAttention())(picture), alone)
    assert not torch.allclose(whole(picture), alone)


def test_the_windows_are_those_of_training() -> None:
    pairs = [make_pair(luma(128, 192), 2)]
    assert measure(network(tiny(patch=32, context=16)), pairs).windows.keys() == {"64"}
