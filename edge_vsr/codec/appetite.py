"""Quality for a segment by what those before took: rate control for an encoder that has none without delay. Pure.

Bits fall by half for every few steps of the constant rate factor (CRF), whatever the scene. So one figure tells of it
all: what a scene takes at the coarsest quality.
"""

import math

from edge_vsr.frame import Size

FINEST, COARSEST = 32, 63
"""CRF, of SVT-AV1. Finer than the first nobody sees; it has none that is coarser than the last."""
HALVING = 10.5
"""Steps of CRF for half the bits: 9 to 12 on demo camera and clips."""
KEYFRAME_BITS = 0.3
"""A luma sample of a keyframe, at the coarsest quality: a busy scene's."""
OTHER_BITS = 0.003
"""A luma sample of the other pictures."""
AIM = 0.95
"""Of the bits that a segment may take."""
LEAST_AIM = 0.25
"""Of the same, where segments before took too much."""
LEAST_APPETITE = 0.01
"""kbit/s: a picture without anything in it."""


def usual_appetite(size: Size, rate: float, seconds: float) -> float:
    """kbit/s at COARSEST of a scene that nobody knows: frames of `size`, `rate` a second, a keyframe each `seconds`."""
    samples = size.width * size.height
    return samples * (KEYFRAME_BITS / seconds + OTHER_BITS * rate) / 1000


def crf_for(kbits: float, appetite: float, fullness: float) -> int:
    """FINEST..COARSEST, for a segment that may take `kbits` on average. `fullness` is the share of a segment's bits
    that the ones before left: 1 for all, negative for a debt."""
    wanted = kbits * AIM * max(LEAST_AIM, (1 + min(fullness, 1.0)) / 2)
    crf = COARSEST - HALVING * math.log2(wanted / max(appetite, LEAST_APPETITE))
    return min(COARSEST, max(FINEST, math.ceil(crf)))


def appetite_after(before: float, kbits: float, crf: int) -> float:
    """kbit/s at COARSEST, of a scene whose last segment took `kbits` at `crf`. More is believed at once, less half."""
    found = max(LEAST_APPETITE, kbits * 2 ** ((crf - COARSEST) / HALVING))
    return found if found > before else (before + found) / 2
