"""The three INT8 graphs as ONNX: extractor, attention, reconstruction, uint8 in and uint8 out.

Quantize and dequantize nodes are placed by hand so that ONNX Runtime and OpenVINO both run every convolution in
INT8: weights symmetric per output channel, activations uint8, ReLU as the zero point of its quantizer, pools
on the uint8 codes themselves. Pixel shuffles are left to the caller, who is faster at them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from edge_vsr.calibration.bicubic import DENOMINATOR
from edge_vsr.calibration.codes import Array, Codes, factors, offsets, rounded, rounded_bias, weight_scales
from edge_vsr.calibration.folded import Conv, Folded, doubled, taken_together
from edge_vsr.calibration.grid import LUMA, SHARE, Grid

OPSET = 17
IR_VERSION = 8
CHANNELS = 256
Shapes = dict[str, list[int | str]]
"""Of tensors, by name; a word is a length that the caller chooses."""


@dataclass
class GraphBuilder:
    """Collects nodes; every method takes and returns uint8 tensors."""

    name: str
    nodes: list[onnx.NodeProto] = field(default_factory=list)
    constants: dict[str, onnx.TensorProto] = field(default_factory=dict)

    def constant(self, name: str, value: NDArray[np.generic]) -> str:
        self.constants.setdefault(name, numpy_helper.from_array(value, name))
        return name

    def node(self, kind: str, inputs: list[str], output: str, **attributes: Any) -> str:
        self.nodes.append(helper.make_node(kind, inputs, [output], name=output, **attributes))
        return output

    def codes_op(self, kind: str, x: Codes, output: str, **attributes: Any) -> Codes:
        """An operator that only moves or compares codes."""
        return replace(x, name=self.node(kind, [x.name], output, **attributes))

    def real(self, x: Codes) -> str:
        """The nominal values behind `x`; a new node for each use, as the runtimes' fusions want it."""
        output = f"{x.name}_real{len(self.nodes)}"
        return self.node("DequantizeLinear", [x.name, *self._grid(x.grid)], output)

    def quantize(self, real: str, output: str, grid: Grid) -> Codes:
        return Codes.on(self.node("QuantizeLinear", [real, *self._grid(grid)], output), grid)

    def _grid(self, grid: Grid) -> tuple[str, str]:
        scale = self.constant(f"scale_{grid.nominal!r}", np.array(grid.nominal, np.float32))
        return scale, self.constant(f"zero_{grid.zero}", np.array(grid.zero, np.uint8))

    def conv(self, x: Codes, conv: Conv, output: str, grid: Grid) -> Codes:
        """Convolution in INT8, weights rounded to 8 bits by output channel."""
        by_codes = conv.weight * factors(x.scales, grid)
        return self._conv(x, conv, by_codes, weight_scales(by_codes, conv.bias, x, grid), output, grid)

    def exact_conv(self, x: Codes, conv: Conv, output: str, grid: Grid, denominator: int) -> Codes:
        """Convolution whose weights map codes to codes by integers up to 127 / `denominator`, a power of two."""
        by_codes = conv.weight * factors(x.scales, grid)
        scales = np.full((len(by_codes), 1, 1, 1), 1 / denominator)
        return self._conv(x, conv, by_codes, scales, output, grid)

    def _conv(self, x: Codes, conv: Conv, by_codes: Array, scales: Array, output: str, grid: Grid) -> Codes:
        codes = rounded(by_codes, scales)
        bias = rounded_bias(offsets(codes * scales, conv.bias, x, grid), scales.flatten(), grid)
        called = scales.flatten() * grid.nominal / x.grid.nominal
        weight_scale, bias_scale = called.astype(np.float32), (called * x.grid.nominal).astype(np.float32)
        weight = self.node(
            "DequantizeLinear",
            [
                self.constant(f"{output}_weight", codes),
                self.constant(f"{output}_weight_scale", weight_scale),
                self.constant(f"{output}_weight_zero", np.zeros(len(codes), np.int8)),
            ],
            f"{output}_weight_real",
            axis=0,
        )
        inputs = [self.real(x), weight]
        if np.any(bias):
            inputs.append(
                self.node(
                    "DequantizeLinear",
                    [
                        self.constant(f"{output}_bias", bias),
                        self.constant(f"{output}_bias_scale", bias_scale),
                        self.constant(f"{output}_bias_zero", np.zeros(len(codes), np.int32)),
                    ],
                    f"{output}_bias_real",
                    axis=0,
                )
            )
        pads = [conv.padding] * 4
        kernel = list(conv.weight.shape[2:])
        real = self.node(
            "Conv", inputs, f"{output}_conv", kernel_shape=kernel, pads=pads, strides=[conv.stride, conv.stride]
        )
        return self.quantize(real, output, grid)

    def product(self, x: Codes, share: Codes, output: str) -> Codes:
        """`x` times a share of at most one, on the grid of `x`."""
        return self.quantize(self.node("Mul", [self.real(x), self.real(share)], f"{output}_real"), output, x.grid)

    def sigmoid(self, x: Codes, output: str) -> Codes:
        return self.quantize(self.node("Sigmoid", [self.real(x)], f"{output}_real"), output, SHARE)

    def concat(self, parts: list[tuple[Codes, int]], output: str, grid: Grid) -> Codes:
        """Stack tensors of so many channels and call all codes by `grid`; the next convolution makes up for it."""
        self.node("Concat", [part.name for part, _ in parts], output, axis=1)
        return Codes.joined(output, parts, grid)

    def model(self, inputs: Shapes, outputs: Shapes) -> onnx.ModelProto:
        graph = helper.make_graph(
            self.nodes,
            self.name,
            [helper.make_tensor_value_info(n, TensorProto.UINT8, s) for n, s in inputs.items()],
            [helper.make_tensor_value_info(n, TensorProto.UINT8, s) for n, s in outputs.items()],
            list(self.constants.values()),
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], producer_name="edge-vsr")
        model.ir_version = IR_VERSION
        onnx.checker.check_model(model, full_check=True)
        return model


