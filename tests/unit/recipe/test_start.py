"""A run begins as the function that it starts from, and can learn on from there."""

from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from edge_vsr.calibration.folded import Folded
from edge_vsr.calibration.grid import Grid
from edge_vsr.calibration.original import FILE, Original
from models.recipe.config import Recipe
from models.recipe.fold import fold
from models.recipe.network import Network, inside
from models.recipe.start import CHECKPOINT, places, released_network, start_from, unfold
from tests.unit.recipe.networks import as_tensor, luma, network, tiny

LIKE = {"start": "other", "features_from": 0.0}


def windows() -> list[Tensor]:
    frame = as_tensor(luma())
    return [frame[..., :48, :48], frame[..., 16:, 32:80]]


def trained_run(runs: Path, recipe: Recipe) -> Network:
    """A run of the name `other` that ended with these weights."""
    made = network(recipe)
    (runs / "other").mkdir(parents=True)
    torch.save({"ema": made.state_dict()}, runs / "other" / CHECKPOINT)
    return made


def release(store: Path, name: str, net: Folded) -> Original:
    """Into `store`, as a model of that name, the float original of a network of two blocks."""
    grids = {stage: Grid(0.05, 0) for stage in ("attended", "joined", "block0", "block1")}
    original = Original(net, grids, 6)
    (store / name).mkdir(parents=True)
    (store / name / FILE).write_bytes(original.to_bytes())
    return original


@torch.no_grad()
def assert_same(a: Network, b: Network) -> None:
    picture = as_tensor(luma())
    off = float((a.eval()(picture) - b.eval()(picture)).abs().max())
    assert off < 1e-2, f"off by {off:.3f} levels"


@pytest.mark.parametrize("blocks", [2, 4])
def test_as_the_run_it_starts_from_even_if_it_is_deeper(tmp_path: Path, blocks: int) -> None:
    trained = trained_run(tmp_path, tiny())
    begun = Network(tiny(blocks=blocks, **LIKE))
    start_from(begun, tmp_path, windows())
    assert_same(begun, trained)


def test_as_the_run_it_starts_from_even_if_it_is_wider(tmp_path: Path) -> None:
    trained = trained_run(tmp_path, tiny(width=8))
    begun = Network(tiny(width=12, **LIKE))
    start_from(begun, tmp_path, windows())
    assert_same(begun, trained)
    weight = begun.state_dict()["reconstruction.blocks.0.body.conv.weight"]
    assert weight[8:].any(), "new channels must have something to learn from"


@torch.no_grad()
@pytest.mark.parametrize("scale", [2, 4])
def test_twice_as_wide_it_begins_as_the_mean_of_the_run_and_of_its_negative_self(tmp_path: Path, scale: int) -> None:
    trained = trained_run(tmp_path, tiny(scale=scale))
    begun = Network(tiny(scale=scale, width=16, start="other")).eval()
    start_from(begun, tmp_path, windows())
    picture = as_tensor(luma())
    negative = 255 - trained(255 - picture, features=False)
    mean = (trained(picture, features=False) + negative) / 2
    inner = 12 * scale  # beyond the border black is not white
    off = float(inside(begun(picture, features=False) - mean, inner).abs().max())
    assert float(inside(negative - mean, inner).abs().max()) > 1, "this test could tell"
    assert off < 1e-2, f"off by {off:.3f} levels"


def test_wider_and_with_a_tail_of_its_own_at_another_scale(tmp_path: Path) -> None:
    trained_run(tmp_path, tiny(width=8))
    begun = Network(tiny(width=12, scale=4, **LIKE))
    tail = begun.reconstruction.tail.weight.clone()
    start_from(begun, tmp_path, windows())
    assert torch.equal(begun.reconstruction.tail.weight, tail)


@pytest.mark.parametrize("blocks", [2, 4])
def test_as_the_released_model_it_starts_from_even_if_it_is_deeper(blocks: int) -> None:
    trained = network(tiny())
    begun = Network(tiny(blocks=blocks, **LIKE))
    unfold(begun, fold(trained), windows())
    assert_same(begun, trained)


