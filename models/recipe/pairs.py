"""One example: a picture at both resolutions."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

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
    held: bool = False
    """Whether nothing that is trained on was made of the same picture."""


def keep(cache: Path, arrays: Mapping[str, Any]) -> None:
    """Write an .npz file, which is there whole or not at all: what is prepared for minutes may be interrupted."""
    partial = cache.with_suffix(".part.npz")
    np.savez(partial, allow_pickle=False, **arrays)
    partial.replace(cache)
