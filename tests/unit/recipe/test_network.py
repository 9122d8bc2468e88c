"""From the network to its folded form and to the graphs."""

from pathlib import Path

import numpy as np
import onnx
import openvino as ov
import pytest
import torch
from torch import Tensor

from edge_vsr.calibration import float_graph, graphs
from edge_vsr.calibration.codes import Codes
from edge_vsr.calibration.folded import Conv, Folded
from edge_vsr.calibration.grid import LUMA, Grid
from edge_vsr.calibration.ranges import find_grids
from edge_vsr.calibration.single import open_graph
from edge_vsr.frame import Plane
from edge_vsr.sr.cells import from_cells, restored_planes, to_cells
from edge_vsr.sr.engines import RUNTIMES, open_runtime
from edge_vsr.sr.onnx import products_saturate
from edge_vsr.sr.runtime import StageFile
from models.recipe.config import Recipe
from models.recipe.finetune import learning, on_grid
from models.recipe.fold import fold
from models.recipe.network import Network, inside
from models.recipe.trace import in_float, trace
from tests.unit.recipe.networks import as_tensor, luma, network, tiny
from tests.unit.sr.pictures import SATURATED, root_mean_square

Grids = dict[str, Grid]

RECIPES = [
    tiny(),
    tiny(fine=2),
    tiny(coarse=2, fine=2),
    tiny(coarse=4, fine=4),
    tiny(scale=4),
    tiny(fine=2, scale=4),
    tiny(width=16, blocks=3),
]
NAMES = [f"scale {one.scale}, coarse {one.coarse}, fine {one.fine}, width {one.width}" for one in RECIPES]
recipes = pytest.mark.parametrize("recipe", RECIPES, ids=NAMES)


@recipes
@torch.no_grad()
def test_folding_changes_nothing(recipe: Recipe) -> None:
    original = network(recipe)
    picture = as_tensor(luma())
    # The trace's bicubic sees black beyond the border, where the network repeats it.
    inside = (..., *(slice(recipe.fine * recipe.scale, -recipe.fine * recipe.scale),) * 2)
    folded = trace(fold(original), picture, lambda _, x: x)
    off = float((folded - original(picture))[inside].abs().max())
    assert off < 1e-2, f"off by {off:.4f} levels"


@recipes
def test_a_network_that_learns_with_frozen_statistics_is_the_one_that_is_measured(recipe: Recipe) -> None:
    original, picture = network(recipe), as_tensor(luma())
    with torch.no_grad():
        measured = original(picture)
    off = float((original(picture) - measured).detach().abs().max())
    assert off < 1e-2, f"off by {off:.4f} levels"


@recipes
@torch.no_grad()
def test_the_float_graph_is_the_folded_network(recipe: Recipe) -> None:
    net, picture = fold(network(recipe)), luma()
    run = open_graph(float_graph.restoring(net, {}), 1)
    made = run({float_graph.LUMA: picture[None, None].astype(np.float32)})[float_graph.RESTORED]
    expected = trace(net, as_tensor(picture), lambda _, x: x, context=net.layout.align).numpy()
    off = float(np.abs(made - expected).max())
    assert off < 1e-2, f"off by {off:.4f} levels"


@recipes
@torch.no_grad()
def test_what_lies_around_a_patch_gives_it_the_features_that_it_has_in_a_frame(recipe: Recipe) -> None:
    extractor = network(recipe).extractor
    frame, align = as_tensor(luma()) / 64, 2 * recipe.coarse
    context = align
    window = frame[..., : 2 * align + 2 * context, : 2 * align + 2 * context]
    torch.testing.assert_close(inside(extractor(window), 1), inside(extractor(frame), 1)[..., :2, :2])


@torch.no_grad()
def test_context_is_not_in_the_picture() -> None:
    one = network(tiny())
    picture = as_tensor(luma())
    assert one(picture, 16).shape == (1, 1, 2 * (64 - 32), 2 * (96 - 32))
    assert trace(fold(one), picture, lambda _, x: x, context=16).shape == (1, 1, 64, 128)


@torch.no_grad()
def test_features_add_nothing_before_they_have_learnt() -> None:
    fresh = Network(tiny()).eval()
    picture = as_tensor(luma())
    assert torch.equal(fresh(picture), fresh(picture, features=False))
    learnt = network(tiny())
    assert not torch.equal(learnt(picture), learnt(picture, features=False))


@torch.no_grad()
def test_the_network_is_more_than_bicubic() -> None:
    original = network(tiny())
    picture = as_tensor(luma())
    assert float((original(picture) - original.skip(picture)).abs().mean()) > 1


