"""What a trained network makes of the training pictures, for another to learn (Hinton, Vinyals, Dean, "Distilling the
Knowledge in a Neural Network", 2015).

Its results for a picture's eight orientations are turned back and averaged (Timofte, Rothe, Van Gool, "Seven ways to
improve example-based single image super resolution", CVPR 2016): better than any one of them, and all that is left of
what a patch cannot tell is left out, which a small network would follow in vain.
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
from rich.progress import track

from edge_vsr.sr.engines import open_runtime, usable_cpus
from edge_vsr.sr.store import ModelStore
from edge_vsr.sr.upscaler import NetworkUpscaler, Upscaler
from models.recipe.config import Recipe
from models.recipe.pairs import Luma, Pair, keep
from models.recipe.record import STORE

TURNS = (0, 2, 1, 3)
"""Those that keep the shape first: engines build for one."""


def taught(pairs: list[Pair], recipe: Recipe, runs: Path, store: Path = STORE) -> list[Pair]:
    """`pairs` with what the recipe's teacher, if it has one, makes of them in the place of what they show; kept in
    `runs`."""
    if not recipe.teacher:
        return pairs
    teacher, models = recipe.teacher, ModelStore(store)
    original = models.find(teacher).original
    if original is None:
        raise SystemExit(f"{teacher} has no float original, by which its pictures are known again")
    cache = runs / f"taught-{teacher}-{original.sha256[:12]}-{len(pairs)}.npz"
    if not cache.exists():
        upscaler = NetworkUpscaler(models, teacher, open_runtime(), usable_cpus())
        made = [mean_of_eight(upscaler, pair.low) for pair in track(pairs, f"pictures by {teacher}")]
        keep(cache, {f"arr_{i}": high for i, high in enumerate(made)})
    with np.load(cache) as stored:
        return [replace(pair, high=stored[f"arr_{i}"]) for i, pair in enumerate(pairs)]


def mean_of_eight(upscaler: Upscaler, low: Luma) -> Luma:
    """Luma (height, width) to (scale * height, scale * width), both uint8."""
    made = [turned_back(upscaler.luma(one), turns, flip) for one, turns, flip in _orientations(low)]
    return np.asarray(np.rint(np.mean(made, 0, np.float32)), np.uint8)


def turned_back(luma: Luma, turns: int, flip: bool) -> Luma:
    """The inverse of a flip from side to side, if there was one, and then quarter turns."""
    upright: Luma = np.rot90(luma, -turns)
    return upright[:, ::-1] if flip else upright


def _orientations(luma: Luma) -> Iterator[tuple[Luma, int, bool]]:
    for turns in TURNS:
        for flip in (False, True):
            yield np.ascontiguousarray(np.rot90(luma[:, ::-1] if flip else luma, turns)), turns, flip
