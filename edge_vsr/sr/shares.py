"""What the attention decided, to be applied again without asking it.

The attention looks at the whole frame; what it decides changes slowly on a camera that stands still. Frozen, its shares
leave the network with nothing that sees farther than the halos.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

import numpy as np

from edge_vsr.sr.runtime import Codes

BITS = 8
"""A share is its code over 2 ** BITS."""


@dataclass(frozen=True, slots=True)
class Shares:
    """Of one frame."""

    channels: Codes
    """(1, channels, 1, 1)."""
    positions: Codes
    """(1, 1, rows, columns), or those of several parts, (parts, 1, rows, columns)."""

    def of(self, parts: Iterable[tuple[slice, slice]]) -> Self:
        """Those of parts of the frame, all of one size."""
        return type(self)(self.channels, np.concatenate([self.positions[..., *part] for part in parts]))

    def attend(self, features: Codes) -> Codes:
        """Features (parts, channels, rows, columns) to attended ones, the same bytes as the attention's own."""
        return _product(_product(features, self.channels), self.positions)


def _product(codes: Codes, shares: Codes) -> Codes:
    """`codes` times `shares`, rounded half to even as the graphs' quantizers round."""
    wide = np.multiply(codes, shares, dtype=np.uint16)
    odd = (wide >> BITS) & 1
    wide += odd
    wide += (1 << BITS - 1) - 1
    wide >>= BITS
    return wide.astype(np.uint8)
