"""Chains of convolutions as ONNX, in INT8 and in single precision: what a machine and a runtime can do at best, and
what INT8 gains on a model's own convolutions.

Written as bytes, for the product needs no package that makes graphs; both runtimes read them. Field numbers and types
are those of onnx.proto (IR version 8, operator set 17). Quantizers stand where those of the released models stand:
uint8 activations, int8 weights symmetric by output channel.
"""

from collections.abc import Sequence
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from edge_vsr.bench.macs import Convolution
from edge_vsr.bench.protobuf import message

OPSET, IR_VERSION = 17, 8
_FLOAT, _UINT8, _INT8 = 1, 2, 3
_TYPES = {np.dtype(np.float32): _FLOAT, np.dtype(np.uint8): _UINT8, np.dtype(np.int8): _INT8}
_INT, _INTS = 2, 7  # of AttributeProto.type
_ZERO_POINT = 0
_STEP = 1 / 256
"""Value of a code; the weights keep sums within the codes, so that nothing overflows in either precision."""


class Precision(Enum):
    """Of the convolutions; inputs and outputs are uint8 in either."""

    INT8 = "int8"
    FP32 = "fp32"


def chain(convolutions: Sequence[Convolution], precision: Precision) -> bytes:
    """An ONNX model: uint8 (1, inputs, rows, columns) to uint8 (1, outputs, rows, columns), a ReLU after each."""
    nodes, constants = [], [_tensor("step", np.float32(_STEP)), _tensor("zero", np.uint8(_ZERO_POINT))]
    x = "codes0"
    for number, one in enumerate(convolutions):
        weights = _weights(one, number)
        if precision is Precision.INT8:
            constants += _quantized(f"weight{number}", weights)
            nodes.append(_node("DequantizeLinear", [x, "step", "zero"], f"real{number}"))
            names = [f"weight{number}", f"weight{number}_scale", f"weight{number}_zero"]
            nodes.append(_node("DequantizeLinear", names, f"kernel{number}", axis=0))
            nodes.append(_convolution(one, [f"real{number}", f"kernel{number}"], f"sum{number}"))
            nodes.append(_node("QuantizeLinear", [f"sum{number}", "step", "zero"], f"codes{number + 1}"))
        else:
            if number == 0:
                nodes.append(_node("DequantizeLinear", [x, "step", "zero"], "real0"))
            constants.append(_tensor(f"kernel{number}", weights))
            nodes.append(_convolution(one, [f"real{number}", f"kernel{number}"], f"sum{number}"))
            nodes.append(_node("Relu", [f"sum{number}"], f"real{number + 1}"))
        x = f"codes{number + 1}"
    if precision is Precision.FP32:
        nodes.append(_node("QuantizeLinear", [f"real{len(convolutions)}", "step", "zero"], x))
    graph = message(
        (1, nodes),
        (2, "chain"),
        (5, constants),
        (11, _value("codes0", convolutions[0].inputs)),
        (12, _value(x, convolutions[-1].outputs)),
    )
    return message((1, IR_VERSION), (7, graph), (8, message((2, OPSET))))


def _weights(one: Convolution, seed: int) -> NDArray[np.float32]:
    shape = (one.outputs, one.inputs, one.kernel, one.kernel)
    spread = 1 / np.sqrt(one.inputs * one.kernel**2)
    return np.asarray(np.random.default_rng(seed).normal(0, spread, shape), np.float32)


def _quantized(name: str, weights: NDArray[np.float32]) -> list[bytes]:
    scales = np.abs(weights).max((1, 2, 3)) / 127
    codes = np.rint(weights / scales[:, None, None, None]).astype(np.int8)
    zeros = np.zeros(len(scales), np.int8)
    return [_tensor(name, codes), _tensor(f"{name}_scale", scales), _tensor(f"{name}_zero", zeros)]


def _convolution(one: Convolution, inputs: list[str], output: str) -> bytes:
    return _node("Conv", inputs, output, kernel_shape=[one.kernel] * 2, pads=[one.kernel // 2] * 4, strides=[1, 1])


def _node(kind: str, inputs: list[str], output: str, **attributes: int | list[int]) -> bytes:
    described = [_attribute(name, value) for name, value in attributes.items()]
    return message((1, inputs), (2, output), (3, output), (4, kind), (5, described))


def _attribute(name: str, value: int | list[int]) -> bytes:
    if isinstance(value, int):
        return message((1, name), (3, value), (20, _INT))
    return message((1, name), (8, value), (20, _INTS))


def _tensor(name: str, value: NDArray[np.generic] | np.generic) -> bytes:
    return message((1, value.shape), (2, _TYPES[value.dtype]), (8, name), (9, value.tobytes()))


def _value(name: str, channels: int) -> bytes:
    lengths = [message((1, 1)), message((1, channels)), message((2, "rows")), message((2, "columns"))]
    tensor = message((1, _UINT8), (2, message((1, lengths))))
    return message((1, name), (2, message((1, tensor))))
