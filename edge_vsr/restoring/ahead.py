"""Luma with what its codec knew a few frames later.

A coder spends bits on a scene bit by bit: where nothing moves, the last frame's luma is nearer to it than that of any
before, by 0.1 to 1.6 dB after four frames, and where something moves the next frames have been coded once more
(docs/quality.md). Who restores what has arrived knows the frames that follow, so they are gone through from the last to
the first, and each is refined by the one behind it (`refine`), which has been refined itself.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from edge_vsr.errors import EdgeVsrError
from edge_vsr.frame import Frame, Plane
from edge_vsr.restoring.flow import FLOW_BYTES, Flow, Follower, Levels
from edge_vsr.restoring.refine import REFINING_BYTES, refined, stands

CHUNK, AHEAD = 16, 8
"""Frames that are given at a time, and at least so many, if there are, that are known behind each."""
WAITING = CHUNK + AHEAD
"""Frames that wait."""
BESIDE_WAITING = WAITING * FLOW_BYTES + CHUNK + REFINING_BYTES
"""Bytes a luma sample that are held beside the frames that wait."""


def looking_ahead(frames: Iterable[Frame]) -> Iterator[Frame]:
    """The same frames, each with what is better of those behind it in its group; as many late as are waited for.

    Raises what `frames` raises, once all that came before is given.
    """
    waiting = _Waiting()
    try:
        for frame in frames:
            waiting.add(frame)
            if len(waiting) == WAITING:
                yield from waiting.take(CHUNK)
    except EdgeVsrError:
        yield from waiting.take(WAITING)
        raise
    yield from waiting.take(WAITING)


@dataclass(frozen=True, slots=True, eq=False)
class _Link:
    """From one frame to the next of its group."""

    flow: Flow | None
    """None where nothing moves."""
    step: float
    """Of the quantizer, in levels."""


class _Waiting:
    """Frames in a row, and what leads from each to the next; None where nothing does."""

    def __init__(self) -> None:
        self._follower = Follower()
        self._frames: list[Frame] = []
        self._links: list[_Link | None] = []
        self._last: tuple[Plane, Plane] | None = None

    def __len__(self) -> int:
        return len(self._frames)

    def add(self, frame: Frame) -> None:
        if self._frames:
            self._links[-1] = self._link(self._frames[-1], frame)
        self._frames.append(frame)
        self._links.append(None)

    def _link(self, now: Frame, later: Frame) -> _Link | None:
        """The next keyframe begins anew, and coarser."""
        if now.group is None or later.group is not now.group or later.size != now.size:
            return None
        step = now.group.step
        return _Link(None if stands(now.y, later.y, step) else self._follower.flow(now.y, later.y), step)

    def take(self, count: int) -> Iterator[Frame]:
        """The first `count` frames, or all, refined by those behind them."""
        lumas = self._refined(count)
        taken, self._frames, self._links = self._frames[:count], self._frames[count:], self._links[count:]
        for frame, luma in zip(taken, lumas, strict=True):
            # A freeze, whose frames have one plane, stays one.
            if self._last is None or self._last[0] is not frame.y:
                self._last = frame.y, luma
            shown = self._last[1]
            yield frame if shown is frame.y else replace(frame, y=shown)

    def _refined(self, count: int) -> list[Plane]:
        lumas: list[Plane] = []
        known: Levels | None = None
        for place in reversed(range(len(self._frames))):
            now, link = self._frames[place].y, self._links[place]
            if link is None:
                known = None
            elif (later := self._frames[place + 1].y) is not now:
                known = refined(now, later.astype(np.float32) if known is None else known, link.flow, link.step)
            if place < count:
                lumas.append(now if known is None else _rounded(known))
        return lumas[::-1]


def _rounded(levels: Levels) -> Plane:
    return np.clip(np.rint(levels), 0, 255).astype(np.uint8)
