"""A tiny network that was never trained, and a store that has it."""

import json
from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from functools import cache
from pathlib import Path

import numpy as np

from edge_vsr.calibration.folded import Conv, Folded, Layout
from edge_vsr.calibration.grid import Grid
from edge_vsr.calibration.original import FILE, Original
from edge_vsr.calibration.ranges import find_grids
from edge_vsr.calibration.stages import file_entry, write_stages
from edge_vsr.camera import PatternCamera
from edge_vsr.clock import FakeClock
from edge_vsr.frame import Plane, Size
from edge_vsr.sr.network import mirrored
from edge_vsr.sr.store import FORMAT, MANIFEST, ModelStore

LAYOUT = Layout(scale=2, coarse=4, fine=1)
NAME = "tiny"


def frames(count: int, width: int = 96, height: int = 64) -> list[Plane]:
    """Of the demo camera, a second apart."""
    camera = PatternCamera(FakeClock(), size=Size(width, height), rate=Fraction(1))
    return [frame.y for _ in range(count) if (frame := camera.read()) is not None]


FRAMES = frames(8)


def tiny(seed: int = 1) -> Folded:
    """Random weights, about as loud after a layer as before."""
    rng = np.random.default_rng(seed)

    def conv(outputs: int, inputs: int, kernel: int = 3, stride: int = 1, gain: float = 1.4) -> Conv:
        weight = rng.normal(0, gain / np.sqrt(inputs * kernel**2), (outputs, inputs, kernel, kernel))
        return Conv(weight, rng.normal(0, 0.1, outputs), stride, kernel // 2)

    context = 256 * LAYOUT.fine**2 // LAYOUT.align**2
    return Folded(
        layout=LAYOUT,
        conv64=conv(64, LAYOUT.coarse**2),
        conv256=conv(256, 64, stride=2),
        squeeze=conv(16, 256, 1),
        excite=conv(256, 16, 1),
        spatial=conv(1, 2, 7),
        join=conv(16, context + LAYOUT.samples),
        blocks=(conv(16, 16), conv(16, 16)),
        tail=conv((LAYOUT.fine * LAYOUT.scale) ** 2, 16, gain=0.1),
    )


@cache
def tiny_grids() -> Mapping[str, Grid]:
    """Of `tiny`, for FRAMES."""
    return find_grids(tiny(), [mirrored(frame, LAYOUT.align) for frame in FRAMES], threads=1)


def coarser(grids: Mapping[str, Grid], times: float) -> dict[str, Grid]:
    """As frames would have it that are so much louder in the reconstruction."""
    return {
        name: replace(grid, scale=grid.scale * times, by_channel=tuple(times * one for one in grid.by_channel))
        if grid.by_channel
        else grid
        for name, grid in grids.items()
    }


def write_store(folder: Path, net: Folded, grids: Mapping[str, Grid]) -> ModelStore:
    """A store as the recipe writes it."""
    stages = write_stages(net, grids, folder / NAME)
    (folder / NAME / FILE).write_bytes(Original(net, grids, 0).to_bytes())
    entry = {
        "name": NAME,
        "scale": LAYOUT.scale,
        "coarse": LAYOUT.coarse,
        "fine": LAYOUT.fine,
        "width": net.width,
        "extractor_halo": LAYOUT.align,
        "reconstruction_halo": net.halo,
        "source": "clean",
        "licence": "Apache-2.0",
        "recipe": "abc1234",
        "parameters": net.parameters,
        "metrics": {},
        "stages": stages,
        "original": file_entry(folder / NAME / FILE),
    }
    (folder / MANIFEST).write_text(json.dumps({"format": FORMAT, "models": [entry]}))
    return ModelStore(folder)
