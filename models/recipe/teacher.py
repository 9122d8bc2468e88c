"""What a trained network makes of the training pictures, for another to learn (Hinton, Vinyals, Dean, "Distilling the
Knowledge in a Neural Network", 2015).

Its results for sixteen views of a picture are averaged: better than any one of them, and all that is left of what a
patch cannot tell is left out, which a small network would follow in vain.
"""

from dataclasses import replace
from pathlib import Path

import numpy as np
from rich.progress import track

from edge_vsr.sr.engines import open_runtime, usable_cpus
from edge_vsr.sr.store import ModelStore
from edge_vsr.sr.upscaler import NetworkUpscaler
from edge_vsr.sr.views import ALL, mean_of_views
from models.recipe.config import Recipe
from models.recipe.pairs import Pair, keep
from models.recipe.record import STORE


def taught(pairs: list[Pair], recipe: Recipe, runs: Path, store: Path = STORE) -> list[Pair]:
    """`pairs` with what the recipe's teacher, if it has one, makes of them in the place of what they show; kept in
    `runs`."""
    if not recipe.teacher:
        return pairs
    teacher, models = recipe.teacher, ModelStore(store)
    original = models.find(teacher).original
    if original is None:
        raise SystemExit(f"{teacher} has no float original, by which its pictures are known again")
    cache = runs / f"taught-{teacher}-{original.sha256[:12]}-{len(ALL)}-{len(pairs)}.npz"
    if not cache.exists():
        upscaler = NetworkUpscaler(models, teacher, open_runtime(), usable_cpus())
        made = [mean_of_views(upscaler.luma, pair.low, ALL) for pair in track(pairs, f"pictures by {teacher}")]
        keep(cache, {f"arr_{i}": high for i, high in enumerate(made)})
    with np.load(cache) as stored:
        return [replace(pair, high=stored[f"arr_{i}"]) for i, pair in enumerate(pairs)]
