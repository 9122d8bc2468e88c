"""Every named part of the network is in every released model."""

import itertools
from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx
import pytest
from numpy.typing import NDArray
from onnx import numpy_helper

from edge_vsr.sr.store import STAGES, ModelStore, bundled_store

MODELS = list(bundled_store().models)


@dataclass(frozen=True)
class Convolution:
    """One convolution of a graph and what stands around it."""

    weight: NDArray[np.int8]
    """(outputs, inputs, rows, columns)."""
    bias: NDArray[np.int32]
    scales: NDArray[np.float32]
    """Of the weights, one an output channel."""
    stride: int
    source: str
    """The uint8 tensor that it reads."""
    output: str
    """The uint8 tensor that it makes."""

    @property
    def real(self) -> NDArray[np.float64]:
        """What the weights stand for."""
        return self.weight.astype(np.float64) * self.scales[:, None, None, None]

    @property
    def inputs(self) -> int:
        return int(self.weight.shape[1])

    @property
    def kind(self) -> str:
        outputs, inputs, rows, columns = self.weight.shape
        return f"{rows}x{columns}, {inputs} to {outputs}"


class Graph:
    """One stage of a released model."""

    def __init__(self, data: bytes) -> None:
        self.onnx = onnx.load_from_string(data)
        onnx.checker.check_model(self.onnx, full_check=True)
        self.nodes: list[onnx.NodeProto] = list(self.onnx.graph.node)
        self._makers: dict[str, onnx.NodeProto] = {output: node for node in self.nodes for output in node.output}
        self._constants = {one.name: numpy_helper.to_array(one) for one in self.onnx.graph.initializer}
        self.convolutions = [self._convolution(node) for node in self.nodes if node.op_type == "Conv"]

    def channels(self, name: str) -> int:
        """Of one of the stage's inputs."""
        (found,) = (one for one in self.onnx.graph.input if one.name == name)
        return int(found.type.tensor_type.shape.dim[1].dim_value)

    def kinds(self) -> Counter[str]:
        return Counter(node.op_type for node in self.nodes)

    def zeros(self) -> dict[str, int]:
        """The zero of every quantizer, by its name."""
        quantizers = (node for node in self.nodes if node.op_type == "QuantizeLinear")
        return {node.name: int(self._constants[node.input[2]]) for node in quantizers}

    def maker(self, tensor: str) -> onnx.NodeProto:
        return self._makers[tensor]

    def users(self, tensor: str) -> list[onnx.NodeProto]:
        return [node for node in self.nodes if tensor in node.input]

    def only(self, kind: str) -> onnx.NodeProto:
        (node,) = (node for node in self.nodes if node.op_type == kind)
        return node

    def attribute(self, node: onnx.NodeProto, name: str) -> Any:
        return next(onnx.helper.get_attribute_value(one) for one in node.attribute if one.name == name)

    def _convolution(self, node: onnx.NodeProto) -> Convolution:
        real, weight, *bias = (self._makers[name] for name in node.input)
        (quantizer,) = self.users(node.output[0])
        assert real.op_type == weight.op_type == "DequantizeLinear", f"{node.name} reads what is not quantized"
        assert quantizer.op_type == "QuantizeLinear", f"{node.name} is not quantized"
        assert self._constants[real.input[2]].dtype == np.uint8, f"{node.name} does not read uint8"
        assert self._constants[quantizer.input[2]].dtype == np.uint8, f"{node.name} does not make uint8"
        assert self.attribute(weight, "axis") == 0
        assert not self._constants[weight.input[2]].any(), f"{node.name}'s weights are not symmetric"
        return Convolution(
            self._constants[weight.input[0]],
            self._constants[bias[0].input[0]] if bias else np.zeros(0, np.int32),
            self._constants[weight.input[1]],
            self.attribute(node, "strides")[0],
            real.input[0],
            quantizer.output[0],
        )


def graph(store: ModelStore, name: str, stage: str) -> Graph:
    return Graph(store.read(store.find(name), stage, "onnxruntime").part("graph"))


@pytest.fixture(scope="module", params=MODELS)
def stages(request: pytest.FixtureRequest) -> dict[str, Graph]:
    return {stage: graph(bundled_store(), request.param, stage) for stage in STAGES}


def test_every_stage_takes_and_gives_uint8(stages: dict[str, Graph]) -> None:
    for stage, one in stages.items():
        for value in (*one.onnx.graph.input, *one.onnx.graph.output):
            kind = onnx.TensorProto.DataType.Name(value.type.tensor_type.elem_type)
            assert kind == "UINT8", f"{stage}: {value.name} is {kind}"


def test_every_convolution_is_int8_by_output_channel_and_uint8_around(stages: dict[str, Graph]) -> None:
    for stage, one in stages.items():
        assert one.convolutions, f"{stage} has no convolution"
        for conv in one.convolutions:
            assert conv.weight.dtype == np.int8, f"{stage}: {conv.output} has {conv.weight.dtype} weights"
            assert conv.scales.shape == conv.weight.shape[:1], f"{stage}: {conv.output}'s weights have one scale"


def test_the_extractor_is_3x3x64_and_3x3x256(stages: dict[str, Graph]) -> None:
    first, second = stages["extractor"].convolutions
    assert first.weight.shape[0] == 64
    assert second.weight.shape[:2] == (256, 64)
    assert first.weight.shape[2:] == second.weight.shape[2:] == (3, 3)
    assert second.source == first.output


