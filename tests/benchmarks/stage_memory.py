"""What each stage of a model takes at its peak, in a process of its own:
`python -m tests.benchmarks.stage_memory MODEL RUNTIME STAGE`.

Prints bytes a luma sample of the window: measured, and by `edge_vsr.sr.budget`.
"""

import sys
from pathlib import Path

import numpy as np

from edge_vsr.memory import Machine, return_freed_memory
from edge_vsr.sr.budget import COSTS
from edge_vsr.sr.cells import samples
from edge_vsr.sr.engines import open_runtime
from edge_vsr.sr.runtime import Codes
from edge_vsr.sr.store import CHANNELS, Model, bundled_store

WIDTH, HEIGHT = 1280, 768


def inputs(model: Model, stage: str, width: int, height: int) -> list[Codes]:
    """Noise in the shapes that `stage` takes for a window of luma."""
    shapes = {
        "extractor": [(model.coarse**2, model.coarse)],
        "attention": [(CHANNELS, model.align)],
        "reconstruction": [(model.context, model.fine), (samples(model.fine), model.fine)],
    }
    chance = np.random.default_rng(0)
    return [
        chance.integers(0, 256, (1, channels, height // cell, width // cell), np.uint8)
        for channels, cell in shapes[stage]
    ]


def predicted(model: Model, runtime: str, stage: str) -> float:
    """Bytes a luma sample."""
    costs = COSTS[runtime]
    return {
        "extractor": costs.extractor(model) / model.coarse**2,
        "attention": costs.attention * CHANNELS / model.align**2,
        "reconstruction": costs.reconstruction(model) / model.fine**2,
    }[stage]


def main(name: str, runtime: str, stage: str) -> None:
    return_freed_memory()
    store = bundled_store()
    model = store.find(name)
    loaded = open_runtime(runtime).load(store.read(model, stage, runtime), 2)
    loaded.run(*inputs(model, stage, 64, 64))
    whole = inputs(model, stage, WIDTH, HEIGHT)
    Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew
    before = Machine().resident()
    loaded.run(*whole)
    measured = (Machine().peak() - before) / (WIDTH * HEIGHT)
    line = f"{name:12} {runtime:12} {stage:15} {measured:6.1f} {predicted(model, runtime, stage):6.1f}"
    print(line)  # noqa: T201  what it is for


if __name__ == "__main__":
    main(*sys.argv[1:])
