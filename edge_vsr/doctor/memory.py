"""Memory: what is free, and what the kernel holds for cameras."""

from collections.abc import Iterator
from pathlib import Path

from edge_vsr.doctor.finding import Finding, note, ok, warning
from edge_vsr.memory import MIB, Machine, in_mib

COMFORTABLE = 512 * MIB
LEAST_CMA_FREE = 32 * MIB
"""A camera's buffers at 1080p, a few frames of them."""


def check_memory(machine: Machine | None = None) -> Iterator[Finding]:
    """Free memory within the control groups, and the contiguous memory (CMA) that picamera2's buffers come from."""
    machine = machine or Machine()
    usable = machine.usable()
    if usable is None:
        yield note("memory", "unknown on this system")
    elif usable < COMFORTABLE:
        yield warning(
            "memory",
            f"{in_mib(usable, up=False)} may be used",
            "give --memory, a small --model, or --sr off; stop other programs",
        )
    else:
        yield ok("memory", f"{in_mib(usable, up=False)} may be used")
    total, free = _cma(machine.proc / "meminfo")
    if total is None or free is None:
        return
    if free < LEAST_CMA_FREE < total:
        yield warning(
            "CMA",
            f"{in_mib(free, up=False)} of {in_mib(total)} free: a camera may not start",
            "close programs that use the camera, or boot with cma=256M",
        )
    elif total:
        yield ok("CMA", f"{in_mib(free, up=False)} of {in_mib(total)} free")


def _cma(meminfo: Path) -> tuple[int | None, int | None]:
    """Bytes, total and free; None where the kernel has none."""
    try:
        lines = dict(line.split(":", 1) for line in meminfo.read_text("ascii", "replace").splitlines() if ":" in line)
        total, free = (int(lines[name].split()[0]) * 1024 for name in ("CmaTotal", "CmaFree"))
    except (OSError, KeyError, ValueError, IndexError):
        return None, None
    return (total, free) if total else (None, None)
