"""Only what changed against everything, on clips: `python -m tests.benchmarks.changes FOLDER`.

Each clip is made half as large by area and coded by x264 at CRF 28; what comes out of that is upscaled both ways, TURN
frames at a time: frame by frame each way would find the caches full of the other's. The clip itself is the true
picture. The attention's clock is the camera's, however slow the machine.
"""

import argparse
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np

from edge_vsr.clock import FakeClock
from edge_vsr.frame import Plane
from edge_vsr.sr.changes.grid import Mask
from edge_vsr.sr.changes.upscaler import KeptTilesUpscaler
from edge_vsr.sr.engines import open_runtime, usable_cpus
from edge_vsr.sr.network import MARGIN, StagedNetwork
from edge_vsr.sr.store import bundled_store

CODER = {"crf": "28", "preset": "veryfast", "tune": "zerolatency"}
KEY_SECONDS = 2
TURN = 25
STILL = 1.5
"""Levels that the true picture, averaged over 5x5 samples, may differ by from frame to frame where nothing moves."""
HEAD = (
    f"{'clip':44} {'tiles':>6} {'time':>6} {'of a frame: median (quartiles)':>30} {'cpu':>5} "
    f"{'PSNR-Y':>14} {'loss':>7} {'flicker':>12} {'borders':>7}"
)


