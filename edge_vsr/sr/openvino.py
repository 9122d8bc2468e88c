"""OpenVINO behind the `Runtime` seam."""

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
        core = ov.Core()
        try:
            weights = np.frombuffer(stage.parts["weights"], np.uint8)
            model = core.read_model(stage.parts["graph"], ov.Tensor(weights.copy()))
        except RuntimeError as error:
            reason = str(error).splitlines()[0]
            raise ModelError(f"OpenVINO {ov.__version__} cannot load {stage.label}: {reason}") from error
        return OpenVinoStage(core, model, threads)


class OpenVinoStage:
    """One model, compiled for the shapes that it last saw: fixed shapes run faster and hoard no memory."""

    def __init__(self, core: ov.Core, model: ov.Model, threads: int) -> None:
        self._core = core
        self._model = model
        self._config: dict[str, str | int | bool] = {
            "PERFORMANCE_HINT": "LATENCY",
            "NUM_STREAMS": 1,
            "INFERENCE_NUM_THREADS": threads,
            # The threads share their cores with the encoder; let the kernel place them.
            "ENABLE_CPU_PINNING": False,
            # Else it takes bfloat16 for the few float operators where the CPU has it.
            "INFERENCE_PRECISION_HINT": "f32",
        }
        self._shapes: tuple[tuple[int, ...], ...] = ()
        self._request: ov.InferRequest | None = None

    def run(self, *inputs: Codes) -> Codes:
        request = self._request_for(tuple(x.shape for x in inputs))
        for i, x in enumerate(inputs):
            request.set_input_tensor(i, ov.Tensor(np.ascontiguousarray(x), shared_memory=True))
        # A fresh output each time: the frame made of it outlives the next call.
        output = np.empty(tuple(request.model_outputs[0].shape), np.uint8)
        request.set_output_tensor(ov.Tensor(output, shared_memory=True))
        request.infer()
        return output

    def _request_for(self, shapes: tuple[tuple[int, ...], ...]) -> ov.InferRequest:
        if self._request is None or shapes != self._shapes:
            self._request = None
            self._model.reshape({i: list(shape) for i, shape in enumerate(shapes)})
            self._request = self._core.compile_model(self._model, "CPU", self._config).create_infer_request()
            self._shapes = shapes
        return self._request
