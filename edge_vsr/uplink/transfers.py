"""What was sent, how fast, and how fast the link is by that. Pure."""

import math
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Delivered:
    """What the far end has acknowledged since the start."""

    count: int = 0
    bytes: int = 0
    frames: int = 0


@dataclass(frozen=True, slots=True)
class Transfer:
    """One acknowledged object."""

    bytes: int
    seconds: float
    began: float = 0.0
    """Monotonic seconds; transfers may overlap."""
    playlist: bool = False
    """The playlist, not a segment."""

    @property
    def kbits(self) -> float:
        """kbit/s."""
        return _kbits(self.bytes, self.seconds)


def throughput(transfers: Iterable[Transfer]) -> float:
    """kbit/s of all transfers together, by the time in which any of them was under way."""
    size, seconds, until = 0, 0.0, -math.inf
    for one in sorted(transfers, key=lambda transfer: transfer.began):
        size += one.bytes
        seconds += max(0.0, one.began + one.seconds - max(until, one.began))
        until = max(until, one.began + one.seconds)
    return _kbits(size, seconds)


def _kbits(size: int, seconds: float) -> float:
    # A transfer to a local disk can take less than the clock can tell.
    return size * 8 / 1000 / max(seconds, 1e-6)
