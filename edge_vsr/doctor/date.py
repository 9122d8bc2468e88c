"""Whether the date is known: names and certificates depend on it."""

import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from edge_vsr.doctor.finding import Finding, note, ok, warning

SYNCHRONIZED = Path("/run/systemd/timesync/synchronized")
BUILT = 1_767_225_600.0
"""2026-01-01 UTC: no date before this one is right."""


def check_date(
    wall: Callable[[], float] = time.time, marker: Path = SYNCHRONIZED, ask: Callable[[], str] | None = None
) -> Iterator[Finding]:
    """systemd-timesyncd leaves a marker; chrony and others are asked for through timedatectl."""
    now = time.strftime("%Y-%m-%d %H:%M:%SZ", time.gmtime(wall()))
    if wall() < BUILT:
        yield warning("date", f"{now} cannot be right; certificates will not be valid", "sudo timedatectl set-ntp true")
    elif marker.exists() or (ask or _timedatectl)() == "yes":
        yield ok("date", f"{now}, synchronized")
    else:
        yield note("date", f"{now}; nothing says that it is synchronized", "sudo timedatectl set-ntp true")


def _timedatectl() -> str:
    try:
        return subprocess.run(
            ["timedatectl", "show", "-p", "NTPSynchronized", "--value"],  # noqa: S607
            capture_output=True, text=True, timeout=5, check=False,
        ).stdout.strip()  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return ""
