"""The processor: how many, and whether it multiplies INT8 quickly."""

import platform
from collections.abc import Iterator
from pathlib import Path

from edge_vsr.doctor.finding import Finding, error, note, ok
from edge_vsr.processor import int8_instructions
from edge_vsr.sr.engines import usable_cpus

_MACHINES = ("x86_64", "AMD64", "aarch64", "arm64")


def check_cpu(
    cpuinfo: Path = Path("/proc/cpuinfo"), machine: str | None = None, cpus: int | None = None
) -> Iterator[Finding]:
    """Architecture, number and INT8 instructions."""
    machine = machine or platform.machine()
    count = cpus or usable_cpus()
    if machine not in _MACHINES:
        yield error(
            "processor",
            f"{machine} has no build of the runtimes",
            "install a 64-bit system; a Raspberry Pi 3 or newer can",
        )
        return
    fast = next(int8_instructions(_text(cpuinfo)), None)
    text = f"{count} x {machine}"
    if fast:
        yield ok("processor", f"{text}, INT8 by {fast}")
    else:
        yield note(
            "processor", f"{text}, without INT8 dot products: the network is several times slower than with them"
        )


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8", "replace")
    except OSError:
        return ""
