"""The processor: how many, and whether it multiplies INT8 quickly."""

import platform
from collections.abc import Iterator
from pathlib import Path

from edge_vsr.doctor.finding import Finding, error, note, ok
from edge_vsr.sr.engines import usable_cpus

_DOT_PRODUCTS = {
    "amx_int8": "AMX",
    "avx512_vnni": "AVX-512 VNNI",
    "avx_vnni": "AVX VNNI",
    "i8mm": "I8MM",
    "asimddp": "the dot product of ARMv8.2",
}
"""Flags of /proc/cpuinfo, best first."""
_MACHINES = ("x86_64", "AMD64", "aarch64", "arm64")


def check_cpu(
    cpuinfo: Path = Path("/proc/cpuinfo"), machine: str | None = None, cpus: int | None = None
) -> Iterator[Finding]:
    """Architecture, number and INT8 instructions."""
    machine = machine or platform.machine()
    flags = _flags(cpuinfo)
    count = cpus or usable_cpus()
    if machine not in _MACHINES:
        yield error(
            "processor",
            f"{machine} has no build of the runtimes",
            "install a 64-bit system; a Raspberry Pi 3 or newer can",
        )
        return
    fast = next((name for flag, name in _DOT_PRODUCTS.items() if flag in flags), None)
    text = f"{count} x {machine}"
    if fast:
        yield ok("processor", f"{text}, INT8 by {fast}")
    else:
        yield note(
            "processor", f"{text}, without INT8 dot products: the network is several times slower than with them"
        )


def _flags(cpuinfo: Path) -> frozenset[str]:
    try:
        lines = cpuinfo.read_text("utf-8", "replace").splitlines()
    except OSError:
        return frozenset()
    found = (line.partition(":")[2] for line in lines if line.startswith(("flags", "Features")))
    return frozenset(next(found, "").split())