def read(path: Path, most: int) -> tuple[list[Plane], Fraction]:
    """Luma of the first frames, sides even, and the rate."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        planes: list[Plane] = []
        for frame in container.decode(stream):
            y = frame.to_ndarray(format="yuv420p")[: frame.height // 4 * 4, : frame.width // 4 * 4]
            planes.append(np.ascontiguousarray(y))
            if len(planes) == most:
                break
        return planes, Fraction(stream.average_rate or 25)


def coded(planes: list[Plane], rate: Fraction) -> list[Plane]:
    """Through x264 and back."""
    height, width = planes[0].shape
    encoder = av.CodecContext.create("libx264", "w")
    assert isinstance(encoder, av.VideoCodecContext)
    encoder.width, encoder.height, encoder.pix_fmt = width, height, "yuv420p"
    encoder.framerate, encoder.time_base, encoder.gop_size = rate, 1 / rate, round(KEY_SECONDS * rate)
    encoder.options = CODER
    decoder = av.CodecContext.create("h264", "r")
    assert isinstance(decoder, av.VideoCodecContext)
    packets = []
    for number, y in enumerate(planes):
        whole = np.full((height * 3 // 2, width), 128, np.uint8)
        whole[:height] = y
        frame = av.VideoFrame.from_ndarray(whole, format="yuv420p")
        frame.pts = number
        packets += encoder.encode(frame)
    packets += encoder.encode(None)
    frames = [frame for packet in [*packets, None] for frame in decoder.decode(packet)]
    return [np.ascontiguousarray(frame.to_ndarray()[:height, :width]) for frame in frames]


@dataclass
class Sums:
    """What is counted over a clip."""

    tiles: list[float] = field(default_factory=list)
    seconds: list[tuple[float, float]] = field(default_factory=list)
    cpu_seconds: list[tuple[float, float]] = field(default_factory=list)
    """Of all threads: what others do on the machine changes these little."""
    psnr: list[tuple[float, float]] = field(default_factory=list)
    flicker: list[tuple[float, float]] = field(default_factory=list)
    borders: list[tuple[float, float]] = field(default_factory=list)

    def row(self, name: str) -> str:
        every, some = np.array(self.seconds).T
        low, median, high = np.quantile(some / every, (0.25, 0.5, 0.75))
        cpu = np.divide(*np.sum(self.cpu_seconds, 0)[::-1])
        whole, kept = np.mean(self.psnr, 0) if self.psnr else (np.nan, np.nan)
        before, after = np.mean(self.flicker, 0) if self.flicker else (np.nan, np.nan)
        border = np.divide(*np.sum(self.borders, 0)[::-1]) if self.borders else np.nan
        ratio = f"{median:.2f} ({low:.2f}..{high:.2f})"
        return (
            f"{name:44} {np.mean(self.tiles):6.1%} {some.sum() / every.sum():6.2f} {ratio:>30} {cpu:5.2f} {whole:6.2f} "
            f"{kept:7.2f} {kept - whole:+7.3f} {before:5.2f} {after:6.2f} {border:7.2f}"
        )


def across_borders(made: Plane, fresh: np.ndarray, tile: int, scale: int) -> Iterator[float]:
    """Mean steps from sample to sample across every border between a tile just made and one kept."""
    for axis in (0, 1):
        plane, marks = (made, fresh) if axis == 0 else (made.T, fresh.T)
        for row, column in np.argwhere(marks[1:] != marks[:-1]):
            line = ((row + 1) * tile - MARGIN) * scale
            part = slice(max(0, (column * tile - MARGIN) * scale), ((column + 1) * tile - MARGIN) * scale)
            if 0 < line < plane.shape[0] and part.start < min(part.stop, plane.shape[1]):
                yield float(np.abs(plane[line, part].astype(int) - plane[line - 1, part]).mean())


@dataclass(frozen=True)
class Made:
    """One frame, one way."""

    plane: Plane
    seconds: float
    cpu_seconds: float
    fresh: Mask


class Whole:
    """Every frame whole, as the one that keeps tiles is used."""

    def __init__(self, network: StagedNetwork) -> None:
        self._network = network
        self.fresh: Mask = np.ones((1, 1), np.bool_)

    def luma(self, y: Plane) -> Plane:
        return self._network.restore(y)


def timed(upscaler: Whole | KeptTilesUpscaler, y: Plane) -> Made:
    at, at_cpu = time.perf_counter(), time.process_time()
    plane = upscaler.luma(y)
    return Made(plane, time.perf_counter() - at, time.process_time() - at_cpu, upscaler.fresh)


def measure(low: list[Plane], truth: list[Plane] | None, network: StagedNetwork, rate: Fraction) -> Sums:
    clock = FakeClock()
    whole, kept, sums = Whole(network), KeptTilesUpscaler(network, clock), Sums()
    before: tuple[Made, Made] | None = None
    for first in range(0, len(low), TURN):
        turn = low[first : first + TURN]
        every = [timed(whole, y) for y in turn]
        some = []
        for y in turn:
            clock.advance(float(1 / rate))
            some.append(timed(kept, y))
        for number, pair in enumerate(zip(every, some, strict=True), first):
            if before is not None:  # the first frame builds what the others use
                count(sums, pair, before, kept, (truth[number - 1], truth[number]) if truth else None)
            before = pair
    return sums


def count(
    sums: Sums,
    pair: tuple[Made, Made],
    before: tuple[Made, Made],
    kept: KeptTilesUpscaler,
    truth: tuple[Plane, Plane] | None,
) -> None:
    """Add one frame, made both ways."""
    whole, some = pair
    sums.tiles.append(float(some.fresh.mean()))
    sums.seconds.append((whole.seconds, some.seconds))
    sums.cpu_seconds.append((whole.cpu_seconds, some.cpu_seconds))
    if truth is not None:
        last, true = truth
        errors = [np.mean((made.plane.astype(np.float32) - true) ** 2) for made in pair]
        sums.psnr.append((psnr(errors[0]), psnr(errors[1])))
        still = np.abs(cv2.blur(true.astype(np.float32) - last, (5, 5))) < STILL
        if still.any():
            moves = [
                np.abs(made.plane.astype(int) - then.plane)[still].mean()
                for made, then in zip(pair, before, strict=True)
            ]
            sums.flicker.append((float(moves[0]), float(moves[1])))
    if 0 < some.fresh.mean() < 1:
        steps = [list(across_borders(made.plane, some.fresh, kept.tile, kept.scale)) for made in pair]
        sums.borders.append((sum(steps[0]), sum(steps[1])))


def psnr(error: float) -> float:
    return float(10 * np.log10(255**2 / error))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--frames", type=int, default=150)
    parser.add_argument("--model", default="ear-s-x2")
    parser.add_argument("--runtime", default="auto")
    parser.add_argument("--threads", type=int, default=usable_cpus())
    parser.add_argument("--full", action="store_true", help="code and upscale at the clip's own size, without a truth")
    asked = parser.parse_args()
    store, runtime = bundled_store(), open_runtime(asked.runtime)
    network = StagedNetwork.load(store, store.find(asked.model), runtime, asked.threads)
    print(f"{asked.model}, {runtime.name}, up to {asked.frames} frames\n{HEAD}")  # noqa: T201  the table is what it is for
    for path in sorted(asked.folder.glob("*.mp4")):
        truth, rate = read(path, asked.frames)
        half = (truth[0].shape[1] // 2, truth[0].shape[0] // 2)
        low = (
            truth
            if asked.full
            else [np.asarray(cv2.resize(y, half, interpolation=cv2.INTER_AREA), np.uint8) for y in truth]
        )
        sums = measure(coded(low, rate), None if asked.full else truth, network, rate)
        print(sums.row(f"{path.stem} {low[0].shape[1]}x{low[0].shape[0]}"), flush=True)  # noqa: T201  as above


if __name__ == "__main__":
    main()
