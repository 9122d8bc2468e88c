"""How fast released models are here: `python -m models.recipe.speed [NAME...]`.

Milliseconds for one luma frame that becomes 1920x1080, in both runtimes, and the memory that it takes. Written to the
models' records; the cards follow with `python -m models.recipe.card`. For a quiet machine.
"""

import importlib.metadata
import os
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from edge_vsr.bench.jobs import Job
from edge_vsr.bench.machine import Box
from edge_vsr.bench.process import run
from edge_vsr.heat import SysfsHeat
from edge_vsr.sr.engines import RUNTIMES
from models.recipe.record import STORE, Record, Speed, Timing, amend, released

THREADS = 2
FRAMES = 60
MOST_LOAD = 0.5
"""Load average of a machine that has nothing else to do."""
PATIENCE = 900.0
"""Seconds for one model in one runtime."""


def _timed(store: Path, record: Record, runtime: str, threads: int, frames: int) -> Speed:
    job = Job("network", record.recipe.name, runtime, threads, size=str(record.frame), frames=frames, seconds=PATIENCE)
    found = run(replace(job, store=str(store)), SysfsHeat(), 2 * PATIENCE, lambda: None).found
    if found.times is None:
        raise SystemExit(f"{record.recipe.name} on {runtime}: {found.error}")
    times = found.times
    return Speed(
        version=importlib.metadata.version(runtime),
        frames=times.frames,
        median=round(times.p50, 2),
        least=round(times.least, 2),
        most=round(times.most, 2),
        peak_rss=found.peak_mib or 0.0,
    )


def measure(store: Path, record: Record, threads: int = THREADS, frames: int = FRAMES) -> Timing:
    """Time a released model in every runtime, one after the other, each in a process of its own."""
    load = os.getloadavg()[0]
    speeds = {runtime: _timed(store, record, runtime, threads, frames) for runtime in RUNTIMES}
    return Timing(Box.this().processor, threads, load, speeds)


def main(
    names: Annotated[list[str] | None, typer.Argument(help="models; all if left out")] = None,
    store: Annotated[Path, typer.Option(exists=True)] = STORE,
    threads: Annotated[int, typer.Option(min=1)] = THREADS,
    frames: Annotated[int, typer.Option(min=1, help="in each runtime")] = FRAMES,
    busy: Annotated[bool, typer.Option("--busy", help="measure although the machine has other work")] = False,
) -> None:
    """Measure and note."""
    if os.getloadavg()[0] > MOST_LOAD and not busy:
        raise SystemExit(f"the load average is {os.getloadavg()[0]:.2f}: wait until nothing else runs, or say --busy")
    for record in released(store, names):
        timing = measure(store, record, threads, frames)
        amend(store / record.recipe.name, timing=timing)
        for runtime, speed in timing.runtimes.items():
            spread = f"{speed.median:.1f} ms ({speed.least:.1f}..{speed.most:.1f}), {speed.peak_rss:.0f} MiB"
            typer.echo(f"{record.recipe.name} {runtime} {record.frame}: {spread}")


if __name__ == "__main__":
    typer.run(main)
