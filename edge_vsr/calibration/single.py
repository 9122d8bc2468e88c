"""ONNX Runtime in single precision, for graphs that were just made: small beside the frames that they see."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import onnx
import onnxruntime as ort
from numpy.typing import NDArray

from edge_vsr.errors import ModelError

Run = Callable[[Mapping[str, NDArray[Any]]], dict[str, NDArray[np.float32]]]
"""Inputs by name to outputs by name. Raises ModelError if the engine fails."""


def open_graph(model: onnx.ModelProto, threads: int) -> Run:
    """Ready to run on the CPU. Raises ModelError if the engine refuses it."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 4  # what it has to say comes in the exception
    # The arena keeps the largest shape ever seen.
    options.enable_cpu_mem_arena = False
    options.enable_mem_pattern = False
    try:
        session = ort.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # its exceptions have no other base
        raise ModelError(f"ONNX Runtime {ort.__version__} cannot load the float original: {error}") from error
    names = [output.name for output in session.get_outputs()]

    def run(inputs: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[np.float32]]:
        try:
            return dict(zip(names, session.run(names, dict(inputs)), strict=True))
        except Exception as error:  # as above
            raise ModelError(f"ONNX Runtime {ort.__version__} cannot run the float original: {error}") from error

    return run
