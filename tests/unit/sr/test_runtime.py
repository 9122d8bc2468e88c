import builtins
import importlib.util
import platform
import sys
from typing import Any

import numpy as np
import pytest

from edge_vsr.calibration.codes import Codes
from edge_vsr.calibration.folded import Conv
from edge_vsr.calibration.graphs import GraphBuilder
from edge_vsr.calibration.grid import NOMINAL, Grid
from edge_vsr.errors import MissingDependency, ModelError, UsageError
from edge_vsr.sr.cells import samples
from edge_vsr.sr.engines import RUNTIMES, installed_runtimes, open_runtime, usable_cpus
from edge_vsr.sr.onnx import products_saturate
from edge_vsr.sr.runtime import StageFile
from edge_vsr.sr.store import bundled_store


def without(monkeypatch: pytest.MonkeyPatch, package: str) -> None:
    """As if `package` were not installed."""
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == package else find(name))


@pytest.mark.parametrize("name", RUNTIMES)
def test_each_runtime_opens_under_its_name(name: str) -> None:
    assert open_runtime(name).name == name


def test_an_unknown_runtime_gets_the_list() -> None:
    with pytest.raises(UsageError, match="runtime 'tensorrt' is unknown; choose auto, onnxruntime or openvino"):
        open_runtime("tensorrt")


@pytest.mark.parametrize(
    ("name", "pip"), [("openvino", r"pip install 'edge-vsr\[openvino\]'$"), ("onnxruntime", "pip install onnxruntime$")]
)
def test_a_missing_runtime_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch, name: str, pip: str) -> None:
    without(monkeypatch, name)
    assert name not in installed_runtimes()
    with pytest.raises(MissingDependency, match=f"{name} is not installed; run: {pip}"):
        open_runtime(name)


@pytest.mark.parametrize(
    ("machine", "missing", "chosen"),
    [
        ("x86_64", None, "openvino"),
        ("AMD64", None, "openvino"),
        ("x86_64", "openvino", "onnxruntime"),
        ("aarch64", None, "onnxruntime"),
    ],
)
def test_auto_takes_openvino_on_x86_where_it_is_installed(
    monkeypatch: pytest.MonkeyPatch, machine: str, missing: str | None, chosen: str
) -> None:
    monkeypatch.setattr(platform, "machine", lambda: machine)
    if missing:
        without(monkeypatch, missing)
    assert open_runtime().name == chosen


@pytest.mark.parametrize(("name", "module"), [("onnxruntime", "onnx"), ("openvino", "openvino")])
def test_an_engine_whose_libraries_are_missing_is_a_missing_dependency(
    monkeypatch: pytest.MonkeyPatch, name: str, module: str
) -> None:
    load = builtins.__import__

    def broken(wanted: str, *rest: Any, **more: Any) -> Any:
        if wanted == name:
            raise ImportError("libgomp.so.1: cannot open shared object file")
        return load(wanted, *rest, **more)

    monkeypatch.delitem(sys.modules, f"edge_vsr.sr.{module}", raising=False)
    monkeypatch.setattr(builtins, "__import__", broken)
    with pytest.raises(MissingDependency, match=r"does not start \(libgomp.*force-reinstall"):
        open_runtime(name)


@pytest.mark.parametrize("name", RUNTIMES)
@pytest.mark.parametrize("data", [b"", b"no graph", b"\0" * 1000])
def test_a_graph_that_the_engine_refuses_is_a_model_error(name: str, data: bytes) -> None:
    with pytest.raises(ModelError, match=r"cannot load made-up/extractor: .*"):
        open_runtime(name).load(StageFile("made-up/extractor", {"graph": data, "weights": b""}), 1)


@pytest.mark.parametrize("name", RUNTIMES)
def test_a_shape_that_the_graph_cannot_take_is_a_model_error(name: str) -> None:
    store = bundled_store()
    model = next(iter(store.models.values()))
    stage = open_runtime(name).load(store.read(model, "extractor", name), 1)
    cells = model.coarse**2
    with pytest.raises(ModelError, match=f"cannot run {model.name}/extractor: "):
        stage.run(np.zeros((1, cells, 13, 17), np.uint8)[:, 1:])
    (features,) = stage.run(np.zeros((1, cells, 4, 4), np.uint8))
    assert features.shape[1] == 256, "it goes on after a failure"


@pytest.mark.parametrize("name", bundled_store().models)
@pytest.mark.parametrize("stage", ["extractor", "reconstruction"])
def test_openvino_gives_the_same_codes_in_the_way_that_it_takes_on_arm(
    monkeypatch: pytest.MonkeyPatch, name: str, stage: str
) -> None:
    store = bundled_store()
    model = store.find(name)
    depths = {"extractor": [model.coarse**2], "reconstruction": [model.context, samples(model.fine)]}
    codes = [np.random.default_rng(3).integers(0, 256, (1, depth, 24, 32), np.uint8) for depth in depths[stage]]
    file = store.read(model, stage, "openvino")
    if saturates := products_saturate():
        (here,) = open_runtime("onnxruntime").load(store.read(model, stage, "onnxruntime"), 1).run(*codes)
    else:
        (here,) = open_runtime("openvino").load(file, 1).run(*codes)
    monkeypatch.setattr(platform, "machine", lambda: "aarch64")
    (there,) = open_runtime("openvino").load(file, 1).run(*codes)
    differ = np.mean(here != there)
    # Where OpenVINO's products saturate, ONNX Runtime has the codes; both engines agree but for a few.
    assert differ <= (1e-3 if saturates else 0), f"{differ:.3%} of {here.size} codes differ"


@pytest.mark.parametrize("data", [b"", b"no graph"])
def test_a_graph_that_is_none_is_a_model_error_on_arm_too(monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
    monkeypatch.setattr(platform, "machine", lambda: "aarch64")
    with pytest.raises(ModelError, match=r"cannot load made-up/extractor: .*"):
        open_runtime("openvino").load(StageFile("made-up/extractor", {"graph": data, "weights": b""}), 1)


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
@pytest.mark.parametrize("name", RUNTIMES)
@pytest.mark.parametrize("zero", [0, 70, 128])
def test_halfway_between_two_codes_every_engine_takes_the_even_one(
    monkeypatch: pytest.MonkeyPatch, name: str, machine: str, zero: int
) -> None:
    monkeypatch.setattr(platform, "machine", lambda: machine)
    codes = np.arange(256, dtype=np.uint8).reshape(1, 1, 16, 16)
    (halved,) = open_runtime(name).load(StageFile("halved", {"graph": _halving(zero), "weights": b""}), 1).run(codes)
    np.testing.assert_array_equal(halved, np.minimum(np.rint(codes / 2) + zero, 255))


def _halving(zero: int) -> bytes:
    """A graph that halves codes, and puts them on a grid with that zero."""
    build = GraphBuilder("halving")
    half = Conv(np.full((1, 1, 1, 1), 0.5), np.zeros(1))
    grid = Grid(NOMINAL, zero)
    build.exact_conv(Codes.on("codes", Grid(NOMINAL, 0)), half, "halved", grid, 2)
    shape: list[int | str] = [1, 1, "rows", "columns"]
    graph: bytes = build.model({"codes": shape}, {"halved": shape}).SerializeToString()
    return graph


def test_there_is_a_processor() -> None:
    assert usable_cpus() >= 1
