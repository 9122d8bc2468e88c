"""Dates of what was made before the machine knew the date."""

from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Self

from edge_vsr.clock import Clock
from edge_vsr.segment import YEAR_10000, SegmentInfo

JUMP = 1.0
"""Seconds; a smaller difference is not the date becoming known."""
KNOWN = 1_767_225_600.0
"""2026-01-01; a clock that shows less was never set."""


@cache
def boot_id() -> str:
    """Which start of this machine it is; empty where the system does not tell."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ""


@dataclass(frozen=True, slots=True)
class Moment:
    """One moment on all clocks of the machine."""

    boot: str
    """See `boot_id`."""
    uptime: float
    """Seconds since the machine started."""
    wall: float
    """Seconds since 1970-01-01 UTC, as far as the machine knows."""

    @classmethod
    def of(cls, clock: Clock) -> Self:
        return cls(boot_id(), clock.uptime(), clock.wall())


def dated(info: SegmentInfo, now: Moment) -> SegmentInfo:
    """`info` with the date that is known of it now: moved by what the date has jumped since, if the machine was not
    started anew in between."""
    start = now.wall - (now.uptime - info.uptime)
    same = info.boot and info.boot == now.boot
    if not same or abs(start - info.start) < JUMP or not 0.0 <= start < YEAR_10000:
        return info
    return replace(info, start=start)


def age(info: SegmentInfo, now: Moment) -> float:
    """Seconds since `info` was made, at the least: never more because of a date that was not known."""
    if info.boot and info.boot == now.boot:
        return max(0.0, now.uptime - info.uptime)
    if min(info.start, now.wall) < KNOWN:
        return 0.0
    return max(0.0, now.wall - info.start)