def test_channel_attention_pools_by_mean_and_by_maximum_through_one_shared_net(stages: dict[str, Graph]) -> None:
    one = stages["attention"]
    mean = one.only("GlobalAveragePool")
    peak = next(node for node in one.nodes if node.op_type == "ReduceMax" and one.attribute(node, "axes") == [2, 3])
    assert one.maker(mean.input[0]).input[0] == peak.input[0] == "features", "both pool the features"
    quantized_mean = one.users(mean.output[0])[0].output[0]
    branches = [conv for conv in one.convolutions if conv.source in (quantized_mean, peak.output[0])]
    assert len(branches) == 2, "a branch for each pool"
    # The pools' codes need not be worth the same, and each branch rounds its weights for its own. What one is worth in
    # the other's is read from all weights, since the largest is rounded as well.
    of_mean, of_peak = (branch.real for branch in branches)
    of_peak = of_peak * (np.vdot(of_mean, of_peak) / np.vdot(of_peak, of_peak))
    largest = np.abs(of_mean).max()
    np.testing.assert_allclose(
        of_mean / largest, of_peak / largest, atol=0.01, err_msg="the branches' first layer is shared"
    )

    both = next(node for node in one.nodes if set(node.input) == {branch.output for branch in branches})
    (excite,) = (conv for conv in one.convolutions if conv.source == both.output[0])
    half = excite.weight.shape[1] // 2
    assert excite.weight.shape == (256, 2 * half, 1, 1)
    np.testing.assert_array_equal(
        excite.weight[:, :half], excite.weight[:, half:], err_msg="the branches' second layer is shared, and added"
    )


def test_attention_scales_by_sigmoids_of_channels_and_then_of_positions(stages: dict[str, Graph]) -> None:
    one = stages["attention"]
    kinds = one.kinds()
    assert (kinds["Sigmoid"], kinds["Mul"]) == (2, 2)
    first, second = (node for node in one.nodes if node.op_type == "Mul")
    channels, positions = ([one.maker(name).input[0] for name in node.input] for node in (first, second))
    assert channels[0] == "features"
    assert one.maker(one.maker(channels[1]).input[0]).op_type == "Sigmoid"
    assert one.maker(one.maker(positions[0]).input[0]) == first, "positions scale what the channels have scaled"
    assert one.maker(one.maker(positions[1]).input[0]).op_type == "Sigmoid"


def test_spatial_attention_is_7x7_over_mean_and_maximum(stages: dict[str, Graph]) -> None:
    one = stages["attention"]
    (spatial,) = (conv for conv in one.convolutions if conv.weight.shape[2:] == (7, 7))
    assert spatial.weight.shape[:2] == (1, 2)
    maps = one.maker(spatial.source)
    assert maps.op_type == "Concat"
    mean, peak = maps.input
    (averaging,) = (conv for conv in one.convolutions if conv.output == mean)
    assert averaging.weight.shape == (1, 256, 1, 1)
    assert len(np.unique(averaging.weight)) == 1, "the mean weighs all channels alike"
    assert one.maker(peak).op_type == "ReduceMax"
    assert one.attribute(one.maker(peak), "axes") == [1]


def test_the_reconstruction_is_a_chain_of_residual_3x3_blocks(stages: dict[str, Graph]) -> None:
    one = stages["reconstruction"]
    blocks = [conv for conv in one.convolutions if conv.kind == f"3x3, {conv.inputs} to {conv.inputs}"]
    assert len(blocks) >= 2, f"stacked blocks, but there are {[conv.kind for conv in one.convolutions]}"
    for before, after in itertools.pairwise(blocks):
        assert after.source == before.output
    for block in blocks:
        # The block's input is added by one tap: the identity in the middle of the kernel.
        channels = range(block.inputs)
        identity = block.real[channels, channels, 1, 1]
        others = block.real.copy()
        others[channels, channels, 1, 1] = 0.0
        # Channel by channel, since a few loud ones would hide it. Weights alone have no preference for a sign: the
        # mean of 16 and more strays by a quarter of this at the most.
        alone = np.maximum(others.std((1, 2, 3)), 1e-9)
        assert (identity / alone).mean() > 1, f"{block.output} adds nothing of its input"


def test_a_bicubic_picture_goes_past_the_network(stages: dict[str, Graph]) -> None:
    one = stages["reconstruction"]
    last = one.convolutions[-1]
    joined = one.maker(last.source)
    assert joined.op_type == "Concat"
    assert joined.input[1] == "cells"
    # In the last convolution's inputs, as many as luma samples in a cell.
    taps = last.weight[:, -one.channels("cells") :]
    assert set(taps.sum((1, 2, 3), dtype=int)) == {128}, "taps sum to one, so that flat stays flat"
    assert set(last.scales) == {np.float32(1 / 128)}, "taps are exact"


def test_every_zero_is_even(stages: dict[str, Graph]) -> None:
    """Else engines part where a value is halfway between two codes (`Grid.called_by_value`)."""
    odd = [f"{stage}: {name}" for stage, one in stages.items() for name, zero in one.zeros().items() if zero % 2]
    assert not odd


def test_the_reconstruction_sees_attended_features_and_luma(stages: dict[str, Graph]) -> None:
    one = stages["reconstruction"]
    assert [value.name for value in one.onnx.graph.input] == ["context", "cells"]
    joined = one.maker(one.convolutions[0].source)
    assert joined.op_type == "Concat"
    assert list(joined.input) == ["context", "cells"]
