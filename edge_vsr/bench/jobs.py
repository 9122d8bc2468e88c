"""What one process of a benchmark measures, and what it found; both as JSON between the processes."""

from dataclasses import dataclass
from typing import Literal

from edge_vsr.bench.times import Times
from edge_vsr.frame import Size

Kind = Literal["network", "resize", "peak", "pipeline"]
BICUBIC, LANCZOS = "bicubic", "lanczos"
WHOLE = "whole"
"""A tile as large as the frame."""


@dataclass(frozen=True, slots=True)
class Job:
    """One combination to measure."""

    kind: Kind
    model: str = ""
    """A network of the store; of a resize its method."""
    runtime: str = ""
    threads: int = 1
    tile: str = WHOLE
    """"whole", or "512x512": width and height of luma samples."""
    size: str = "640x360"
    fps: float = 15.0
    """Of the pipeline's camera."""
    frames: int = 60
    """At most, after the warm-up."""
    seconds: float = 10.0
    """After which no further frame begins."""
    store: str = ""
    """Folder of the models; empty for those that came with the package."""

    @property
    def frame(self) -> Size:
        return Size.parse(self.size)

    @property
    def label(self) -> str:
        """For people: "ear-s-x2, openvino, 2 threads"."""
        threads = f"{self.threads} thread{'s' if self.threads > 1 else ''}"
        tile = f"tiles of {self.tile}" if self.kind == "network" and self.tile != WHOLE else ""
        what = {"pipeline": f"whole pipeline with {self.model}", "peak": "peak"}.get(self.kind, self.model)
        return ", ".join(part for part in (what, self.runtime, threads, tile) if part)


@dataclass(frozen=True, slots=True)
class Stage:
    """One of the pipeline's, in one thread."""

    name: str
    ms: float
    """A frame that it had, without what it waited."""
    share: float
    """Of the time that the run took, 0..1; at 1 it is what the others wait for."""


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Capture, super-resolution, encoder and delivery at once."""

    fps_asked: float
    fps: float
    """Encoded, warm-up left out."""
    frames: int
    dropped: int
    """That the camera made and the box was late for."""
    first_segment_s: float | None
    """From the start of the process; None if it ended before that."""
    cpus_busy: float
    """Processors' worth of work, of all threads."""
    stages: tuple[Stage, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """What a job measured, or why it did not."""

    times: Times | None = None
    load_s: float | None = None
    """From opening the runtime to the end of the first frame."""
    peak_mib: float | None = None
    """The most that the process had in memory, code and libraries included."""
    scale: int = 1
    gmac: float | None = None
    """For one frame."""
    float_ratio: float | None = None
    """What the network's convolutions take in single precision over what they take in INT8, in this runtime; below 1
    INT8 is the slower."""
    int8_peak: float | None = None
    fp32_peak: float | None = None
    """Of a peak, in 10^9 multiply-accumulates a second."""
    pipeline: Pipeline | None = None
    error: str | None = None
    """Why there is nothing, in a line."""


@dataclass(frozen=True, slots=True)
class Row:
    """A job, what it found, and how hot the box was over it."""

    job: Job
    found: Found
    celsius: tuple[float, float] | None = None
    """Before, and at most; None if nothing tells."""
    throttled: bool = False
    under_voltage: bool = False

    @property
    def gmacs(self) -> float | None:
        """10^9 multiply-accumulates a second, at the median."""
        times, work = self.found.times, self.found.gmac
        return work / times.p50 * 1000 if times and work and times.p50 else None