def rounded_trace(net: Folded, grids: Grids, picture: Plane) -> Plane:
    """The folded network with every activation on its grid, and the reconstruction's weights rounded, as it is when it
    learns with rounding."""
    layers = learning(net, grids)

    def rounded(name: str, x: Tensor, conv: Conv) -> Tensor:
        made: Tensor = layers[name](x, conv) if name in layers else in_float(name, x, conv)
        return made

    with torch.no_grad():
        restored = trace(net, as_tensor(picture), lambda name, x: on_grid(x, grids[name]), rounded)
    return np.asarray(restored.clamp(0, 255).round()[0, 0].numpy(), np.uint8)


def through_graphs(net: Folded, grids: Grids, picture: Plane, runtime: str, folder: Path) -> Plane:
    """The three exported graphs, one after the other."""
    extractor, attention, reconstruction = (
        open_runtime(runtime).load(stage_file(make(net, grids), runtime, folder), 1)
        for make in (graphs.extractor, graphs.attention, graphs.reconstruction)
    )
    layout = net.layout
    (features,) = extractor.run(to_cells(picture, layout.coarse))
    attended, _, _ = attention.run(features)
    context = from_cells(attended, layout.align // layout.fine)
    (restored,) = reconstruction.run(context, to_cells(picture, layout.fine))
    made: Plane = restored_planes(restored)[0]
    return made


def stage_file(graph: onnx.ModelProto, runtime: str, folder: Path) -> StageFile:
    """The graph as a store would have it for `runtime`."""
    if runtime == "onnxruntime":
        return StageFile(graph.graph.name, {"graph": graph.SerializeToString()})
    onnx.save(graph, folder / "a.onnx")
    ov.save_model(ov.Core().read_model(folder / "a.onnx"), folder / "a.xml", compress_to_fp16=False)
    parts = {"graph": (folder / "a.xml").read_bytes(), "weights": (folder / "a.bin").read_bytes()}
    return StageFile(graph.graph.name, parts)


@recipes
def test_the_graphs_do_what_the_rounded_network_does(tmp_path: Path, recipe: Recipe) -> None:
    net, picture = fold(network(recipe)), luma()
    grids = find_grids(net, [picture])
    apart = np.abs(
        through_graphs(net, grids, picture, "onnxruntime", tmp_path).astype(int) - rounded_trace(net, grids, picture)
    )
    # The extractor's and the attention's weights are rounded in the graphs only.
    assert apart.mean() < 0.15, f"{apart.mean():.2f} levels apart in the mean"
    assert np.mean(apart > 1) < 0.005, f"{np.mean(apart > 1):.2%} of the samples are more than a level apart"


def test_rounded_weights_leave_a_flat_area_where_it_is(tmp_path: Path) -> None:
    """Beside weights a hundred times as large, those of luma are rounded coarsely; grey is the zero of luma, not of the
    tensor that it is in."""
    rng = np.random.default_rng(3)
    weight = np.concatenate((rng.normal(0, 10, (8, 4, 3, 3)), rng.normal(0, 0.1, (8, 4, 3, 3))), 1)
    grid, loud = Grid(8.0 / 255, 128), Grid(1 / 16, 0)
    build = graphs.GraphBuilder("one")
    joint = build.concat([(Codes.on("context", loud), 4), (Codes.on("cells", LUMA), 4)], "joint", loud)
    build.conv(joint, Conv(weight, np.zeros(8), padding=1), "out", grid)
    sizes: list[int | str] = [1, 4, 16, 16]
    graph = build.model({"context": sizes, "cells": sizes}, {"out": [1, 8, 16, 16]})
    stage = open_runtime("onnxruntime").load(stage_file(graph, "onnxruntime", tmp_path), 1)
    (codes,) = stage.run(np.zeros((1, 4, 16, 16), np.uint8), np.full((1, 4, 16, 16), LUMA.zero, np.uint8))
    off = codes[0, :, 1:-1, 1:-1].astype(int) - grid.zero
    assert not off.any(), f"grey became {off[:, 0, 0]} codes"


@recipes
def test_both_runtimes_make_the_same_picture_of_the_graphs(tmp_path: Path, recipe: Recipe) -> None:
    net, picture = fold(network(recipe, seed=2)), luma()
    grids = find_grids(net, [picture])
    ours, theirs = (through_graphs(net, grids, picture, runtime, tmp_path) for runtime in RUNTIMES)
    apart = np.abs(ours.astype(int) - theirs)
    if products_saturate():
        assert root_mean_square(apart) < SATURATED
        return
    # OpenVINO's kernels for as few as eight channels round a sum that lies midway between two codes the other way.
    assert apart.max() <= 1, f"up to {apart.max()} levels apart"
    assert np.mean(apart) < 1e-4, f"{np.mean(apart > 0):.3%} of the samples differ"
