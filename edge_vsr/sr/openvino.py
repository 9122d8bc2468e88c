"""OpenVINO behind the `Runtime` seam."""

import platform
from functools import cache
from xml.etree import ElementTree
from xml.etree.ElementTree import ParseError

import numpy as np
import openvino as ov

from edge_vsr.errors import ModelError
from edge_vsr.sr.runtime import Codes, StageFile


class OpenVino:
    """OpenVINO on the CPU."""

    @property
    def name(self) -> str:
        return "openvino"

    def load(self, stage: StageFile, threads: int) -> "OpenVinoStage":
        graph, weights = stage.part("graph"), np.frombuffer(stage.part("weights"), np.uint8)
        core = _core()
        try:
            model = core.read_model(_exact(graph) if _on_arm() else graph, ov.Tensor(weights.copy()))
        except (RuntimeError, ParseError) as error:
            raise _model_error(f"cannot load {stage.label}", error) from error
        return OpenVinoStage(core, model, stage.label, threads)


class OpenVinoStage:
    """One model, compiled for the shapes that it last saw: fixed shapes run faster and hoard no memory."""

    def __init__(self, core: ov.Core, model: ov.Model, label: str, threads: int) -> None:
        self._core = core
        self._model = model
        self._label = label
        self._threads = threads
        self._config: dict[str, str | int | bool] = {
            "PERFORMANCE_HINT": "LATENCY",
            "NUM_STREAMS": 1,
            "INFERENCE_NUM_THREADS": threads,
            # The threads share their cores with the encoder; let the kernel place them.
            "ENABLE_CPU_PINNING": False,
            # Else it takes bfloat16 for the few float operators where the CPU has it.
            "INFERENCE_PRECISION_HINT": "f32",
        }
        if _on_arm():
            # Its 8-bit pass for ARM refuses graphs that begin with codes. In single precision the sums are as exact.
            self._config["LP_TRANSFORMS_MODE"] = False
        self._shapes: tuple[tuple[int, ...], ...] = ()
        self._made: list[tuple[int, ...]] = []
        """Shapes of the outputs: asking for them takes as long as a small convolution."""
        self._request: ov.InferRequest | None = None

    def run(self, *inputs: Codes) -> tuple[Codes, ...]:
        try:
            return self._run(*inputs)
        except RuntimeError as error:
            raise _model_error(f"cannot run {self._label}", error) from error

    def another(self) -> "OpenVinoStage":
        return OpenVinoStage(self._core, self._model.clone(), self._label, self._threads)

    def _run(self, *inputs: Codes) -> tuple[Codes, ...]:
        request = self._request_for(tuple(x.shape for x in inputs))
        for i, x in enumerate(inputs):
            request.set_input_tensor(i, ov.Tensor(np.ascontiguousarray(x), shared_memory=True))
        # Fresh outputs each time: the frame made of them outlives the next call.
        outputs = tuple(np.empty(shape, np.uint8) for shape in self._made)
        for i, output in enumerate(outputs):
            request.set_output_tensor(i, ov.Tensor(output, shared_memory=True))
        request.infer()
        return outputs

    def _request_for(self, shapes: tuple[tuple[int, ...], ...]) -> ov.InferRequest:
        if self._request is None or shapes != self._shapes:
            self._request = None
            self._model.reshape({i: list(shape) for i, shape in enumerate(shapes)})
            self._request = self._core.compile_model(self._model, "CPU", self._config).create_infer_request()
            self._made = [tuple(port.shape) for port in self._request.model_outputs]
            self._shapes = shapes
        return self._request


@cache
def _core() -> ov.Core:
    """One for the process, to its end. Each would give the thread that makes it a stack for signals; freed in another
    order than made, they leave it with one that is no longer there, and the next signal kills the process."""
    return ov.Core()


def _exact(graph: bytes) -> bytes:
    """A model's `graph`, every convolution of which asks to be a product of matrices. In single precision that is
    exact; Winograd's transforms, which OpenVINO takes on ARM from 64 channels on, round. What a benchmark builds is
    ONNX, which cannot ask and need not."""
    if not graph.lstrip().startswith(b"<"):
        return graph
    layers = ElementTree.fromstring(graph)  # noqa: S314  # its SHA-256 was verified
    for layer in layers.iter("layer"):
        if layer.get("type") == "Convolution":
            info = layer.find("rt_info")
            if info is None:
                info = ElementTree.Element("rt_info")
                layer.insert(1, info)
            ElementTree.SubElement(info, "attribute", name="primitives_priority", version="0", value="cpu:gemm_acl")
    return ElementTree.tostring(layers)


def _on_arm() -> bool:
    return platform.machine() in {"aarch64", "arm64"}


def _model_error(what: str, error: Exception) -> ModelError:
    """The last line of what OpenVINO says names the reason; those before are the way through its sources."""
    reason = (str(error).strip() or type(error).__name__).splitlines()[-1]
    return ModelError(f"OpenVINO {ov.__version__} {what}: {reason}")
