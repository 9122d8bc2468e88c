"""Time one model in one runtime and print what `speed` asks for, as JSON.

A process of its own that imports what `restore` imports and no more: the peak of its memory is the product's.
"""

import importlib.metadata
import json
import statistics
import time
from pathlib import Path
from typing import Annotated

import typer

from edge_vsr.camera.demo.scene import Scene
from edge_vsr.frame import Size
from edge_vsr.memory import MIB, Machine
from edge_vsr.sr.engines import open_runtime
from edge_vsr.sr.store import ModelStore
from edge_vsr.sr.upscaler import NetworkUpscaler

WARM_UP = 5
"""Frames before counting: the engines compile and allocate with the first."""


def main(
    store: Annotated[Path, typer.Argument()],
    name: Annotated[str, typer.Argument()],
    runtime: Annotated[str, typer.Argument()],
    size: Annotated[str, typer.Argument()],
    threads: Annotated[int, typer.Option(min=1)],
    frames: Annotated[int, typer.Option(min=1)],
) -> None:
    upscaler = NetworkUpscaler(ModelStore(store), name, open_runtime(runtime), threads)
    luma = Scene(Size.parse(size)).picture(0)[0]
    took = []
    for _ in range(WARM_UP + frames):
        began = time.perf_counter()
        upscaler.luma(luma)
        took.append((time.perf_counter() - began) * 1000)
    counted = took[WARM_UP:]
    speed = {
        "version": importlib.metadata.version(runtime),
        "frames": frames,
        "median": round(statistics.median(counted), 2),
        "least": round(min(counted), 2),
        "most": round(max(counted), 2),
        "peak_rss": round(Machine().peak() / MIB, 1),
    }
    typer.echo(json.dumps(speed))


if __name__ == "__main__":
    typer.run(main)