def extractor(net: Folded, grids: Mapping[str, Grid]) -> onnx.ModelProto:
    """Luma in cells (planes, coarse^2, H / coarse, W / coarse) -> features (planes, 256, H / (2 * coarse), W / (2 *
    coarse))."""
    build = GraphBuilder("extractor")
    x = build.conv(Codes.on("cells", LUMA), net.conv64, "conv64", grids["conv64"])
    build.conv(x, net.conv256, "features", grids["features"])
    cells: list[int | str] = ["planes", net.layout.coarse**2, "cell_rows", "cell_columns"]
    return build.model({"cells": cells}, {"features": ["planes", CHANNELS, "rows", "columns"]})


def attention(net: Folded, grids: Mapping[str, Grid]) -> onnx.ModelProto:
    """features -> attended features, both (1, 256, rows, columns) of the whole frame; and the shares, on the grid of
    `SHARE`, of channels (1, 256, 1, 1) and of positions (1, 1, rows, columns), by which a caller may attend further."""
    build = GraphBuilder("attention")
    features = Codes.on("features", grids["features"])
    mean = build.quantize(build.node("GlobalAveragePool", [build.real(features)], "mean_real"), "mean", grids["mean"])
    peak = build.codes_op("ReduceMax", features, "peak", axes=[2, 3], keepdims=1)
    # The shared net's weights are stored for each use: shared initializers stop one of ONNX Runtime's passes.
    squeezed = len(net.squeeze.weight)
    hidden = [
        (build.conv(pooled, net.squeeze, f"{pooled.name}_hidden", grids["hidden"]), squeezed) for pooled in (mean, peak)
    ]
    both = build.concat(hidden, "hidden", grids["hidden"])
    logit = build.conv(both, doubled(net.excite), "channel_logit", grids["channel_logit"])
    channels = build.sigmoid(logit, "channels")
    weighted = build.product(features, channels, "weighted")

    averaging = Conv(np.full((1, CHANNELS, 1, 1), 1 / CHANNELS), np.zeros(1))
    finer = round(weighted.grid.scale / grids["across_mean"].scale)
    across_mean = build.exact_conv(weighted, averaging, "across_mean", grids["across_mean"], CHANNELS // finer)
    across_peak = build.codes_op("ReduceMax", weighted, "across_peak", axes=[1], keepdims=1)
    across = build.concat([(across_mean, 1), (across_peak, 1)], "across", weighted.grid)
    logit = build.conv(across, net.spatial, "spatial_logit", grids["spatial_logit"])
    positions = build.sigmoid(logit, "positions")
    attended = build.product(weighted, positions, "attended")
    whole: list[int | str] = [1, CHANNELS, "rows", "columns"]
    shares: Shapes = {channels.name: [1, CHANNELS, 1, 1], positions.name: [1, 1, "rows", "columns"]}
    return build.model({"features": whole}, {attended.name: whole, **shares})


def reconstruction(net: Folded, grids: Mapping[str, Grid]) -> onnx.ModelProto:
    """Attended features at the fine resolution and luma in cells of it -> restored luma, also in cells.

    With rows = H / fine and columns = W / fine: (planes, 256 * (fine / (2 * coarse))^2, rows, columns) and
    (planes, samples, rows, columns) -> (planes, (fine * scale)^2, rows, columns); where the layout takes positions
    together, in cells of as many, and as many fewer of them.
    """
    layout = net.layout
    build = GraphBuilder("reconstruction")
    depth, cell = CHANNELS * layout.fine**2 // layout.align**2, layout.samples
    context, cells = Codes.on("context", grids["attended"]), Codes.on("cells", LUMA)
    joint = build.concat([(context, depth), (cells, cell)], "joint", context.grid)
    x = build.conv(joint, net.join, "joined", grids["joined"])
    for i, block in enumerate(net.blocks):
        x = build.conv(x, block, f"block{i}", grids[f"block{i}"])
    # Bicubic and residual in one sum that is rounded once: rounded apart, each costs INT8 a part of its loss.
    both = build.concat([(x, net.width), (cells, cell)], "both", x.grid)
    last = replace(net.tail, weight=np.concatenate((net.tail.weight, net.skip.weight), 1))
    last = taken_together(last, layout.together, layout.fine * layout.scale)
    build.exact_conv(both, last, "restored", LUMA, DENOMINATOR)
    lengths = ("rows", "columns") if last.stride == 1 else ("cell_rows", "cell_columns")
    return build.model(
        {"context": ["planes", depth, "rows", "columns"], "cells": ["planes", cell, "rows", "columns"]},
        {"restored": ["planes", len(last.weight), *lengths]},
    )
