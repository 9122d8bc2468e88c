"""Which tiles are run when not all fit into a frame's time. Pure."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from edge_vsr.sr.changes.grid import Change, Mask

LONGEST_WAIT = 1.0
"""Seconds that a changed tile may wait."""
AGEING = 0.25
"""Seconds of waiting that count as much as changing once more."""

Waits = NDArray[np.float64]
"""(rows, columns) of tiles, seconds since each was found changed; negative for those that are as they should be."""


def scheduled(change: Change, waits: Waits, fits: Callable[[Mask], bool]) -> Mask:
    """Of the tiles that wait, as many as fit, the most changed and the oldest first; those that waited LONGEST_WAIT in
    any case.

    A tile's rank is its change times its age, so that neither is starved by the other. The number is found by
    bisection: `fits` is asked about the logarithm of it.
    """
    waiting = waits >= 0
    if fits(waiting):
        return waiting
    due = waiting & (waits >= LONGEST_WAIT)
    rank = np.where(waiting, (change + 1.0) * (1.0 + waits / AGEING), -1.0)
    order = np.argsort(-rank, axis=None, kind="stable")

    def first(count: int) -> Mask:
        chosen = due.copy()
        chosen.flat[order[:count]] = True
        return chosen

    least, most = 0, int(waiting.sum())
    while most - least > 1:
        middle = (least + most) // 2
        least, most = (middle, most) if fits(first(middle)) else (least, middle)
    # One at least: time that is too short for anything would stop everything until it is due.
    return first(max(1, least))