def test_without_the_blocks_that_it_has_no_room_for() -> None:
    begun = Network(tiny(blocks=1, **LIKE))
    unfold(begun, fold(network(tiny())), windows())
    weight = fold(begun.eval()).blocks[0].weight
    np.testing.assert_allclose(weight, fold(network(tiny())).blocks[0].weight, atol=1e-5)


def test_with_a_tail_of_its_own_at_another_scale() -> None:
    begun = Network(tiny(scale=4, **LIKE))
    tail = begun.reconstruction.tail.weight.clone()
    unfold(begun, fold(network(tiny())), windows())
    assert torch.equal(begun.reconstruction.tail.weight, tail)


@torch.no_grad()
def test_with_statistics_of_what_it_gets() -> None:
    begun = Network(tiny(**LIKE))
    unfold(begun, fold(network(tiny())), windows())
    given: list[Tensor] = []
    norm = begun.reconstruction.norm
    norm.register_forward_pre_hook(lambda _, x: given.append(x[0]))
    for window in windows():
        begun.eval()(window, begun.recipe.context)
    mean = torch.stack([x.mean((0, 2, 3)) for x in given]).mean(0)
    torch.testing.assert_close(norm.running_mean, mean, rtol=1e-3, atol=1e-3)


def test_features_that_come_in_later_begin_as_none(tmp_path: Path) -> None:
    trained_run(tmp_path, tiny())
    begun = Network(tiny(start="other", features_from=0.6))
    start_from(begun, tmp_path, windows())
    assert not begun.reconstruction.context.weight.any()


def test_the_run_goes_before_the_release(tmp_path: Path) -> None:
    trained = trained_run(tmp_path / "runs", tiny())
    store = tmp_path / "store" / "other"
    store.mkdir(parents=True)
    (store / FILE).write_bytes(b"not looked at")
    begun = Network(tiny(**LIKE))
    start_from(begun, tmp_path / "runs", windows(), tmp_path / "store")
    assert_same(begun, trained)


def test_a_release_is_read_from_its_store(tmp_path: Path) -> None:
    net = fold(network(tiny()))
    release(tmp_path / "store", "other", net)
    begun = Network(tiny(**LIKE))
    start_from(begun, tmp_path / "runs", windows(), tmp_path / "store")
    off = np.abs(fold(begun.eval()).tail.weight - net.tail.weight).max()
    assert off < 0.05, "tail is another one than the release's"


@torch.no_grad()
def test_a_release_of_half_the_width_begins_as_its_mean_with_its_negative_self(tmp_path: Path) -> None:
    net = fold(network(tiny()))
    release(tmp_path / "store", "other", net)
    narrow, wide = (Network(tiny(width=width, start="other", features_from=0.5)) for width in (8, 16))
    for begun in (narrow, wide):
        start_from(begun.eval(), tmp_path / "runs", windows(), tmp_path / "store")
    picture = as_tensor(luma())
    mean = (narrow(picture, features=False) + 255 - narrow(255 - picture, features=False)) / 2
    off = float(inside(wide(picture, features=False) - mean, 24).abs().max())
    assert off < 1e-2, f"off by {off:.3f} levels"


@torch.no_grad()
def test_a_release_is_evaluated_as_the_function_that_it_learnt(tmp_path: Path) -> None:
    recipe = tiny()
    original = release(tmp_path, recipe.name, fold(network(recipe)))
    again = fold(released_network(recipe, tmp_path))
    for ours, learnt in zip(again.learnt, original.as_learnt().learnt, strict=True):
        np.testing.assert_allclose(ours.weight, learnt.weight, atol=1e-5)


def test_a_start_that_is_nowhere_is_named(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match=r"neither .*gone/checkpoint.pt nor .*gone/original.npz is there; train what"):
        start_from(Network(tiny(start="gone")), tmp_path, windows())


def test_another_width_is_no_start() -> None:
    with pytest.raises(SystemExit, match="tiny has another width or coarse grid than what it starts from"):
        unfold(Network(tiny(width=16, **LIKE)), fold(network(tiny())), windows())


@given(few=st.integers(1, 20), many=st.integers(1, 20))
def test_blocks_of_a_shallower_network_keep_their_order_and_the_last_its_place(few: int, many: int) -> None:
    found = places(few, many)
    assert found == sorted(set(found))
    assert len(found) == min(few, many)
    assert found[-1] == many - 1
