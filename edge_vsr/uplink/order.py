"""Which segment goes next, and what the playlist may tell. Pure: what stands where in, a choice out."""

from collections.abc import Callable, Iterable, Sequence
from enum import Enum

from edge_vsr.segment import SegmentInfo


class Order(Enum):
    """What is sent first after an outage."""

    OLDEST = "oldest-first"
    NEWEST = "newest-first"
    """The live edge is back at once, and what was missed is filled in behind it."""


class Standing(Enum):
    """Where a segment stands."""

    WAITING = "waiting"
    SENDING = "sending"
    STORED = "stored"
    """The far end has it."""
    MISSING = "missing"
    """It was given up for room, or the far end does not take it."""


def next_to_send(names: Sequence[str], taken: Callable[[str], bool], order: Order) -> str | None:
    """The name to send next of `names`, which are oldest first; None if all are `taken`."""
    line = names if order is Order.OLDEST else reversed(names)
    return next((name for name in line if not taken(name)), None)


def tellable(line: Iterable[tuple[SegmentInfo, Standing]], order: Order) -> list[tuple[SegmentInfo, bool]]:
    """How the playlist goes on: segments and whether each is a gap.

    `line` is what comes behind the playlist's last entry, oldest first. The playlist keeps that order, so it waits
    for a segment that is on its way; oldest first, it waits for every segment that is still to be sent. It ends with
    one that is there.
    """
    told: list[tuple[SegmentInfo, bool]] = []
    there = 0
    for info, standing in line:
        if standing is Standing.SENDING or (standing is Standing.WAITING and order is Order.OLDEST):
            break
        told.append((info, standing is not Standing.STORED))
        if standing is Standing.STORED:
            there = len(told)
    return told[:there]
