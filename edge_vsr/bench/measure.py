"""Measure one job in this process. What is imported for it is what `restore` imports: the peak of memory is the
product's."""

import time
from collections.abc import Callable, Sequence

import cv2
import numpy as np

from edge_vsr.bench.graphs import Precision, chain
from edge_vsr.bench.jobs import BICUBIC, Found, Job
from edge_vsr.bench.macs import Convolution, gmac, reconstruction
from edge_vsr.bench.times import Times
from edge_vsr.bench.upscaler import open_upscaler
from edge_vsr.camera.demo.scene import Scene
from edge_vsr.frame import Plane, Size
from edge_vsr.memory import MIB, Machine, return_freed_memory
from edge_vsr.sr.engines import open_runtime
from edge_vsr.sr.network import padded_size
from edge_vsr.sr.runtime import Runtime, StageFile

WARM_UP = 4
"""Frames before counting, as far as there is time: the engines compile and allocate with the first."""
LEAST_FRAMES = 3
"""However long they take."""
LARGE = (
    ((Convolution(128, 128),) * 4, 64, 64),
    ((Convolution(64, 64),) * 4, 96, 160),
    ((Convolution(512, 512, 1),) * 4, 48, 48),
)
"""Chains with their rows and columns, that keep all units of a processor busy and fit into its caches; which one is the
fastest is the processor's."""
TWIN = Size(320, 192)
"""Luma on which INT8 and float are compared: enough for all units, and little beside the frames themselves."""
SCALE = 2
"""Of the floor."""

Clock = Callable[[], float]


def measure(job: Job) -> Found:
    """Raises EdgeVsrError for what this box cannot do."""
    return_freed_memory()
    match job.kind:
        case "network":
            return _network(job)
        case "resize":
            return _resize(job)
        case "peak":
            return _peak(job)
        case "pipeline":
            # Imported here: it is all of the product, and would be in the others' peak of memory.
            from edge_vsr.bench.whole import pipeline

            return pipeline(job)


def timed(work: Callable[[], object], frames: int, seconds: float, clock: Clock = time.perf_counter) -> list[float]:
    """Seconds of each of `frames` calls, fewer once `seconds` are over, after a warm-up within the first fifth."""
    began = clock()
    for _ in range(WARM_UP):
        work()
        if clock() - began > seconds / 5:
            break
    took: list[float] = []
    while len(took) < frames:
        at = clock()
        if len(took) >= LEAST_FRAMES and at - began > seconds:
            break
        work()
        took.append(clock() - at)
    return took


def _network(job: Job) -> Found:
    luma = _luma(job.frame)
    began = time.perf_counter()
    runtime = open_runtime(job.runtime)
    upscaler = open_upscaler(job, runtime)
    upscaler.luma(luma)
    loaded = time.perf_counter() - began
    times = Times.of(timed(lambda: upscaler.luma(luma), job.frames, job.seconds))
    peak = Machine().peak()
    model = upscaler.network.model
    padded = padded_size(job.frame, model.align)
    rows, columns = (
        min(length, most) // model.fine for length, most in ((padded.height, TWIN.height), (padded.width, TWIN.width))
    )
    both = {
        precision: _rate(runtime, reconstruction(model), precision, (rows, columns), job.threads, job.seconds / 5)
        for precision in Precision
    }
    return Found(
        times=times,
        load_s=round(loaded, 3),
        peak_mib=round(peak / MIB, 1),
        scale=model.scale,
        gmac=round(gmac(model, job.frame), 4),
        float_ratio=round(both[Precision.INT8] / both[Precision.FP32], 3),
    )


def _resize(job: Job) -> Found:
    """What the network replaces: OpenCV's own resize of luma."""
    method = cv2.INTER_CUBIC if job.model == BICUBIC else cv2.INTER_LANCZOS4
    cv2.setNumThreads(job.threads)
    luma, larger = _luma(job.frame), job.frame.times(SCALE)
    took = timed(lambda: cv2.resize(luma, (larger.width, larger.height), interpolation=method), job.frames, job.seconds)
    return Found(times=Times.of(took), load_s=0.0, peak_mib=round(Machine().peak() / MIB, 1), scale=SCALE)


def _peak(job: Job) -> Found:
    """The best of several chains: others on the machine only ever make it less."""
    runtime = open_runtime(job.runtime)
    share = job.seconds / (len(LARGE) * len(Precision))
    best = {
        precision: max(
            _rate(runtime, convolutions, precision, (rows, columns), job.threads, share)
            for convolutions, rows, columns in LARGE
        )
        for precision in Precision
    }
    return Found(int8_peak=round(best[Precision.INT8], 2), fp32_peak=round(best[Precision.FP32], 2))


def _rate(
    runtime: Runtime,
    convolutions: Sequence[Convolution],
    precision: Precision,
    shape: tuple[int, int],
    threads: int,
    seconds: float,
) -> float:
    """10^9 multiply-accumulates a second, of the fastest pass."""
    graph = StageFile(precision.value, {"graph": chain(convolutions, precision), "weights": b""})
    stage = runtime.load(graph, threads)
    codes = np.random.default_rng(0).integers(0, 256, (1, convolutions[0].inputs, *shape), np.uint8)
    fastest = min(timed(lambda: stage.run(codes), frames=50, seconds=seconds))
    return sum(one.weights for one in convolutions) * shape[0] * shape[1] / fastest / 1e9


def _luma(size: Size) -> Plane:
    return Scene(size).picture(0)[0]
