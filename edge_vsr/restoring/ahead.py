"""Luma that stands still, as its codec has it a few frames later.

A coder spends bits on what stands still bit by bit: the last frame's luma is nearer to the scene than that of any
before it, and nearer than their mean, by 0.1 to 1.6 dB after four frames (docs/quality.md). Who restores what has
arrived knows the frames that follow, so each frame is shown with the luma that they will have where nothing moves.

Whether anything moves is told by cells: what only becomes finer differs by less than the quantizer had rounded away,
and by far less in the mean of the cell. Should something move all the same, no sample changes by more than half of the
quantizer's step, which is what rounding can have made of it.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_vsr.errors import EdgeVsrError
from edge_vsr.frame import Frame, Plane
from edge_vsr.restoring.calm import CALM_BYTES, Calm
from edge_vsr.restoring.steady import BAND

AHEAD = 2, 4, 8
"""Frames to look ahead. What has moved in one of them is not looked for in those behind it."""
WAITING = AHEAD[-1]
"""Frames that wait."""
CELL = 8
"""Side in luma samples."""
MEAN, EACH = 1 / 40, 1 / 8
"""Steps of the quantizer that a cell's mean, and its samples in the mean, may differ by; it is not taken at all from
twice as much on."""
MOVING, FIXED = 0.3, 0.5
"""Share of the cells that stand still: with less the camera moves, and what seems to stand still has only nothing to
tell it by; with more it is fixed."""
MOST = 1 / 2
"""Steps that a sample may change by."""
MEAN_REACH, EACH_REACH = 1.0, 0.5
"""Cells around that have a say (standard deviation)."""
WHOLE = 128
"""Of a share: what 255 levels times it fits into 16 bits."""
BESIDE_WAITING = 2 + CALM_BYTES
"""Bytes a luma sample that are held beside the frames that wait."""

Cells = NDArray[np.float32]


def looking_ahead(frames: Iterable[Frame]) -> Iterator[Frame]:
    """The same frames, each with what is better of those behind it; as many late as it looks ahead.

    Raises what `frames` raises, once all that came before is given.
    """
    waiting: deque[Frame] = deque()
    held = _Held()
    try:
        for frame in frames:
            waiting.append(frame)
            if len(waiting) > WAITING:
                yield held.shown(waiting)
    except EdgeVsrError:
        yield from held.rest(waiting)
        raise
    yield from held.rest(waiting)


class _Held:
    """Takes frames from a queue. A freeze, whose frames have one plane, stays one."""

    def __init__(self) -> None:
        self._calm = Calm()
        self._coded: Plane | None = None
        self._shown: Plane | None = None

    def shown(self, waiting: deque[Frame]) -> Frame:
        if self._shown is None or waiting[0].y is not self._coded:
            self._coded = waiting[0].y
            self._shown = self._calm.luma(self._coded, settled(waiting))
        first = waiting.popleft()
        return first if self._shown is first.y else replace(first, y=self._shown)

    def rest(self, waiting: deque[Frame]) -> Iterator[Frame]:
        while waiting:
            yield self.shown(waiting)


def settled(frames: Sequence[Frame]) -> Plane:
    """The first one's luma, with that of those of its group behind it wherever nothing moves until then; the very same
    plane if that is nowhere, or its group is not known. The next keyframe begins anew, and coarser."""
    first = frames[0]
    luma, group = first.y, first.group
    if group is None:
        return luma
    still: Cells = np.ones(_grid(luma), np.float32)
    mean = _by_cells(luma)
    for later in (frames[number] for number in AHEAD if number < len(frames)):
        if later.group is not group or later.size != first.size:
            break
        still = np.minimum(still, _still(first.y, mean, later.y, group.step))
        if not still.any():
            break
        luma = _mixed(luma, first.y, later.y, round(MOST * group.step), still)
    return luma


def _still(y: Plane, mean: Cells, later: Plane, step: float) -> Cells:
    """Of each cell, 0 for what has moved to 1 for what has not."""
    in_the_mean = np.abs(_around(_by_cells(later) - mean, MEAN_REACH))
    each = _around(_by_cells(cv2.absdiff(y, later)), EACH_REACH)
    still = np.minimum(_less(in_the_mean, MEAN * step), _less(each, EACH * step))
    fixed = (float(still.mean()) - MOVING) / (FIXED - MOVING)
    return still * np.float32(np.clip(fixed, 0, 1))


def _around(cells: Cells, reach: float) -> Cells:
    return np.asarray(cv2.GaussianBlur(cells, (0, 0), reach), np.float32)


def _less(difference: Cells, limit: float) -> Cells:
    return np.asarray(np.clip(2 - difference / limit, 0, 1), np.float32)


def _grid(luma: Plane) -> tuple[int, int]:
    rows, columns = luma.shape
    return -(-rows // CELL), -(-columns // CELL)


def _by_cells(luma: NDArray[Any]) -> Cells:
    """Means."""
    rows, columns = _grid(luma)
    return np.asarray(cv2.resize(luma.astype(np.float32), (columns, rows), interpolation=cv2.INTER_AREA), np.float32)


def _mixed(luma: Plane, y: Plane, later: Plane, most: int, share: Cells) -> Plane:
    """`luma` with its `share` of `later`, as far as that is within `most` levels of `y`."""
    weight = cv2.resize(np.rint(share * WHOLE).astype(np.uint8), luma.shape[::-1], interpolation=cv2.INTER_LINEAR)
    made = np.empty_like(luma)
    for top in range(0, len(luma), BAND):
        band = slice(top, top + BAND)
        before, coded, after, part = (x[band].astype(np.int16) for x in (luma, y, later, weight))
        after = np.clip(after, coded - most, coded + most)
        made[band] = before + ((after - before) * part + WHOLE // 2) // WHOLE
    return made
