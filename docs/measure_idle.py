"""`python docs/measure_idle.py` prints what docs/policy.md tells of idle scenes, by rung and encoder.

The demo camera's first eight seconds, in which it stands still before traffic, and its first picture alone for as long,
with a sensor's noise and without.
"""

import itertools
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from edge_vsr.camera.pattern import DEMO_RATE, PatternCamera
from edge_vsr.clock import FakeClock
from edge_vsr.codec.kinds import X264, X265, Kind
from edge_vsr.frame import Frame
from edge_vsr.policy.cadence import Cut
from edge_vsr.rung import Rung
from edge_vsr.segment import Segment, SegmentNames
from edge_vsr.stages.encode import SegmentEncoder
from edge_vsr.stages.prepare import PreparedFrame, halved

SEGMENTS = 4
CEILING = 8000.0
"""kbit/s, that no scene here needs: what is measured is what the scene takes by itself."""
NOISE = 2.0
"""Standard deviation, in levels: a camera by day."""
NAMES = SegmentNames("20260101T000000Z", "000000")


@dataclass(frozen=True)
class Spent:
    kbits: float
    keyframes: float
    """Share of the bits in the first picture of each segment."""
    seconds: float
    """Of processors, for a second of video."""


def main() -> None:
    moving = list(frames())
    scenes = {
        "traffic": moving,
        "nothing moves, noise": list(noisy(moving)),
        "nothing moves": [replace(moving[0], number=one.number, time=one.time) for one in moving],
    }
    tell("| rung | encoder |", *(f"{scene} |" for scene in scenes))
    tell("|---|---|" + "---|" * len(scenes))
    for rung, kind in itertools.product((Rung.STILL, Rung.LOW, Rung.NATIVE), (X264, X265)):
        cells = []
        for scene in scenes.values():
            picked = scene[:1] if rung is Rung.STILL else scene
            found = spent(kind, rung, map(halved, picked) if rung is Rung.LOW else picked)
            cells.append(f"{found.kbits:.0f} kbit/s, {found.keyframes:.0%}, {found.seconds:.2f} s |")
        tell(f"| `{rung.value}` | {kind.name} |", *cells)


def tell(*cells: str) -> None:
    sys.stdout.write(" ".join(cells) + "\n")
    sys.stdout.flush()


def frames() -> Iterable[Frame]:
    """What the demo camera shows from its start, where it stands still."""
    camera = PatternCamera(FakeClock())
    shown = iter(camera.read, None)
    yield from itertools.islice(shown, round(SEGMENTS * 2 * DEMO_RATE))


def noisy(shown: Sequence[Frame]) -> Iterable[Frame]:
    rng = np.random.default_rng(1)
    for one in shown:
        planes = (plane + rng.normal(0, NOISE, plane.shape) for plane in (shown[0].y, shown[0].u, shown[0].v))
        y, u, v = (np.clip(np.rint(plane), 16, 235).astype(np.uint8) for plane in planes)
        yield replace(one, y=y, u=u, v=v)


def spent(kind: Kind, rung: Rung, shown: Iterable[Frame]) -> Spent:
    encoder, every = SegmentEncoder(NAMES, Fraction(DEMO_RATE), kind), round(2 * DEMO_RATE)
    made: list[Segment] = []
    first = seconds = 0.0
    for n, one in enumerate(shown):
        cut = Cut.STREAM if n == 0 else Cut.SEGMENT if rung is Rung.STILL or n % every == 0 else Cut.NONE
        began = time.process_time()
        items = list(encoder.encode(PreparedFrame(one, rung, CEILING, cut)))
        seconds += time.process_time() - began
        made += [item for item in items if isinstance(item, Segment)]
        first += sum(len(item.data) for item in items if not isinstance(item, Segment) and item.keyframe)
    made += [item for item in encoder.finish() if isinstance(item, Segment)]
    lasted, size = sum(one.info.duration for one in made), sum(len(one.data) for one in made)
    return Spent(size * 8 / 1000 / lasted, first / size, seconds / lasted)


if __name__ == "__main__":
    main()
