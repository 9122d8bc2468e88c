"""The three INT8 graphs as ONNX: extractor, attention, reconstruction, uint8 in and uint8 out.

Quantize and dequantize nodes are placed by hand so that ONNX Runtime and OpenVINO both run every convolution in
INT8: weights symmetric per output channel, activations uint8, ReLU as the zero point of its quantizer, pools and
shuffles on the uint8 codes themselves.
"""

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from models.recipe.bicubic import DENOMINATOR
from models.recipe.fold import Conv, Folded, doubled
from models.recipe.ranges import LUMA, SHARE, Grid

OPSET = 17
IR_VERSION = 8
CHANNELS = 256


@dataclass(frozen=True, slots=True)
class Codes:
    """A uint8 tensor of the graph and the grid that its codes stand on."""

    name: str
    grid: Grid


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
        return Codes(self.node(kind, [x.name], output, **attributes), x.grid)

    def real(self, x: Codes) -> str:
        """The real values behind `x`; a new node for each use, as the runtimes' fusions want it."""
        output = f"{x.name}_real{len(self.nodes)}"
        return self.node("DequantizeLinear", [x.name, *self._grid(x.grid)], output)

    def quantize(self, real: str, output: str, grid: Grid) -> Codes:
        return Codes(self.node("QuantizeLinear", [real, *self._grid(grid)], output), grid)

    def _grid(self, grid: Grid) -> tuple[str, str]:
        scale = self.constant(f"scale_{grid.scale!r}", np.array(grid.scale, np.float32))
        return scale, self.constant(f"zero_{grid.zero}", np.array(grid.zero, np.uint8))

    def conv(self, x: Codes, conv: Conv, output: str, grid: Grid) -> Codes:
        """Convolution in INT8, weights rounded to 8 bits by output channel."""
        scales = np.maximum(np.abs(conv.weight).max((1, 2, 3)), 1e-8) / 127
        return self._conv(x, conv, output, grid, scales.astype(np.float32))

    def exact_conv(self, x: Codes, conv: Conv, output: str, grid: Grid) -> Codes:
        """Convolution whose weights are integers / DENOMINATOR."""
        return self._conv(x, conv, output, grid, np.full(conv.weight.shape[0], 1 / DENOMINATOR, np.float32))

    def _conv(self, x: Codes, conv: Conv, output: str, grid: Grid, scales: NDArray[np.float32]) -> Codes:
        codes = np.clip(np.rint(conv.weight / scales[:, None, None, None]), -127, 127).astype(np.int8)
        bias_scales = (np.float32(x.grid.scale) * scales).astype(np.float32)
        bias = np.rint(conv.bias / bias_scales).astype(np.int32)
        per_channel = np.zeros(len(scales), np.int8)
        weight = self.node(
            "DequantizeLinear",
            [
                self.constant(f"{output}_weight", codes),
                self.constant(f"{output}_weight_scale", scales),
                self.constant(f"{output}_weight_zero", per_channel),
            ],
            f"{output}_weight_real",
            axis=0,
        )
        inputs = [self.real(x), weight]
        if np.any(bias):
            bias_key = f"{output}_bias"
            inputs.append(
                self.node(
                    "DequantizeLinear",
                    [
                        self.constant(bias_key, bias),
                        self.constant(f"{bias_key}_scale", bias_scales),
                        self.constant(f"{bias_key}_zero", np.zeros(len(scales), np.int32)),
                    ],
                    f"{bias_key}_real",
                    axis=0,
                )
            )
        pads = [conv.padding] * 4
        kernel = list(conv.weight.shape[2:])
        real = self.node(
            "Conv", inputs, f"{output}_conv", kernel_shape=kernel, pads=pads, strides=[conv.stride, conv.stride]
        )
        return self.quantize(real, output, grid)

    def binary(self, kind: str, a: Codes, b: Codes, output: str, grid: Grid) -> Codes:
        """Add or Mul, then quantize."""
        return self.quantize(self.node(kind, [self.real(a), self.real(b)], f"{output}_real"), output, grid)

    def sigmoid(self, x: Codes, output: str) -> Codes:
        return self.quantize(self.node("Sigmoid", [self.real(x)], f"{output}_real"), output, SHARE)

    def concat(self, parts: list[Codes], output: str, grid: Grid) -> Codes:
        """Stack on the channels and read all codes on `grid`; what that changes must go into the next weights."""
        return Codes(self.node("Concat", [part.name for part in parts], output, axis=1), grid)

    def model(self, inputs: dict[str, list[int | str]], output: str, shape: list[int | str]) -> onnx.ModelProto:
        graph = helper.make_graph(
            self.nodes,
            self.name,
            [helper.make_tensor_value_info(n, TensorProto.UINT8, s) for n, s in inputs.items()],
            [helper.make_tensor_value_info(output, TensorProto.UINT8, shape)],
            list(self.constants.values()),
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], producer_name="edge-vsr")
        model.ir_version = IR_VERSION
        onnx.checker.check_model(model, full_check=True)
        return model


