"""What trained networks make of the training pictures, for another to learn (Hinton, Vinyals, Dean, "Distilling the
Knowledge in a Neural Network", 2015).

The results of each for several views of a picture are averaged, and those of all: better than any one of them, and all
that is left of what a patch cannot tell is left out, which a small network would follow in vain.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.progress import track

from edge_vsr.frame import Plane
from edge_vsr.sr.engines import open_runtime, usable_cpus
from edge_vsr.sr.store import ModelStore
from edge_vsr.sr.upscaler import NetworkUpscaler
from edge_vsr.sr.views import ALL, View, mean_of_views
from models.recipe.config import Recipe
from models.recipe.pairs import Luma, Pair, keep
from models.recipe.record import STORE

OWN_STORE = "store"
"""In the folder of a run: what `quantize` wrote of it."""
UPRIGHT = tuple(view for view in ALL if not view.negative)
NEGATIVES = tuple(view for view in ALL if view.negative)
MOST_LOST = 0.5
"""dB that the negatives' part may cost: plots and text lose several, and are learnt without them."""


def taught(pairs: list[Pair], recipe: Recipe, runs: Path, store: Path = STORE) -> list[Pair]:
    """`pairs` with what the recipe's teachers, if it has any, make of them in the mean in the place of what they show.

    A teacher is another run in `runs` that was quantized to its OWN_STORE, or else a model of `store`; what it makes is
    kept in `runs`."""
    if not recipe.teachers:
        return pairs
    digest = _digest(pairs)
    lessons = [_lessons(teacher, pairs, digest, recipe, runs, store) for teacher in recipe.teachers]
    return [replace(pair, high=_mean(highs)) for pair, highs in zip(pairs, zip(*lessons, strict=True), strict=True)]


def _lessons(teacher: str, pairs: list[Pair], digest: str, recipe: Recipe, runs: Path, store: Path) -> list[Luma]:
    """What one teacher makes of each; `digest` is theirs."""
    own = runs / teacher / OWN_STORE
    models = ModelStore(own if own.is_dir() and teacher != recipe.name else store)
    original = models.find(teacher).original
    if original is None:
        raise SystemExit(f"{teacher} has no float original, by which its pictures are known again")
    views = "upright" if recipe.lossy else "all"
    cache = runs / f"taught-{teacher}-{original.sha256[:12]}-{views}-{digest[:12]}.npz"
    if not cache.exists():
        upscaler = NetworkUpscaler(models, teacher, open_runtime(), usable_cpus())
        made = [_lesson(upscaler, pair, recipe.lossy) for pair in track(pairs, f"pictures by {teacher}")]
        keep(cache, {f"arr_{i}": high for i, high in enumerate(made)})
    with np.load(cache) as stored:
        return [stored[f"arr_{i}"] for i in range(len(pairs))]


def _digest(pairs: Iterable[Pair]) -> str:
    """Of all that lessons depend on: which views are heard depends on the truth too."""
    seen = hashlib.sha256()
    for pair in pairs:
        seen.update(pair.low.tobytes())
        seen.update(pair.high.tobytes())
    return seen.hexdigest()


def _lesson(upscaler: NetworkUpscaler, pair: Pair, lossy: bool) -> Luma:
    """To a network of coded pictures a negative is another world (edge_vsr/sr/views.py)."""

    def made(views: tuple[View, ...]) -> Plane:
        return mean_of_views(upscaler.luma, pair.low, views)

    upright = made(UPRIGHT)
    if lossy:
        return upright
    both = _mean((upright, made(NEGATIVES)))
    return upright if _error(both, pair) > _error(upright, pair) * 10 ** (MOST_LOST / 10) else both


def _error(made: Luma, pair: Pair) -> float:
    """Mean square, in levels."""
    return float(np.mean((made - pair.high.astype(np.float32)) ** 2))


def _mean(lumas: Iterable[Luma]) -> Luma:
    """To the even level where it is halfway between two."""
    mean: NDArray[np.float32] = np.mean(tuple(lumas), axis=0, dtype=np.float32)
    return np.asarray(np.rint(mean), np.uint8)
