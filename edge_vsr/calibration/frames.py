"""Which frames a model is calibrated with: few, and as different as can be.

Frames come one by one, and those are kept that lie farthest apart, by what 16x16 means of their luma say: where one too
many is there, one of the closest two goes. In the end they are put in farthest-first order (Gonzalez, "Clustering to
minimize the maximum intercluster distance", 1985), so that every part of the order is as diverse as it can be.
"""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_vsr.frame import Plane, Size

SIDE = 16
"""Of the descriptor."""
FLATTEST = 3.0
"""Standard deviation of luma, in levels, below which a frame shows nothing: not much more than a sensor's noise."""
LARGEST = Size(960, 540)
"""Of a larger frame a window: memory and time stay within bounds, and a network sees detail and not frames."""
CORNERS = ((0.5, 0.5), (0.0, 0.0), (1.0, 1.0), (0.0, 1.0), (1.0, 0.0))
"""Where windows are cut out, one after the other; shares of what there is to move."""
HELD_BACK_EVERY = 4

Descriptor = NDArray[np.float32]


class DiverseFrames:
    """At most so many of the frames that are offered. Memory is that of as many windows."""

    def __init__(self, most: int) -> None:
        """`most` is 2 or more."""
        self._most = most
        self._kept: list[Plane] = []
        self._seen: list[Descriptor] = []
        self._apart = np.zeros((0, 0))
        self.offered = 0
        self.flat = 0
        """Of them, not taken since they show nothing."""

    def __len__(self) -> int:
        return len(self._kept)

    def offer(self, luma: Plane) -> None:
        """Take `luma` if it adds something; a picture that is there already does not."""
        self.offered += 1
        if float(luma.std()) < FLATTEST:
            self.flat += 1
            return
        small = np.asarray(cv2.resize(luma, (SIDE, SIDE), interpolation=cv2.INTER_AREA), np.float32).ravel()
        apart = np.array([float(np.linalg.norm(small - other)) for other in self._seen])
        nearest = apart.min(initial=np.inf)
        if nearest == 0 or (len(self) == self._most and nearest <= self._closest()):
            return
        count = len(self)
        grown = np.full((count + 1, count + 1), np.inf)
        grown[:count, :count] = self._apart
        grown[count, :count] = grown[:count, count] = apart
        self._apart = grown
        self._kept.append(window(luma, self.offered))
        self._seen.append(small)
        if count == self._most:
            self._drop()

    def ordered(self) -> list[Plane]:
        """Each the farthest from all before it; the first two are the farthest apart."""
        if len(self) < 2:
            return list(self._kept)
        apart = np.where(np.isinf(self._apart), 0.0, self._apart)
        order = [int(apart.max(1).argmax())]
        while len(order) < len(self):
            nearest = apart[:, order].min(1)
            nearest[order] = -1
            order.append(int(nearest.argmax()))
        return [self._kept[i] for i in order]

    def _closest(self) -> float:
        return float(self._apart.min())

    def _drop(self) -> None:
        """Of the closest two the one that is closer to a third."""
        pair = np.unravel_index(int(self._apart.argmin()), self._apart.shape)
        gone = min((int(one) for one in pair), key=lambda one: np.partition(self._apart[one], 1)[1])
        del self._kept[gone], self._seen[gone]
        self._apart = np.delete(np.delete(self._apart, gone, 0), gone, 1)


def window(luma: Plane, number: int) -> Plane:
    """`luma` as an array of its own; of a large one a part, another one for the next number."""
    down, across = CORNERS[number % len(CORNERS)]
    height, width = min(luma.shape[0], LARGEST.height), min(luma.shape[1], LARGEST.width)
    top, left = int((luma.shape[0] - height) * down), int((luma.shape[1] - width) * across)
    return luma[top : top + height, left : left + width].copy()


def split(frames: Sequence[Plane]) -> tuple[list[Plane], list[Plane]]:
    """Frames to calibrate with, and every fourth, which is held back to measure on."""
    held_back = list(frames[HELD_BACK_EVERY - 1 :: HELD_BACK_EVERY])
    return [frame for i, frame in enumerate(frames) if i % HELD_BACK_EVERY != HELD_BACK_EVERY - 1], held_back