def extractor(net: Folded, grids: dict[str, Grid]) -> onnx.ModelProto:
    """luma (1, 1, H, W) -> features (1, 256, H / (2 * coarse), W / (2 * coarse))."""
    build = GraphBuilder("extractor")
    x = build.codes_op("SpaceToDepth", Codes("luma", LUMA), "cells", blocksize=net.recipe.coarse)
    x = build.conv(x, net.conv64, "conv64", grids["conv64"])
    build.conv(x, net.conv256, "features", grids["features"])
    return build.model({"luma": [1, 1, "height", "width"]}, "features", [1, CHANNELS, "rows", "columns"])


def attention(net: Folded, grids: dict[str, Grid]) -> onnx.ModelProto:
    """features -> attended features, both (1, 256, rows, columns) of the whole frame."""
    build = GraphBuilder("attention")
    features = Codes("features", grids["features"])
    mean = build.quantize(build.node("GlobalAveragePool", [build.real(features)], "mean_real"), "mean", grids["mean"])
    peak = build.codes_op("ReduceMax", features, "peak", axes=[2, 3], keepdims=1)
    # The shared net's weights are stored for each use: shared initializers stop one of ONNX Runtime's passes.
    hidden = [build.conv(pooled, net.squeeze, f"{pooled.name}_hidden", grids["hidden"]) for pooled in (mean, peak)]
    both = build.concat(hidden, "hidden", grids["hidden"])
    logit = build.conv(both, doubled(net.excite), "channel_logit", grids["channel_logit"])
    weighted = build.binary("Mul", features, build.sigmoid(logit, "channels"), "weighted", grids["weighted"])

    averaging = Conv(np.full((1, CHANNELS, 1, 1), 1 / CHANNELS), np.zeros(1))
    across_mean = build.conv(weighted, averaging, "across_mean", grids["across_mean"])
    across_peak = build.codes_op("ReduceMax", weighted, "across_peak", axes=[1], keepdims=1)
    # Both maps go into one convolution as codes of the peak's grid; the mean's finer grid goes into its weights.
    across = build.concat([across_mean, across_peak], "across", weighted.grid)
    finer = np.array([across_mean.grid.scale / weighted.grid.scale, 1.0]).reshape(1, 2, 1, 1)
    spatial = replace(net.spatial, weight=net.spatial.weight * finer)
    logit = build.conv(across, spatial, "spatial_logit", grids["spatial_logit"])
    build.binary("Mul", weighted, build.sigmoid(logit, "positions"), "attended", grids["attended"])
    shape: list[int | str] = [1, CHANNELS, "rows", "columns"]
    return build.model({"features": shape}, "attended", shape)


def reconstruction(net: Folded, grids: dict[str, Grid]) -> onnx.ModelProto:
    """attended features and luma (1, 1, H, W) -> restored luma (1, 1, scale * H, scale * W)."""
    recipe = net.recipe
    build = GraphBuilder("reconstruction")
    attended = build.codes_op(
        "DepthToSpace",
        Codes("attended", grids["attended"]),
        "attended_fine",
        blocksize=2 * recipe.coarse // recipe.fine,
        mode="CRD",
    )
    cells = build.codes_op("SpaceToDepth", Codes("luma", LUMA), "cells", blocksize=recipe.fine)
    # One tensor on the features' grid: the luma's finer or coarser grid and its centre go into weights and bias.
    ratio = np.ones(net.join.weight.shape[1])
    ratio[-(recipe.fine**2) :] = LUMA.scale / attended.grid.scale
    centre = net.join.weight[:, -(recipe.fine**2) :].sum((1, 2, 3)) * LUMA.scale * LUMA.zero
    join = replace(net.join, weight=net.join.weight * ratio[:, None, None], bias=net.join.bias - centre)
    x = build.conv(build.concat([attended, cells], "joint", attended.grid), join, "joined", grids["joined"])
    for i, block in enumerate(net.blocks):
        x = build.conv(x, block, f"block{i}", grids[f"block{i}"])
    residual = build.conv(x, net.tail, "residual", grids["residual"])
    skip = build.exact_conv(cells, net.skip, "skip", LUMA)
    picture = build.binary("Add", skip, residual, "picture", LUMA)
    build.codes_op("DepthToSpace", picture, "restored", blocksize=recipe.fine * recipe.scale, mode="CRD")
    return build.model(
        {"attended": [1, CHANNELS, "rows", "columns"], "luma": [1, 1, "height", "width"]},
        "restored",
        [1, 1, "restored_height", "restored_width"],
    )
