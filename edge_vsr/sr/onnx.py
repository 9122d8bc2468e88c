"""ONNX Runtime behind the `Runtime` seam."""

import platform
from functools import cache
from pathlib import Path

import numpy as np
import onnxruntime as ort

from edge_vsr.errors import ModelError
from edge_vsr.sr.runtime import Codes, StageFile


class OnnxRuntime:
    """ONNX Runtime on the CPU."""

    @property
    def name(self) -> str:
        return "onnxruntime"

    def load(self, stage: StageFile, threads: int) -> "OnnxStage":
        graph = stage.part("graph")
        options = ort.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 4  # what it has to say comes in the exception
        # Spinning threads would take the cores from the encoder between two frames.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        if products_saturate():
            options.add_session_config_entry("session.x64quantprecision", "1")
        options.enable_mem_pattern = False
        _share_arena()
        options.add_session_config_entry("session.use_env_allocators", "1")
        try:
            session = ort.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # its exceptions have no other base
            raise ModelError(f"ONNX Runtime {ort.__version__} cannot load {stage.label}: {error}") from error
        return OnnxStage(session, stage.label)


class OnnxStage:
    """One session."""

    def __init__(self, session: ort.InferenceSession, label: str) -> None:
        self._session = session
        self._label = label
        self._inputs = [node.name for node in session.get_inputs()]
        self._shapes: tuple[tuple[int, ...], ...] = ()

    def run(self, *inputs: Codes) -> tuple[Codes, ...]:
        """Memory is held from run to run, or fetching it anew would take several times as long as the work; that of
        other shapes is let go."""
        named = dict(zip(self._inputs, inputs, strict=True))
        shapes = tuple(x.shape for x in inputs)
        options = None if shapes == self._shapes else _letting_go()
        self._shapes = shapes
        try:
            outputs = self._session.run(None, named, options)
        except Exception as error:  # as above
            raise ModelError(f"ONNX Runtime {ort.__version__} cannot run {self._label}: {error}") from error
        return tuple(np.asarray(output, np.uint8) for output in outputs)

    def another(self) -> "OnnxStage":
        return self


@cache
def _share_arena() -> None:
    """Give all sessions of the process one arena, which grows by what is asked for. Each would have one of its own,
    which grows by powers of two and holds half as much again for the widest stage, beside what the others hold."""
    place = ort.OrtMemoryInfo("Cpu", ort.OrtAllocatorType.ORT_ARENA_ALLOCATOR, 0, ort.OrtMemType.DEFAULT)
    as_asked, default = 1, -1
    arena = {
        "arena_extend_strategy": as_asked,
        "initial_chunk_size_bytes": default,
        "max_dead_bytes_per_chunk": default,
    }
    ort.create_and_register_allocator(place, ort.OrtArenaCfg({"max_mem": 0, **arena}))


@cache
def _letting_go() -> ort.RunOptions:
    """Of a run that leaves no memory behind in the arena, which would else keep what every shape ever took."""
    options = ort.RunOptions()
    options.add_run_config_entry("memory.enable_memory_arena_shrinkage", "cpu:0")
    return options


@cache
def products_saturate() -> bool:
    """True on x86-64 without VNNI: there 8-bit products add up in 16 bits and saturate, unless the runtime is told
    to take its exact and slower way. With VNNI that way is four times slower for nothing."""
    if platform.machine() not in {"x86_64", "AMD64"}:
        return False
    try:
        flags = Path("/proc/cpuinfo").read_text("utf-8", "replace")
    except OSError:
        return True
    return "avx512_vnni" not in flags and "avx_vnni" not in flags
