"""The bit rates that make sense on each rung."""

from collections.abc import Mapping
from dataclasses import dataclass

from edge_vsr.rung import Rung

FLOOR = 4.0
"""kbit/s under which no encoder is asked to go."""
LEAST_BITS = {Rung.LOW: 0.015, Rung.NATIVE: 0.03, Rung.ENHANCED: 0.06}
"""A luma sample, on average. `low` goes down to what blurs: below it there are only stills. `native` begins where it is
better than what is restored of half the size at the same rate: that is from 0.004 on for a quiet scene to 0.045 for a
busy one (docs/quality.md), which is no worse than a little at 0.03, and better than `low` by far where little moves."""
MOST_BITS = 0.48
"""A luma sample. The next rung has four times the samples, and begins at half of what this one ends with or below: who
falls from it for a moment goes on with the bits that the link has."""
CONTAINER_MARGIN = 2.0
"""A moving picture wants at least as many bits as its container takes."""


@dataclass(frozen=True, slots=True)
class Range:
    """In kbit/s of the whole segment: below, the rung underneath shows more; above, nothing is gained."""

    least: float
    most: float


Ranges = Mapping[Rung, Range]
"""Of every rung; the least does not fall from one to the next."""


def ranges_for(samples: Mapping[Rung, float], container_kbits: float) -> Ranges:
    """Of moving pictures with so many luma `samples` a second on each rung, in a container that takes so much of it,
    and of stills."""
    ranges: dict[Rung, Range] = {}
    least = CONTAINER_MARGIN * container_kbits
    for rung, bits in LEAST_BITS.items():
        least = max(least, bits * samples[rung] / 1000, FLOOR)
        ranges[rung] = Range(least, max(MOST_BITS * samples[rung] / 1000, 2 * least))
    return {Rung.STILL: Range(FLOOR, ranges[Rung.LOW].least), **ranges}
