"""Where the spool lies: room, and whether it can be written and survives a restart."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from edge_vsr.doctor.finding import Finding, error, ok, warning
from edge_vsr.uplink.folder import nearest

GB = 1e9
LITTLE = 1.5
"""So many times what the spool may take should be free: the system wants some, too."""


def check_disk(
    spool: Path,
    wanted: int,
    *,
    mounts: Path = Path("/proc/mounts"),
    free: Callable[[Path], int] = lambda place: shutil.disk_usage(place).free,
) -> Iterator[Finding]:
    """`spool` may not be there yet; `wanted` is the bytes that it may come to take."""
    place = nearest(spool)
    if not place.is_dir():
        yield error("disk", f"{place} is no folder", "give another --spool")
        return
    if not os.access(place, os.W_OK | os.X_OK):
        yield error("disk", f"{place} cannot be written", f"give another --spool, or run: sudo chown $USER {place}")
        return
    left = free(place)
    if left < wanted * LITTLE:
        yield warning(
            "disk",
            f"{left / GB:.1f} GB free at {place}, and the spool may take {wanted / GB:.1f}",
            f"--spool-mb {max(1, int(left / LITTLE / 1e6))}, or another --spool",
        )
    else:
        yield ok("disk", f"{left / GB:.1f} GB free at {place}")
    if _kind(place, mounts) in ("tmpfs", "ramfs"):
        yield warning(
            "spool", f"{place} is in memory: what waits is lost with the power", "give --spool a folder on a disk"
        )


def _kind(place: Path, mounts: Path) -> str:
    """Type of the file system below `place`, as /proc/mounts has it; empty if unknown."""
    try:
        lines = [line.split() for line in mounts.read_text("utf-8", "replace").splitlines()]
    except OSError:
        return ""
    above = [(Path(words[1].replace("\\040", " ")), words[2]) for words in lines if len(words) > 2]
    # A later mount covers an earlier one of the same place.
    return max(
        ((len(point.parts), n, kind) for n, (point, kind) in enumerate(above) if place.resolve().is_relative_to(point)),
        default=(0, 0, ""),
    )[2]
