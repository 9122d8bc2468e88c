"""What a network makes of frames that were coded coarsely, by how coarsely they were.

A network of coded pictures learnt from those of all quantizers. A place as small as it sees does not tell which of them
a frame comes from, so it does what is right in the mean of all: too little to what was coded coarsely, above all to
what is smooth. The decoder knows the quantizer. By its step, the smooth part of what the network added is added once
more; and who has the time shows the network its own result, made small, from which it goes on where it stopped.
"""

import math
from collections.abc import Callable

import cv2
import numpy as np

from edge_vsr.frame import Plane
from edge_vsr.sr.upscaler import enlarge

FINE, GAIN, MOST = 8.0, 0.45, 1.2
"""Up to which step, in levels, nothing is added once more; what share is, for each time that the step is twice as
large; and at most. These and the next three are what clips made of the recipe's training pictures want; docs/quality.md
has what they are worth."""
SMOOTH = 0.7
"""Standard deviation of the Gaussian that tells what is smooth, in samples of the coded frame."""
SURE, AGAIN = 11.3, 0.3
"""Up to which step the first result stands, and by how much of the way the second one changes it for each time that the
step is twice as large."""
REACH = 4
"""Standard deviations to which the Gaussian is taken."""
BAND = 64
"""Rows of the result that are worked on at a time."""
BESIDE_INPUT, BESIDE_RESULT = 1, 1
"""Bytes a luma sample that are held beside a frame and its result, and what `Steady` holds."""


def bolder(y: Plane, made: Plane, step: float) -> Plane:
    """`made`, which is `y` restored to so many times its size, with the smooth part of what was added amplified.

    Both are uint8; `step` is the quantizer's that `y` was coded with, in levels.
    """
    gain = min(MOST, GAIN * _octaves(step, FINE))
    if not gain:
        return made
    below = enlarge(y, made.shape[1], made.shape[0])
    deviation = SMOOTH * made.shape[0] / y.shape[0]
    reach = math.ceil(REACH * deviation)
    result = np.empty_like(made)
    for top in range(0, made.shape[0], BAND):
        first, end = max(0, top - reach), top + BAND
        seen = slice(first, end + reach)
        added = cv2.subtract(made[seen], below[seen], dtype=cv2.CV_32F)
        smooth = cv2.GaussianBlur(added, (2 * reach + 1, 2 * reach + 1), deviation)[top - first : end - first]
        cv2.addWeighted(made[top:end], 1, smooth, gain, 0, dst=result[top:end], dtype=cv2.CV_8U)
    return result


def once_more(made: Plane, restore: Callable[[Plane], Plane], scale: int, step: float) -> Plane:
    """`made`, changed by what `restore` makes of it where it is made `scale` times smaller; it is not asked where
    `step` is fine."""
    share = min(1.0, AGAIN * _octaves(step, SURE))
    if not share:
        return made
    small = cv2.resize(made, (made.shape[1] // scale, made.shape[0] // scale), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.addWeighted(restore(np.asarray(small, np.uint8)), share, made, 1 - share, 0), np.uint8)


def _octaves(step: float, above: float) -> float:
    return max(0.0, math.log2(step / above))
