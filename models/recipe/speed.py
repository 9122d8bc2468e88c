"""How fast released models are here: `python -m models.recipe.speed [NAME...]`.

Milliseconds for one luma frame that becomes 1920x1080, in both runtimes, and the memory that it takes. Written to the
models' records; the cards follow with `python -m models.recipe.card`. For a quiet machine.
"""

import json
import os
import platform
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from edge_vsr.sr.engines import RUNTIMES
from models.recipe.record import STORE, Record, Speed, Timing, amend, released

THREADS = 2
FRAMES = 60
MOST_LOAD = 0.5
"""Load average of a machine that has nothing else to do."""
CPUINFO = Path("/proc/cpuinfo")
FAST_INT8 = {"avx512_vnni": "AVX-512 VNNI", "avx_vnni": "AVX-VNNI", "amx_int8": "AMX", "asimddp": "dot products"}
"""Flags of processors with instructions that the runtimes are fast by, and their names."""


def processor(cpuinfo: str) -> str:
    """The processor's name and what it has for INT8, from the text of /proc/cpuinfo."""
    known = {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in cpuinfo.splitlines())}
    flags = (known.get("flags") or known.get("Features") or "").split()
    abilities = [name for flag, name in FAST_INT8.items() if flag in flags]
    model = known.get("model name") or platform.machine()
    return " with ".join(part for part in (model, " and ".join(abilities)) if part)


def _timed(store: Path, record: Record, runtime: str, threads: int, frames: int) -> Speed:
    command = [sys.executable, "-m", "models.recipe.stopwatch"]
    command += [str(store), record.recipe.name, runtime, str(record.frame)]
    command += ["--threads", str(threads), "--frames", str(frames)]
    return Speed(**json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout))


def measure(store: Path, record: Record, threads: int = THREADS, frames: int = FRAMES) -> Timing:
    """Time a released model in every runtime, one after the other, each in a process of its own."""
    load = os.getloadavg()[0]
    speeds = {runtime: _timed(store, record, runtime, threads, frames) for runtime in RUNTIMES}
    return Timing(processor(CPUINFO.read_text()), threads, load, speeds)


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
