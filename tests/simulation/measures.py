"""What a simulation came to."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from edge_vsr.rung import SEGMENT_SECONDS, Rung
from tests.simulation.quality import quality
from tests.simulation.simulate import NEEDS, PLAYLIST_BYTES, Sent
from tests.simulation.traces import Trace

BUSY = 2000.0
"""kbit/s that a scene needs on the native rung which takes all that any link here has."""
MOST = BUSY * NEEDS[Rung.ENHANCED] + PLAYLIST_BYTES * 8 / 1000 / SEGMENT_SECONDS
"""kbit/s, what the busy scene takes super-resolved with playlists; what a link carries beyond is of no use."""


@dataclass(frozen=True)
class Measures:
    """Of one trace under one policy."""

    used: float
    """Share of what the link carried while segments were made; above 1, the rest came later."""
    changes: float
    """Of rung, a minute."""
    median: float
    """Seconds from the end of what a segment shows to its arrival."""
    most_often: float
    """The same, of 95 in 100 segments at most."""
    longest: float
    quality: float
    """PSNR-Y in dB over the time of which there are pictures at the far end, restored to the camera's size there."""
    lost: int
    """Segments that did not arrive."""


def measures(trace: Trace, sent: Sequence[Sent]) -> Measures:
    """Of all segments of a simulation of `trace`."""
    steps = int(trace.seconds / 2)
    carried = sum(min(trace.kbits(2 * step + 1.0), MOST) for step in range(steps)) / steps
    kbits = sum(one.spent * one.rung.seconds + PLAYLIST_BYTES * 8 / 1000 for one in sent) / trace.seconds
    delays = sorted(one.delay for one in sent if one.arrived is not None) or [0.0]
    changes = sum(before.rung is not after.rung for before, after in itertools.pairwise(sent))
    arrived = [one for one in sent if one.arrived is not None]
    seconds = sum(one.rung.seconds for one in arrived) or 1.0
    return Measures(
        used=kbits / carried,
        changes=60 * changes / trace.seconds,
        median=delays[len(delays) // 2],
        most_often=delays[int(0.95 * len(delays))],
        longest=delays[-1],
        quality=sum(quality(one.rung, one.spent) * one.rung.seconds for one in arrived) / seconds,
        lost=sum(one.arrived is None for one in sent),
    )
