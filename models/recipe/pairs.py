"""One example: a picture at both resolutions."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Luma = NDArray[np.uint8]


@dataclass(frozen=True)
class Pair:
    """What the network gets, and what it should make of it."""

    low: Luma
    high: Luma
    scene: bool = False
    """Whether it is made of a picture, or of text alone, for what training pictures lack."""
