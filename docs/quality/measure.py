"""Clips to figures."""

import hashlib
from collections.abc import Callable, Sequence
from functools import cache, partial
from pathlib import Path

import cv2
import numpy as np

import edge_vsr
from docs.quality import coding
from docs.quality.bench import Bench, Sent, Way
from docs.quality.clip import SHRINKS, Clip, Planes, Shrink, read_clip
from docs.quality.figures import BICUBIC, FULL, JUDGED, LANCZOS, WIDER, ClipFigures, full_size_factors
from edge_vsr.restoring.video import USUAL_OPTIONS, VideoOptions
from edge_vsr.sr.store import bundled_store
from edge_vsr.sr.upscaler import Upscaler, open_upscaler

OPTIONS = {"--no-ahead": VideoOptions(ahead=False), "--passes 2": VideoOptions(passes=2)}
"""Behind the name of a network: as `restore` has them."""
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


def restoring(name: str) -> Way:
    """By the released network of that name, with what of OPTIONS stands behind it."""
    model, _, option = name.partition(" ")
    if option and option not in OPTIONS:
        raise SystemExit(f"no option {option}; there are: {', '.join(OPTIONS)}")
    options = OPTIONS.get(option, USUAL_OPTIONS)
    opened = cache(partial(open_upscaler, model))

    def decode(path: Path) -> coding.Lumas:
        return coding.restored(path, opened(), options)

    stages = bundled_store().find(model).stages
    files = [file.sha256 for runtimes in stages.values() for parts in runtimes.values() for file in parts.values()]
    return Way(name, decode, "".join((*files, code())))


@cache
def code() -> str:
    """Of what restores: another one makes other figures of the same networks."""
    folder = Path(edge_vsr.__file__).parent
    files = (path for part in ("restoring", "sr") for path in sorted((folder / part).rglob("*.py")))
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()


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
    losses = {first.name: _int8_loss(bench, low, open_upscaler(first.name), original())} if original else {}
    return ClipFigures(clip.name, clip.width, clip.height, float(clip.rate), len(clip.frames), curves, losses)


def _int8_loss(bench: Bench, low: Sent, released: Upscaler, original: Upscaler) -> float:
    """dB, the mean over the judged rates, of frames as they were decoded."""
    truth = [planes[0].astype(np.float64) for planes in bench.clip.frames[:FLOAT_FRAMES]]
    losses: list[float] = []
    for factor in JUDGED:
        path = bench.coded(low, crf=str(factor))
        errors = [
            (np.mean((true - original.luma(luma)) ** 2), np.mean((true - released.luma(luma)) ** 2))
            for true, luma in zip(truth, coding.decoded(path), strict=False)
        ]
        losses.append(np.mean([10 * np.log10(by_int8 / by_float) for by_float, by_int8 in errors]))
    return float(np.mean(losses))
