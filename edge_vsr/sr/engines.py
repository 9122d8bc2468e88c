"""Which inference engines are here, and which one to take."""

import importlib.util
import os
import platform
from typing import TYPE_CHECKING

from edge_vsr.errors import MissingDependency, UsageError

if TYPE_CHECKING:
    # `doctor` looks for engines where numpy may not start.
    from edge_vsr.sr.runtime import Runtime

RUNTIMES = {"onnxruntime": "onnxruntime", "openvino": "'edge-vsr[openvino]'"}
"""Each engine, and what pip installs it by."""


def installed_runtimes() -> tuple[str, ...]:
    """Names of the engines that are installed here, without importing them."""
    return tuple(name for name in RUNTIMES if importlib.util.find_spec(name))


def usable_cpus() -> int:
    """Processors this process may run on."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def check_installed(name: str) -> None:
    """Raises UsageError for an engine that nobody knows, MissingDependency for one that is not here."""
    if name not in RUNTIMES:
        raise UsageError(f"runtime {name!r} is unknown; choose auto, {' or '.join(RUNTIMES)}")
    if name not in installed_runtimes():
        raise MissingDependency(f"{name} is not installed; run: pip install {RUNTIMES[name]}")


def open_runtime(name: str = "auto") -> "Runtime":
    """The engine called `name`; "auto" takes OpenVINO on x86-64 where it is installed, else ONNX Runtime."""
    if name == "auto":
        fast_here = platform.machine() in {"x86_64", "AMD64"} and "openvino" in installed_runtimes()
        name = "openvino" if fast_here else "onnxruntime"
    check_installed(name)
    # Imported here: each engine takes tens of megabytes and a second, and only one is used.
    try:
        if name == "openvino":
            # Else it keeps a thousand kernels, those of shapes that are gone included: tens of megabytes.
            os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "32")
            from edge_vsr.sr.openvino import OpenVino

            return OpenVino()
        from edge_vsr.sr.onnx import OnnxRuntime

        return OnnxRuntime()
    except ImportError as error:
        again = f"pip install --force-reinstall {RUNTIMES[name]}"
        raise MissingDependency(f"{name} is installed but does not start ({error}); run: {again}") from error
