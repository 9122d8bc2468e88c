"""The folded network in single precision as one ONNX graph: what INT8 is held to, and where its ranges come from.

Padded luma in, restored luma out, both (1, 1, rows, columns) in 0..255 and not rounded. As in INT8 the features see all
of the padded luma, and the reconstruction all but a feature's side of it. Activations are called as the quantized
tensors in `graphs` are.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from edge_vsr.calibration.folded import BLACK, CENTRE, UNIT, Conv, Folded, doubled
from edge_vsr.calibration.graphs import IR_VERSION, OPSET
from edge_vsr.calibration.grid import Grid

LUMA, RESTORED = "luma", "restored"
MANY, FEW = "many", "few"
"""Inputs of a graph with samples, of numbers in 0..1: which values of an activation, and which positions, are seen."""
PEAK, LOW, SEEN = "_peak", "_low", "_seen"
"""Ends of the names of what is seen of an activation."""
LAST = {0: -2, 2: 2**31 - 1}
"""Where a slice ends that begins at the first or the third position and leaves out two."""


@dataclass
class _Builder:
    """Collects nodes; methods take and return names of tensors."""

    sampled: bool
    limits: Mapping[str, Grid]
    nodes: list[onnx.NodeProto] = field(default_factory=list)
    constants: list[onnx.TensorProto] = field(default_factory=list)
    outputs: list[str] = field(default_factory=list)

    def constant(self, value: NDArray[np.generic]) -> str:
        name = f"constant{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(value, name))
        return name

    def number(self, value: float) -> str:
        return self.constant(np.array(value, np.float32))

    def integers(self, *values: int) -> str:
        return self.constant(np.array(values, np.int64))

    def node(self, kind: str, *inputs: str, name: str = "", **attributes: Any) -> str:
        output = name or f"{kind}{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [output], name=output, **attributes))
        return output

    def conv(self, x: str, conv: Conv, name: str = "") -> str:
        weight, bias = (self.constant(a.astype(np.float32)) for a in (conv.weight, conv.bias))
        kernel, pads = list(conv.weight.shape[2:]), [conv.padding] * 4
        return self.node(
            "Conv", x, weight, bias, name=name, kernel_shape=kernel, pads=pads, strides=[conv.stride, conv.stride]
        )

    def relu(self, x: str, name: str) -> str:
        """With a limit to each channel, where there is one."""
        grid = self.limits.get(name)
        if grid is None:
            return self.node("Relu", x, name=name)
        tops = self.constant((255 * grid.scales).astype(np.float32).reshape(1, -1, 1, 1))
        return self.node("Min", self.node("Relu", x), tops, name=name)

    def inside(self, x: str, border: int) -> str:
        """`x` without `border` at each side."""
        return self.node(
            "Slice", x, self.integers(border, border), self.integers(-border, -border), self.integers(2, 3)
        )

    def cells(self, luma: str, side: int) -> str:
        """As `edge_vsr.sr.cells.to_cells` makes them; black beyond the plane."""
        if side > 1:
            return self.node("SpaceToDepth", luma, blocksize=side)
        framed = self.framed(luma, BLACK)
        axes = self.integers(2, 3)
        corners = [
            self.node("Slice", framed, self.integers(*first), self.integers(*(LAST[at] for at in first)), axes)
            for first in ((0, 0), (0, 2), (2, 0), (2, 2))
        ]
        return self.node("Concat", *corners, axis=1)

    def framed(self, x: str, value: float) -> str:
        """`x` with one position more at each side."""
        return self.node("Pad", x, self.integers(0, 0, 1, 1, 0, 0, 1, 1), self.number(value))

    def values(self, x: str) -> str:
        """Note the least, the largest and some other values of `x`."""
        if self.sampled:
            flat = self.node("Reshape", x, self.integers(1, -1))
            self._see(x, flat, MANY)
            self.outputs.append(self.node("ReduceMin", flat, name=x + LOW, axes=[1], keepdims=1))
        return x

    def positions(self, x: str) -> str:
        """Note the largest and some other values of each channel of `x`."""
        if self.sampled:
            apart = self.node("Reshape", x, self.integers(0, 0, -1))
            self._see(x, self.node("Squeeze", apart, self.integers(0)), FEW)
        return x

    def _see(self, x: str, rows: str, chances: str) -> None:
        length = self.node("Gather", self.node("Shape", rows), self.integers(1))
        drawn = self.node("Mul", chances, self.node("Cast", length, to=TensorProto.DOUBLE))
        where = self.node("Cast", drawn, to=TensorProto.INT64)
        self.outputs.append(self.node("Gather", rows, where, name=x + SEEN, axis=1))
        self.outputs.append(self.node("ReduceMax", rows, name=x + PEAK, axes=[1], keepdims=1))

    def model(self) -> onnx.ModelProto:
        plane: list[int | str] = [1, 1, "rows", "columns"]
        inputs = [helper.make_tensor_value_info(LUMA, TensorProto.FLOAT, plane)]
        if self.sampled:
            inputs += [helper.make_tensor_value_info(name, TensorProto.DOUBLE, [name]) for name in (MANY, FEW)]
        outputs = [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in self.outputs]
        graph = helper.make_graph(self.nodes, "original", inputs, outputs, self.constants)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], producer_name="edge-vsr")
        model.ir_version = IR_VERSION
        return model


def restoring(net: Folded, limits: Mapping[str, Grid]) -> onnx.ModelProto:
    """LUMA to RESTORED, activations clipped to what `limits` hold: to a network that learnt on them that is part of
    what it learnt."""
    return _build(net, _Builder(False, limits))


def sampling(net: Folded) -> onnx.ModelProto:
    """LUMA, MANY and FEW to samples of every activation: (1 or channels, so many) at its name with SEEN, with PEAK, and
    where channels are not apart with LOW. It makes no picture."""
    return _build(net, _Builder(True, {}))


def _build(net: Folded, build: _Builder) -> onnx.ModelProto:
    layout = net.layout
    at = build.node
    centred = at("Div", at("Sub", LUMA, build.number(CENTRE)), build.number(UNIT))

    x = at("SpaceToDepth", centred, blocksize=layout.coarse)
    x = build.values(build.relu(build.conv(x, net.conv64), "conv64"))
    features = build.values(build.relu(build.conv(x, net.conv256), "features"))

    mean = build.values(at("GlobalAveragePool", features, name="mean"))
    peak = at("GlobalMaxPool", features)
    squeezed = [at("Relu", build.conv(pooled, net.squeeze)) for pooled in (mean, peak)]
    hidden = build.values(at("Concat", *squeezed, name="hidden", axis=1))
    logit = build.values(build.conv(hidden, doubled(net.excite), "channel_logit"))
    x = build.values(at("Mul", features, at("Sigmoid", logit), name="weighted"))
    across_mean = build.values(at("ReduceMean", x, name="across_mean", axes=[1], keepdims=1))
    across = at("Concat", across_mean, at("ReduceMax", x, axes=[1], keepdims=1), axis=1)
    logit = build.values(build.conv(across, net.spatial, "spatial_logit"))
    attended = build.values(at("Mul", x, at("Sigmoid", logit), name="attended"))

    context = at("DepthToSpace", build.inside(attended, 1), blocksize=layout.align // layout.fine, mode="CRD")
    cells = build.cells(build.inside(centred, layout.align), layout.fine)
    # Beyond the frame the graphs see code 0 of the tensor that luma shares with features: black.
    framed = build.framed(cells, BLACK)
    joint = at("Concat", build.framed(context, 0.0), framed, axis=1)
    x = build.positions(build.relu(build.conv(joint, replace(net.join, padding=0)), "joined"))
    for i, block in enumerate(net.blocks):
        x = build.positions(build.relu(build.conv(x, block), f"block{i}"))
    if not build.sampled:
        both = at("Add", build.conv(x, net.tail), build.conv(framed, replace(net.skip, padding=0)))
        plane = at("DepthToSpace", both, blocksize=layout.fine * layout.scale, mode="CRD")
        build.outputs.append(at("Add", at("Mul", plane, build.number(UNIT)), build.number(CENTRE), name=RESTORED))
    return build.model()
