"""What each released model computes for a few pictures, step by step.

`python -m tests.arm64.results FILE` writes it for ONNX Runtime, pictures included: the demo camera draws with floats,
so that on another architecture a few of its samples are a level off.
"""

import sys
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge_vsr.frame import Plane
from edge_vsr.sr.engines import open_runtime
from edge_vsr.sr.network import StagedNetwork
from edge_vsr.sr.runtime import Codes, Stage
from edge_vsr.sr.store import bundled_store
from tests.unit.sr.pictures import real_looking

SMALL = 16
"""Samples a side of the pictures that are quick enough for OpenVINO in an emulator."""
LARGEST = 4_000
"""Samples of the others. Beyond it there are only more of the same, and an emulator is slow."""
ODD = "demo camera, odd sides"
"""The one that tiles are tried on."""
PIECES = {
    ODD: ("demo camera", 49, 65),
    "demo camera, a piece": ("demo camera", SMALL, SMALL),
    "noise, a piece": ("noise", SMALL, SMALL),
    "text, a piece": ("text", SMALL, SMALL),
}
"""What they are cut from, and their rows and columns."""

Steps = list[tuple[str, Codes]]
"""What went into the stages and came out of them, in the order in which it happened."""


class NotedStage:
    """A stage, and a note of all that passes through it."""

    def __init__(self, name: str, stage: Stage, steps: Steps) -> None:
        self._name = name
        self._stage = stage
        self._steps = steps

    def run(self, *inputs: Codes) -> tuple[Codes, ...]:
        outputs = self._stage.run(*inputs)
        for way, codes in (("input", inputs), ("output", outputs)):
            self._steps.extend((f"{self._name}, {way} {i}", one) for i, one in zip(count(), codes, strict=False))
        return outputs

    def another(self) -> "NotedStage":
        return NotedStage(self._name, self._stage.another(), self._steps)


def pictures() -> Iterator[tuple[str, Plane]]:
    """Luma by name: as they are where they are not too large, and pieces."""
    whole = dict(real_looking())
    yield from ((name, plane) for name, plane in whole.items() if plane.size <= LARGEST)
    yield from ((name, whole[source][:rows, :columns]) for name, (source, rows, columns) in PIECES.items())


class NotedNetwork:
    """A released model on one runtime, and a note of all that it computes."""

    def __init__(self, model: str, runtime: str) -> None:
        store = bundled_store()
        network = StagedNetwork.load(store, store.find(model), open_runtime(runtime), threads=1)
        self._steps: Steps = []
        names = ("extractor", "attention", "reconstruction")
        self._network = StagedNetwork(network.model, *(NotedStage(n, getattr(network, n), self._steps) for n in names))

    def steps(self, y: Plane) -> Steps:
        """All that is computed for `y`, the restored picture last."""
        self._steps.clear()
        restored = self._network.restore(y)
        return [*self._steps, ("restored picture", restored)]

    def restore_by_tiles(self, y: Plane) -> Plane:
        """The restored picture, of tiles that are neither square nor a part of any whole frame."""
        align = self._network.model.align
        return self._network.restore(y, (2 * align, 3 * align))


def write(file: Path) -> None:
    arrays: dict[str, NDArray[Any]] = dict(pictures())
    noted = {model: NotedNetwork(model, "onnxruntime") for model in bundled_store().models}
    for picture, y in pictures():
        for model, network in noted.items():
            arrays |= {f"{picture}/{model}/{step}": codes for step, codes in network.steps(y)}
    np.savez(file, allow_pickle=False, **arrays)


if __name__ == "__main__":
    write(Path(sys.argv[1]))
