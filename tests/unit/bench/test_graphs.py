import json
import platform

import numpy as np
import onnx
import pytest

from edge_vsr.bench.graphs import Precision, chain
from edge_vsr.bench.macs import Convolution, gmac, macs_a_sample, reconstruction
from edge_vsr.frame import Size
from edge_vsr.sr.cells import samples, together
from edge_vsr.sr.engines import RUNTIMES, open_runtime
from edge_vsr.sr.runtime import StageFile
from edge_vsr.sr.store import ModelStore, bundled_store
from tests.benchmarks.fused import fused

CONVOLUTIONS = (Convolution(8, 16), Convolution(16, 16, 1), Convolution(16, 4))


@pytest.fixture(scope="module")
def store() -> ModelStore:
    return bundled_store()


@pytest.mark.parametrize("precision", Precision)
def test_a_chain_is_onnx_by_the_checker_s_word(precision: Precision) -> None:
    model = onnx.load_from_string(chain(CONVOLUTIONS, precision))
    onnx.checker.check_model(model, full_check=True)
    assert sum(node.op_type == "Conv" for node in model.graph.node) == len(CONVOLUTIONS)


@pytest.mark.parametrize("name", RUNTIMES)
def test_both_precisions_compute_the_same_in_every_runtime(name: str) -> None:
    codes = np.random.default_rng(1).integers(0, 256, (1, 8, 12, 20), np.uint8)
    made = {}
    for precision in Precision:
        stage = open_runtime(name).load(
            StageFile("chain", {"graph": chain(CONVOLUTIONS, precision), "weights": b""}), threads=1
        )
        (made[precision],) = stage.run(codes)
    int8, fp32 = (made[precision] for precision in Precision)
    assert int8.shape == fp32.shape == (1, 4, 12, 20)
    assert fp32.max() > 10, "the chain must not fade away"
    # Not the same codes: between two convolutions INT8 stops at 255.
    assert np.corrcoef(int8.flatten(), fp32.flatten())[0, 1] > 0.9


def test_openvino_loads_a_chain_on_arm_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "machine", lambda: "aarch64")
    made = StageFile("chain", {"graph": chain(CONVOLUTIONS, Precision.INT8), "weights": b""})
    (codes,) = open_runtime("openvino").load(made, 1).run(np.zeros((1, 8, 12, 20), np.uint8))
    assert codes.shape == (1, 4, 12, 20)


@pytest.mark.parametrize("name", bundled_store().models)
def test_geometry_gives_the_graph_s_own_convolutions(store: ModelStore, name: str) -> None:
    model = store.find(name)
    graph = fused(store, model).graph
    weights = {one.name: list(one.dims) for one in graph.initializer}
    made_by = {node.output[0]: node for node in graph.node}
    kernels = [
        weights[made_by[node.input[1]].input[0]]
        for node in graph.node
        if node.op_type == "Conv" and node.name.startswith("reconstruction/")
    ]
    expected = [[one.outputs, one.inputs, one.kernel, one.kernel] for one in reconstruction(model)]
    # The last one has the fixed bicubic beside it, as inputs of its own, and yields a square of positions at once.
    outputs, inputs, kernel, _ = expected[-1]
    side = together(model.fine, model.scale)
    expected[-1] = [outputs * side**2, inputs + samples(model.fine), kernel + side - 1, kernel + side - 1]
    assert kernels == expected


def test_work_grows_with_the_frame_s_area(store: ModelStore) -> None:
    model = store.find("ear-s-x2")
    record = json.loads((store.folder / model.name / "measured.json").read_text())
    assert macs_a_sample(model) == pytest.approx(record["macs_a_sample"])
    assert gmac(model, Size(960, 540)) == pytest.approx(4 * gmac(model, Size(480, 270)))
