"""A model's three stages as one graph, luma in and luma out: what the stages are compared with."""

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import onnx
import openvino as ov
from onnx import TensorProto, compose, helper, numpy_helper

from edge_vsr.sr.cells import together
from edge_vsr.sr.runtime import StageFile
from edge_vsr.sr.store import STAGES, Model, ModelStore

END = {0: -2, 2: 2**31 - 1}
CORNERS = {"around": [0, 0, 1, 1, 0, 0, 1, 1]} | {
    f"{name}{y}{x}": [where[y], where[x]]
    for name, where in (("from", {0: 0, 2: 2}), ("to", END))
    for y in (0, 2)
    for x in (0, 2)
}
"""How the samples diagonally beside each are cut from a plane with one more on each side."""


def fused(store: ModelStore, model: Model) -> onnx.ModelProto:
    """luma (1, 1, H, W), padded -> restored luma of what is within, scale times as large."""
    graphs = {}
    for stage in STAGES:
        graph = onnx.load_from_string(store.read(model, stage, "onnxruntime").part("graph"))
        graphs[stage] = compose.add_prefix(graph, f"{stage}/")
    cell = together(model.fine, model.scale) * model.fine * model.scale
    nodes = [
        _move("SpaceToDepth", "luma", "extractor/cells", model.coarse),
        *graphs["extractor"].graph.node,
        *_renamed(graphs["attention"], {"attention/features": "extractor/features"}),
        _move("DepthToSpace", "attention/attended", "wide", model.align // model.fine),
        *_cells(model.fine),
        helper.make_node("Slice", ["wide", "first", "last", "axes"], ["reconstruction/context"]),
        helper.make_node("Slice", ["cells", "first", "last", "axes"], ["reconstruction/cells"]),
        *graphs["reconstruction"].graph.node,
        _move("DepthToSpace", "reconstruction/restored", "restored", cell),
    ]
    ring = model.align // model.fine
    ends = {"first": [ring] * 2, "last": [-ring] * 2, "axes": [2, 3]} | CORNERS
    graph = helper.make_graph(
        nodes,
        "fused",
        [helper.make_tensor_value_info("luma", TensorProto.UINT8, [1, 1, "height", "width"])],
        [helper.make_tensor_value_info("restored", TensorProto.UINT8, [1, 1, "high", "wide"])],
        [
            *(constant for one in graphs.values() for constant in one.graph.initializer),
            *(numpy_helper.from_array(np.array(values), name) for name, values in ends.items()),
        ],
    )
    made = helper.make_model(graph, opset_imports=graphs["extractor"].opset_import)
    made.ir_version = graphs["extractor"].ir_version
    onnx.checker.check_model(made, full_check=True)
    return made


def stage_file(store: ModelStore, model: Model, runtime: str) -> StageFile:
    """The fused graph as `runtime` loads it."""
    made = fused(store, model)
    if runtime == "onnxruntime":
        return StageFile("fused", {"graph": made.SerializeToString()})
    return StageFile("fused", _as_openvino(made))


def _as_openvino(made: onnx.ModelProto) -> dict[str, bytes]:
    """Through a folder, for OpenVINO writes none of this to memory; uncompressed, as the recipe writes its stages."""
    with TemporaryDirectory() as folder:
        onnx.save(made, Path(folder, "fused.onnx"))
        ov.save_model(
            ov.Core().read_model(Path(folder, "fused.onnx")), Path(folder, "fused.xml"), compress_to_fp16=False
        )
        return {"graph": Path(folder, "fused.xml").read_bytes(), "weights": Path(folder, "fused.bin").read_bytes()}


def _move(kind: str, source: str, target: str, side: int) -> onnx.NodeProto:
    mode = {"mode": "CRD"} if kind == "DepthToSpace" else {}
    return helper.make_node(kind, [source], [target], blocksize=side, **mode)


def _cells(side: int) -> list[onnx.NodeProto]:
    """As `edge_vsr.sr.cells.to_cells` makes them."""
    if side > 1:
        return [_move("SpaceToDepth", "luma", "cells", side)]
    corners = [(f"{y}{x}", [f"from{y}{x}", f"to{y}{x}"]) for y in (0, 2) for x in (0, 2)]
    return [
        helper.make_node("Pad", ["luma", "around"], ["framed"]),
        *(helper.make_node("Slice", ["framed", *ends, "axes"], [f"corner{name}"]) for name, ends in corners),
        helper.make_node("Concat", [f"corner{name}" for name, _ in corners], ["cells"], axis=1),
    ]


def _renamed(model: onnx.ModelProto, names: dict[str, str]) -> list[onnx.NodeProto]:
    for node in model.graph.node:
        for i, name in enumerate(node.input):
            node.input[i] = names.get(name, name)
    return list(model.graph.node)
