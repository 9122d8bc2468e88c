"""The seam to inference engines: a `Runtime` loads a stage, a `Stage` runs it.

Both engines take and give the same uint8 arrays. The released graphs are made so that the results are the same too;
docs/network.md says how.
"""

import importlib.util
import os
import platform
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from edge_vsr.errors import MissingDependency, ModelError, UsageError

Codes = NDArray[np.uint8]
"""(1, channels, rows, columns), uint8."""

RUNTIMES = {"onnxruntime": "onnxruntime", "openvino": "'edge-vsr[openvino]'"}
"""Each engine, and what pip installs it by."""


@dataclass(frozen=True, slots=True)
class StageFile:
    """One stage of a model for one runtime, read and verified."""

    label: str
    """For messages: "ear-s-x2/extractor"."""
    parts: Mapping[str, bytes]
    """"graph", and for OpenVINO "weights" beside it."""

    def part(self, name: str) -> bytes:
        """The part called `name`. Raises ModelError if the model lacks it."""
        if name not in self.parts:
            raise ModelError(f"{self.label} has no {name}; reinstall edge-vsr")
        return self.parts[name]


class Stage(Protocol):
    """One loaded graph. Used by one thread at a time."""

    def run(self, *inputs: Codes) -> Codes:
        """Inputs in the graph's order; the result is the caller's own. A change of shape costs a rebuild.

        Raises ModelError if the engine fails.
        """


class Runtime(Protocol):
    """An inference engine."""

    @property
    def name(self) -> str:
        """One of RUNTIMES."""

    def load(self, stage: StageFile, threads: int) -> Stage:
        """Make a stage ready to run on `threads` threads. Raises ModelError if the engine refuses it."""


def installed_runtimes() -> tuple[str, ...]:
    """Names of the engines that are installed here, without importing them."""
    return tuple(name for name in RUNTIMES if importlib.util.find_spec(name))


def usable_cpus() -> int:
    """Processors this process may run on."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def open_runtime(name: str = "auto") -> Runtime:
    """The engine called `name`; "auto" takes OpenVINO on x86-64 where it is installed, else ONNX Runtime."""
    if name == "auto":
        fast_here = platform.machine() in {"x86_64", "AMD64"} and "openvino" in installed_runtimes()
        name = "openvino" if fast_here else "onnxruntime"
    if name not in RUNTIMES:
        raise UsageError(f"runtime {name!r} is unknown; choose auto, {' or '.join(RUNTIMES)}")
    if name not in installed_runtimes():
        raise MissingDependency(f"{name} is not installed; run: pip install {RUNTIMES[name]}")
    # Imported here: each engine takes tens of megabytes and a second, and only one is used.
    try:
        if name == "openvino":
            from edge_vsr.sr.openvino import OpenVino

            return OpenVino()
        from edge_vsr.sr.onnx import OnnxRuntime

        return OnnxRuntime()
    except ImportError as error:
        again = f"pip install --force-reinstall {RUNTIMES[name]}"
        raise MissingDependency(f"{name} is installed but does not start ({error}); run: {again}") from error
