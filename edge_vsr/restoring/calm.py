"""Luma that settles without a flicker.

Each frame looks ahead to others than the one before, so what stands still changes a little all the time. Changes of a
few levels are gone along with by half, and shown once they are most of a level.
"""

import numpy as np
from numpy.typing import NDArray

from edge_vsr.frame import Plane
from edge_vsr.restoring.steady import BAND, FINE, change_around

SMALL = 2
"""Levels; a change of more, of a sample or one beside it, is shown at once."""
SHOWN = 3 * FINE // 4
"""Steps of a level, of FINE, that what is known must have changed by to be shown."""
CALM_BYTES = 6
"""A luma sample: what is known and shown, and how much changes."""


class Calm:
    """From frame to frame of a video. Used by one thread."""

    def __init__(self) -> None:
        self._shown: Plane | None = None
        self._known: NDArray[np.int16] | None = None

    def luma(self, coded: Plane, settled: Plane) -> Plane:
        """`settled`, slowly; at once where there is nothing before it, or it is what was `coded` because all moves."""
        shown, known = self._shown, self._known
        if settled is coded:
            self._shown = self._known = None
            return settled
        if shown is None or known is None or shown.shape != settled.shape:
            self._shown, self._known = settled, settled.astype(np.int16) * np.int16(FINE)
            return settled
        small = change_around(settled, shown) <= SMALL
        made = np.empty_like(settled)
        for top in range(0, len(settled), BAND):
            band = slice(top, top + BAND)
            made[band] = _step(known[band], shown[band], settled[band], small[band])
        self._shown = made
        return made


def _step(known: NDArray[np.int16], shown: Plane, settled: Plane, small: NDArray[np.bool_]) -> Plane:
    """What is shown next; `known` becomes what is known then."""
    wanted = settled.astype(np.int16) * np.int16(FINE)
    known[:] = np.where(small, known + (wanted - known) // 2, wanted)
    stays = small & (np.abs(known - shown.astype(np.int16) * np.int16(FINE)) <= SHOWN)
    return np.where(stays, shown, (known + FINE // 2) // FINE).astype(np.uint8)
