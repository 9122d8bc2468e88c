"""What was measured on: the processor, its abilities, and what is installed."""

import os
import platform
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from edge_vsr import __version__
from edge_vsr.memory import MIB, Machine
from edge_vsr.processor import int8_instructions, model, table
from edge_vsr.sr.engines import installed_runtimes, usable_cpus

_BOARDS = ("firmware/devicetree/base/model", "devices/virtual/dmi/id/product_name")


@dataclass(frozen=True, slots=True)
class Box:
    """One machine, as far as its speed depends on it."""

    processor: str
    board: str
    cpus: int
    """That this process may run on."""
    memory_mib: int
    system: str
    emulated: bool
    """Under an emulator of another processor: what is measured there is no speed."""
    version: str = __version__
    """Of edge-vsr."""
    runtimes: Mapping[str, str] = field(default_factory=dict)
    """Versions of those that are installed."""

    @classmethod
    def this(cls, proc: Path = Path("/proc"), sys: Path = Path("/sys")) -> Self:
        """The one that this runs on."""
        cpuinfo = _text(proc / "cpuinfo")
        return cls(
            processor=processor(cpuinfo),
            board=next(filter(None, (_text(sys / place).strip("\0 \n") for place in _BOARDS)), ""),
            cpus=usable_cpus(),
            memory_mib=Machine(proc=proc).installed() // MIB,
            system=f"{platform.system()} {platform.release()} {platform.machine()}",
            emulated=is_emulated(platform.machine(), cpuinfo, _text(proc / "sys/kernel/arch")),
            runtimes={name: _version(name) for name in installed_runtimes()},
        )


def processor(cpuinfo: str) -> str:
    """The processor's name and what it has for INT8, from the text of /proc/cpuinfo."""
    parts = model(cpuinfo) or platform.machine(), " and ".join(int8_instructions(cpuinfo))
    return " with ".join(filter(None, parts))


def processor_here(proc: Path = Path("/proc")) -> str:
    """That of this machine."""
    return processor(_text(proc / "cpuinfo"))


def is_emulated(machine: str, cpuinfo: str, kernel: str) -> bool:
    """Whether this program is for another processor than the kernel's: an emulator in user mode translates it."""
    ours = _family(machine)
    told = _family(kernel.strip()) or ("x86" if "vendor_id" in table(cpuinfo) else "")
    return bool(ours and told) and ours != told


def _family(machine: str) -> str:
    if machine in {"x86_64", "AMD64", "i686", "i386"}:
        return "x86"
    return "arm" if machine.startswith(("aarch64", "arm")) else machine


def _version(package: str) -> str:
    # Imported here: it takes as long as numpy, and a run only wants the processor's name.
    from importlib.metadata import PackageNotFoundError, version

    with suppress(PackageNotFoundError):
        return version(package)
    return ""


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8", "replace")
    except OSError:
        return ""


def load_average() -> float | None:
    """Processes that wanted a processor over the last minute; None where nothing tells."""
    try:
        return round(os.getloadavg()[0], 2)
    except OSError:
        return None
