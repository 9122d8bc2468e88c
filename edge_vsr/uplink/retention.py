"""What a spool gives up when it holds too much. Pure: what it holds and the time in, what has to go out."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from edge_vsr.dates import Moment, age
from edge_vsr.segment import SegmentInfo

STILL = "still"
"""The rung whose segments stay longest: one picture tells most for its bytes."""


@dataclass(frozen=True, slots=True)
class Kept:
    """One segment that waits."""

    info: SegmentInfo
    size: int
    """Bytes of its data."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a spool may hold; None for no bound."""

    bytes: int | None = None
    """Of segment data."""
    seconds: float | None = None
    """Age of the oldest segment."""


def surplus(kept: Sequence[Kept], bounds: Bounds, now: Moment) -> list[SegmentInfo]:
    """What of `kept`, oldest first, has to go: all that is too old, then the oldest that are no stills, then the
    oldest stills. The newest always stays."""
    gone = [one for one in kept[:-1] if bounds.seconds is not None and age(one.info, now) > bounds.seconds]
    if bounds.bytes is not None:
        old = {one.info.name for one in gone}
        left = [one for one in kept if one.info.name not in old]
        gone += _first(sum(one.size for one in left) - bounds.bytes, left[:-1])
    return [one.info for one in gone]


def room_for(size: int, kept: Sequence[Kept]) -> list[SegmentInfo]:
    """What of `kept`, oldest first, has to go for `size` bytes more; nothing if all of it would not do."""
    gone = _first(size, kept)
    return [one.info for one in gone] if sum(one.size for one in gone) >= size else []


def _first(size: int, kept: Sequence[Kept]) -> list[Kept]:
    """The first to go, until they come to `size` bytes or there are no more."""
    gone = []
    for one in _in_order(kept):
        if size <= 0:
            break
        gone.append(one)
        size -= one.size
    return gone


def _in_order(kept: Sequence[Kept]) -> Iterator[Kept]:
    yield from (one for one in kept if one.info.rung != STILL)
    yield from (one for one in kept if one.info.rung == STILL)
