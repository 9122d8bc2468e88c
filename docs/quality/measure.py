"""Clips to figures."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import cv2
import numpy as np

from docs.quality import coding
from docs.quality.bench import Bench, Sent, Way
from docs.quality.clip import SHRINKS, Clip, Planes, Shrink, read_clip
from docs.quality.figures import BICUBIC, FULL, JUDGED, LANCZOS, WIDER, ClipFigures, full_size_factors
from edge_vsr.sr.store import bundled_store
from edge_vsr.sr.upscaler import Upscaler, open_upscaler

FLOAT_FRAMES = 8
"""Of each rate: the float network is slow, and what rounding takes hardly varies."""
Tell = Callable[[str], None]
OpenFloat = Callable[[], Upscaler]


def shrunk(clip: Clip, shrink: Shrink) -> list[Planes]:
    """Its frames at half the size."""
    return [(shrink(y), shrink(u), shrink(v)) for y, u, v in clip.frames]


def low_rung(clip: Clip) -> Sent:
    """As the `low` rung makes its pictures small, at a constant rate factor."""
    return Sent("half size", shrunk(clip, SHRINKS["area"]), coding.USUAL)


def restoring(model: str) -> Way:
    """By the released network of that name."""
    upscaler: list[Upscaler] = []

    def decode(path: Path) -> coding.Lumas:
        if not upscaler:
            upscaler.append(open_upscaler(model))
        return coding.restored(path, upscaler[0])

    stages = bundled_store().find(model).stages
    files = [file.sha256 for runtimes in stages.values() for parts in runtimes.values() for file in parts.values()]
    return Way(model, decode, "".join(files))


PLAIN = Way(LANCZOS, coding.interpolated)
"""What a player or a screen does."""
BY_BICUBIC = Way(BICUBIC, partial(coding.interpolated, how=cv2.INTER_CUBIC))
"""What nothing that is restored is to flicker more than."""
AS_SENT = Way(FULL, coding.decoded)


def measure(
    path: Path, frames: int, work: Path, models: Sequence[str], original: OpenFloat | None, tell: Tell
) -> ClipFigures:
    """Every way on one clip; `original` opens the first model's float network."""
    clip = read_clip(path, frames)
    bench = Bench(clip, work, tell)
    low, full = low_rung(clip), Sent(FULL, clip.frames, coding.USUAL)
    first, *others = map(restoring, models)
    factors = (*WIDER, *JUDGED)
    curves = {FULL: bench.curve(full, AS_SENT, full_size_factors(factors))}
    curves.update((way.name, bench.curve(low, way, JUDGED)) for way in (PLAIN, BY_BICUBIC))
    curves[first.name] = bench.curve(low, first, factors)
    curves.update((way.name, bench.curve(low, way, JUDGED)) for way in others)
    losses = {first.name: _int8_loss(bench, low, first, original())} if original else {}
    return ClipFigures(clip.name, clip.width, clip.height, float(clip.rate), len(clip.frames), curves, losses)


def _int8_loss(bench: Bench, low: Sent, way: Way, original: Upscaler) -> float:
    """dB, the mean over the judged rates."""
    truth = [planes[0].astype(np.float64) for planes in bench.clip.frames[:FLOAT_FRAMES]]
    losses: list[float] = []
    for factor in JUDGED:
        path = bench.coded(low, crf=str(factor))
        pairs = zip(truth, coding.decoded(path), way.decode(path), strict=False)
        errors = [
            (np.mean((true - original.luma(luma)) ** 2), np.mean((true - rounded) ** 2))
            for true, luma, rounded in pairs
        ]
        losses.append(np.mean([10 * np.log10(by_int8 / by_float) for by_float, by_int8 in errors]))
    return float(np.mean(losses))
