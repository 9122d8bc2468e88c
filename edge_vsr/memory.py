"""What this process holds, and what it may hold: the free memory of the machine and the limits of its control groups.

Control groups are read as Linux's cgroup v1 (memory controller) and v2 documentation describe them. On a system without
/proc nothing is known and nothing is limited.
"""

import ctypes
import gc
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

MIB = 1 << 20
SHARE = 0.75
"""Of the memory that is free, by default: others need some, too."""
LARGE = 4 * MIB
"""Bytes; whatever is as large goes back to the system as soon as it is freed."""
KEPT = 8 * MIB
"""Bytes that may stay free at the end of the C library's memory: smaller planes are freed and wanted again with every
frame, and the kernel would clear their pages each time. Those of larger ones are huge, where it has such."""

_UNITS = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}
_SIZE = re.compile(r"(\d{1,15}(?:\.\d{1,6})?)([KMGT]?)(?:iB|B)?", re.ASCII | re.IGNORECASE)
TRIM_THRESHOLD, TOP_PAD, MMAP_THRESHOLD, ARENA_MAX = -1, -2, -3, -8
"""Parameters of mallopt(3)."""


def parse_bytes(text: str) -> int:
    """Read "256M", "1.5G" or "262144"; units are powers of 1024. Raises ValueError with a message for the user."""
    found = _SIZE.fullmatch(text.strip())
    size = int(float(found[1]) * _UNITS[found[2].upper()]) if found else 0
    if size < 1:
        raise ValueError(f"{text!r} is not a size of memory, such as 256M, 1.5G or 268435456")
    return size


def in_mib(size: int, *, up: bool = True) -> str:
    """`size` bytes as `parse_bytes` reads them, rounded up or down."""
    return f"{-(-size // MIB) if up else size // MIB}M"


@dataclass(frozen=True, slots=True)
class Machine:
    """Where the kernel tells of memory; tests have folders of their own."""

    proc: Path = Path("/proc")
    cgroups: Path = Path("/sys/fs/cgroup")

    def resident(self) -> int:
        """Bytes of this process in memory, libraries and other mapped files included."""
        return _table(self.proc / "self" / "status").get("VmRSS", 0)

    def peak(self) -> int:
        """The most bytes that this process has had in memory. What `getrusage` says begins with the parent's."""
        return _table(self.proc / "self" / "status").get("VmHWM", 0)

    def installed(self) -> int:
        """Bytes of memory that the machine has; 0 if nothing says."""
        return _table(self.proc / "meminfo").get("MemTotal", 0)

    def usable(self) -> int | None:
        """Bytes that this process may come to hold, what it holds already included; None if nothing says."""
        held = self.resident()
        free = _table(self.proc / "meminfo").get("MemAvailable")
        bounds = [] if free is None else [held + int(free * SHARE)]
        for limit, in_use in self._limits():
            bounds.append(min(limit, held + max(0, limit - in_use)))
        return min(bounds, default=None)

    def _limits(self) -> Iterator[tuple[int, int]]:
        """Of each control group around this process, in bytes: its limit, and what is in use and not to be had back."""
        for line in _lines(self.proc / "self" / "cgroup"):
            hierarchy, controllers, path = [*line.split(":", 2), "", ""][:3]
            if "memory" in controllers.split(","):
                yield from _limits(self.cgroups / "memory", path, "memory.limit_in_bytes", "memory.usage_in_bytes")
            elif (hierarchy, controllers) == ("0", ""):
                # Beside v1's hierarchies v2 has a folder of its own.
                for root in (self.cgroups, self.cgroups / "unified"):
                    yield from _limits(root, path, "memory.max", "memory.current")


def return_freed_memory() -> None:
    """Make the C library give large blocks back as soon as they are freed, instead of keeping them for the next.

    glibc raises its threshold with every large block that is freed, up to 32 MiB; below that a network's tensors of
    changing sizes leave gaps that hold several times what is in use. Elsewhere this does nothing.
    """
    set_allocator({MMAP_THRESHOLD: LARGE, TRIM_THRESHOLD: KEPT, ARENA_MAX: 2})


def set_allocator(parameters: Mapping[int, int]) -> None:
    """Set the C library's own for this process, by mallopt(3); where it is not glibc this does nothing."""
    with suppress(OSError, AttributeError):
        mallopt = _c_library().mallopt
        for parameter, value in parameters.items():
            mallopt(parameter, value)


def return_small_blocks() -> None:
    """Free what keeps itself alive, and give back what the C library keeps of small blocks that were freed, which takes
    some milliseconds.

    By itself Python looks for circles of objects when there are a quarter more of them than before, which in a run is
    after hours, and glibc gives back only what lies at the end of its memory: where encoders and cameras come and go,
    both grow. Elsewhere than with glibc the second is left out.
    """
    gc.collect()
    with suppress(OSError, AttributeError):
        _c_library().malloc_trim(0)


@cache
def _c_library() -> ctypes.CDLL:
    # Each one made anew is garbage that only a collection finds.
    return ctypes.CDLL(None)


def _limits(root: Path, path: str, limit: str, usage: str) -> Iterator[tuple[int, int]]:
    # A container may see its own group as the root, though its path is the host's.
    group = root / path.lstrip("/")
    for folder in (group, *group.parents):
        if not folder.is_relative_to(root):
            return
        most, used = _number(folder / limit), _number(folder / usage)
        if most is not None:
            stat = _table(folder / "memory.stat")
            files = stat.get("total_inactive_file", stat.get("inactive_file", 0))
            yield most, max(0, (used or 0) - files)


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text("utf-8", "replace").splitlines()
    except OSError:
        return []


def _number(path: Path) -> int | None:
    """None where there is no such file, or no limit in it."""
    text = "".join(_lines(path)).strip()
    return int(text) if text.isdecimal() else None


def _table(path: Path) -> dict[str, int]:
    """Names to bytes, of lines such as "MemAvailable: 1024 kB" and "inactive_file 4096"."""
    table = {}
    for line in _lines(path):
        name, number, *unit = [*line.replace(":", " ").split(), "", ""][:3]
        if number.isdecimal():
            table[name] = int(number) * (1024 if unit == ["kB"] else 1)
    return table
