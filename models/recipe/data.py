"""Training pictures as luma pairs, and random patches from them.

Low-resolution pictures are made by the antialiased bicubic of super-resolution papers (MATLAB's imresize).
The prepared pairs are kept in one file, since preparing takes minutes.
"""

import itertools
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields, replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_vsr.calibration.bicubic import cubic
from models.recipe.clips import lossy_pairs
from models.recipe.config import Recipe
from models.recipe.pairs import Luma, Pair, keep
from models.recipe.scenes import added_scenes

LARGE = 1_000_000
"""Pixels from which a picture is also learned from at REDUCED size, where its detail is finest."""
REDUCED = 0.6
SEED = 20261122
HELD_OUT_EVERY = 20
"""Of the pictures, in their order; nothing that is made of every so manieth is trained on."""
CLIPS = 5000
"""Examples of the lossy kind."""
CALIBRATION = Path("calibration")


def luma_of(bgr: NDArray[np.uint8]) -> Luma:
    """Full-range BT.601 luma of a BGR picture, rounded."""
    y = bgr.astype(np.float32) @ np.array([0.114, 0.587, 0.299], np.float32)
    return np.asarray(np.clip(np.rint(y), 0, 255), np.uint8)


def _shrink_axis(picture: NDArray[np.float64], scale: int) -> NDArray[np.float64]:
    """Antialiased bicubic along axis 0 with mirrored borders."""
    size = picture.shape[0]
    reach = np.arange(-2 * scale, 2 * scale + 1)
    centre = (np.arange(size // scale) + 0.5) * scale - 0.5
    index = np.floor(centre)[:, None].astype(int) + reach[None]
    weight = cubic((centre[:, None] - index) / scale)
    weight /= weight.sum(1, keepdims=True)
    mirror = np.concatenate([np.arange(size), np.arange(size)[::-1]])
    out: NDArray[np.float64] = np.einsum("ok,okx->ox", weight, picture[mirror[index % (2 * size)]])
    return out


def shrink(luma: Luma, scale: int) -> Luma:
    """Low-resolution picture of `luma`, whose sides are multiples of `scale`."""
    half = _shrink_axis(luma.astype(np.float64), scale)
    full = _shrink_axis(np.ascontiguousarray(half.T), scale).T
    return np.asarray(np.clip(np.rint(full), 0, 255), np.uint8)


def shrink_bgr(bgr: NDArray[np.uint8], scale: int) -> NDArray[np.uint8]:
    """Low-resolution picture of a BGR one, cropped to a multiple of `scale`, channel by channel."""
    height, width = (n // scale * scale for n in bgr.shape[:2])
    return np.stack([shrink(bgr[:height, :width, i], scale) for i in range(3)], 2)


def make_pair(luma: Luma, scale: int) -> Pair:
    height, width = (math.floor(n / scale) * scale for n in luma.shape)
    high = np.ascontiguousarray(luma[:height, :width])
    return Pair(shrink(high, scale), high)


def read_pictures(folder: Path) -> Iterator[NDArray[np.uint8]]:
    """Every picture below `folder` as BGR, by name."""
    files = sorted(p for p in folder.rglob("*") if p.suffix.lower() in {".png", ".webp", ".jpg", ".jpeg"})
    if not files:
        raise SystemExit(f"{folder}: no pictures (.png, .webp, .jpg)")
    for file in files:
        bgr = cv2.imread(str(file), cv2.IMREAD_COLOR)
        if bgr is None:
            raise SystemExit(f"{file}: not a picture")
        yield np.asarray(bgr, np.uint8)


def read_lumas(folder: Path) -> Iterator[Luma]:
    """The luma of every picture below `folder`, by name."""
    return map(luma_of, read_pictures(folder))


def _with_reduced(lumas: Iterable[Luma]) -> Iterator[Luma]:
    for luma in lumas:
        yield luma
        if luma.size > LARGE:
            small = cv2.resize(luma, None, fx=REDUCED, fy=REDUCED, interpolation=cv2.INTER_AREA)
            yield np.asarray(small, np.uint8)


def _clean_pairs(lumas: Iterable[Luma], scale: int) -> list[Pair]:
    """Every picture, and scenes made of them."""
    every = list(_with_reduced(lumas))
    scenes = (replace(make_pair(luma, scale), scene=True) for luma in added_scenes(every, SEED))
    return [*(make_pair(luma, scale) for luma in every), *scenes]


def _made_of(lumas: Sequence[Luma], recipe: Recipe) -> Iterator[Pair]:
    """Of pictures to train on, and apart from them of those that are held out."""
    learnt = [luma for i, luma in enumerate(lumas) if i % HELD_OUT_EVERY]
    for part, held in ((learnt, False), (lumas[::HELD_OUT_EVERY], True)):
        if recipe.lossy:
            count = CLIPS // HELD_OUT_EVERY if held else CLIPS
            pairs: Iterable[Pair] = lossy_pairs(part, recipe.scale, count, SEED + held)
        else:
            pairs = _clean_pairs(part, recipe.scale)
        yield from (replace(pair, held=held) for pair in pairs)


def load_pairs(folder: Path, recipe: Recipe, runs: Path) -> list[Pair]:
    """What `recipe` learns from, made of the pictures below `folder`; kept in `runs` the first time, and read there
    after that."""
    cache = runs / f"pictures-x{recipe.scale}{'-lossy' if recipe.lossy else ''}.npz"
    if not cache.exists():
        pairs = _made_of(list(read_lumas(folder)), recipe)
        parts = [field.name for field in fields(Pair)]
        keep(cache, {f"{i}_{part}": getattr(pair, part) for i, pair in enumerate(pairs) for part in parts})
    with np.load(cache) as stored:
        numbers = itertools.takewhile(lambda i: f"{i}_low" in stored, itertools.count())
        return [
            Pair(stored[f"{i}_low"], stored[f"{i}_high"], bool(stored[f"{i}_scene"]), bool(stored[f"{i}_held"]))
            for i in numbers
        ]


def hold_out(pairs: list[Pair]) -> tuple[list[Pair], list[Pair]]:
    """Pairs to train on, and centres of those that are held out, to follow progress with."""
    kept = []
    for pair in (one for one in pairs if one.held):
        factor = pair.high.shape[0] // pair.low.shape[0]
        top, left = (max(0, n // 2 - 96) for n in pair.low.shape)
        low = pair.low[top : top + 192, left : left + 192]
        high = pair.high[top * factor :, left * factor :][: low.shape[0] * factor, : low.shape[1] * factor]
        kept.append(replace(pair, low=low, high=high))
    return [pair for pair in pairs if not pair.held], kept


def calibration_frames(folder: Path, align: int) -> Iterator[Luma]:
    """The luma of the calibration frames as it is, sides cropped to a multiple of `align`."""
    for luma in read_lumas(folder):
        yield luma[: luma.shape[0] // align * align, : luma.shape[1] // align * align]


def _chances(pairs: list[Pair], scenes: float) -> NDArray[np.float64]:
    """Of each to be picked: by its area, and `scenes` of all times one of the scenes."""
    chance = np.array([pair.low.size for pair in pairs], np.float64)
    added = np.array([pair.scene for pair in pairs])
    for those, share in ((added, scenes), (~added, 1 - scenes)):
        chance[those] *= share / max(1.0, chance[those].sum())
    return np.asarray(chance / chance.sum())


def mirrored_part(luma: Luma, top: int, left: int, side: int) -> Luma:
    """A square of `luma`, which goes on beyond its borders as its mirror image, as `edge_vsr.sr.network.mirrored`.

    A smaller picture made of a mirrored one is the mirrored smaller one: both of a pair stay true."""

    def places(start: int, length: int) -> NDArray[np.intp]:
        there = np.arange(start, start + side) % (2 * length)
        return np.minimum(there, 2 * length - 1 - there)

    part: Luma = luma[np.ix_(places(top, luma.shape[0]), places(left, luma.shape[1]))]
    return part


def _flat_pair(pair: Pair, level: int) -> Pair:
    """As large as `pair`, and `level` everywhere."""
    return replace(pair, low=np.full_like(pair.low, level), high=np.full_like(pair.high, level))


class Patches:
    """Random patches, flipped, turned, and half of them in limited range, as video has it; with what lies around them
    at low resolution. Their middles are anywhere in a picture; up to half of a patch lies beyond the border, since a
    frame has one too."""

    def __init__(self, pairs: list[Pair], recipe: Recipe, seed: int) -> None:
        self._scale = recipe.scale
        self._side = recipe.window
        self._context = recipe.context
        self._flat = recipe.flat
        self._pairs = pairs
        self._seed = seed
        self._chance = _chances(self._pairs, recipe.scenes)

    def batch(self, step: int, size: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Low patches, context included, and high ones, (size, 1, side, side) in 0..255, of one step; the same for the
        same step."""
        rng = np.random.default_rng((self._seed, step))
        picks = rng.choice(len(self._pairs), size, p=self._chance)
        made = [self._patch(self._pairs[i], rng) for i in picks]
        low, high = (np.stack(x)[:, None].astype(np.float32) for x in zip(*made, strict=True))
        return low, high

    def _patch(self, pair: Pair, rng: np.random.Generator) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        side, scale = self._side, self._scale
        top, left = (int(rng.integers(length + 1)) - side // 2 for length in pair.low.shape)
        turns, flip, limited = int(rng.integers(4)), rng.random() < 0.5, rng.random() < 0.5
        # Nothing is drawn where none are wanted: recipes without get the patches that they learnt from.
        if self._flat and rng.random() < self._flat:
            pair = _flat_pair(pair, int(rng.integers(256)))

        def cut(luma: Luma, factor: int, border: int) -> NDArray[np.float32]:
            y, x, n = (top + border) * factor, (left + border) * factor, (side - 2 * border) * factor
            patch = np.rot90(mirrored_part(luma, y, x, n), turns).astype(np.float32)
            if limited:
                patch = np.rint(patch * np.float32(219 / 255) + 16)
            return patch[:, ::-1] if flip else patch

        return cut(pair.low, 1, 0), cut(pair.high, scale, self._context)
