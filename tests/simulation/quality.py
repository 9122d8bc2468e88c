"""How good a picture is on each rung at a bit rate: PSNR-Y against what the camera saw, in dB.

`python -m tests.simulation.quality` measures the figures below anew, with libx264 and ear-s-x2: some seconds of the
demo camera's traffic, coded so that it takes all that it may. `low` is restored as the far end does it, `enhanced` made
on the box and brought back to the camera's size; a still stands for ten seconds.
"""

import io
import itertools
import math
import statistics
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import partial

import av
import cv2
import numpy as np

from edge_vsr.camera.pattern import DEMO_RATE, PatternCamera
from edge_vsr.clock import FakeClock
from edge_vsr.codec.kinds import X264
from edge_vsr.frame import Frame, Plane
from edge_vsr.policy.cadence import Cut
from edge_vsr.rung import Rung
from edge_vsr.segment import Segment, SegmentNames
from edge_vsr.sr.upscaler import open_upscaler, upscale
from edge_vsr.stages.encode import SegmentEncoder
from edge_vsr.stages.prepare import PreparedFrame, halved

MEASURED = {
    Rung.STILL: ((10, 14.7), (21, 14.8), (40, 15.0)),
    Rung.LOW: ((51, 20.5), (93, 23.4), (181, 24.8), (459, 25.4)),
    Rung.NATIVE: ((116, 25.1), (226, 30.3), (447, 36.7), (881, 44.3), (1360, 57.3)),
    Rung.ENHANCED: ((919, 35.6), (1759, 38.0), (3502, 38.5)),
}
"""kbit/s that segments took, and dB."""
MOST_VISIBLE = 45.0
"""dB; above it nobody sees a difference."""
ASKED = {
    Rung.STILL: (6.0, 12.0, 29.0),
    Rung.LOW: (40.0, 80.0, 160.0, 415.0),
    Rung.NATIVE: (100.0, 200.0, 400.0, 800.0, 1659.0),
    Rung.ENHANCED: (829.0, 1600.0, 3200.0),
}
START, SECONDS = 20, 10
"""Of the demo, by when cars drive."""
EVERY = 5
"""Of the frames, one in so many is compared."""


def quality(rung: Rung, kbits: float) -> float:
    """PSNR-Y of a segment that took `kbits`: between two that were measured by the logarithm of the rate, above them
    that of the highest, below them as it falls between the two lowest, but not below the least still."""
    (least, worst), (more, better) = MEASURED[rung][:2]
    if kbits < least:
        fallen = worst + (better - worst) * math.log(kbits / least) / math.log(more / least)
        return fallen if rung is Rung.STILL else max(MEASURED[Rung.STILL][0][1], fallen)
    rates, found = zip(*MEASURED[rung], strict=True)
    return min(MOST_VISIBLE, float(np.interp(math.log(kbits), np.log(rates), found)))


def main() -> None:
    camera = PatternCamera(FakeClock())
    first, count = START * DEMO_RATE, SECONDS * DEMO_RATE
    seen = list(itertools.islice(iter(camera.read, None), int(first), int(first + count)))
    network = open_upscaler("ear-s-x2")
    larger = partial(upscale, upscaler=network)
    for rung, rates in ASKED.items():
        picked = seen[:1] if rung is Rung.STILL else seen
        changes: dict[Rung, Callable[[Frame], Frame]] = {Rung.LOW: halved, Rung.ENHANCED: larger}
        change = changes.get(rung)
        frames = [change(one) for one in picked] if change else picked
        for kbits in rates:
            took, shown = coded(frames, rung, kbits)
            lumas = [network.luma(luma) for luma in shown] if rung is Rung.LOW else shown
            compared = zip(seen[::EVERY], itertools.cycle(lumas), strict=False)
            found = statistics.mean(psnr(one.y, fitted(luma, one)) for one, luma in compared)
            sys.stdout.write(f"{rung.name}: ({took:.0f}, {found:.1f})\n")
            sys.stdout.flush()


def coded(frames: Sequence[Frame], rung: Rung, kbits: float) -> tuple[float, list[Plane]]:
    """kbit/s that it took, and the luma of one in EVERY frames as decoded."""
    encoder = SegmentEncoder(SegmentNames("20260101T000000Z", "000000"), Fraction(DEMO_RATE), replace(X264, crf=1.0))
    items = [item for one in prepared(frames, rung, kbits) for item in encoder.encode(one)]
    made = [item for item in (*items, *encoder.finish()) if isinstance(item, Segment)]
    data = b"".join(one.data for one in made)
    with av.open(io.BytesIO(data), "r", format="mpegts") as container:
        shown = [luma_of(picture) for picture in container.decode(video=0)]
    return len(data) * 8 / 1000 / sum(one.info.duration for one in made), shown[::EVERY]


def prepared(frames: Sequence[Frame], rung: Rung, kbits: float) -> Iterator[PreparedFrame]:
    for n, one in enumerate(frames):
        cut = Cut.STREAM if n == 0 else Cut.SEGMENT if n % (2 * DEMO_RATE) == 0 else Cut.NONE
        yield PreparedFrame(one, rung, kbits, cut)


def luma_of(picture: av.VideoFrame) -> Plane:
    """As it was coded: a conversion would change its range."""
    plane = picture.planes[0]
    rows: Plane = np.frombuffer(memoryview(plane), np.uint8).reshape(plane.height, plane.line_size)
    return rows[:, : plane.width].copy()


def fitted(luma: Plane, like: Frame) -> Plane:
    return np.asarray(cv2.resize(luma, (like.width, like.height), interpolation=cv2.INTER_AREA), np.uint8)


def psnr(seen: Plane, shown: Plane) -> float:
    return 10 * math.log10(255**2 / float(np.mean((seen.astype(np.float64) - shown) ** 2)))


if __name__ == "__main__":
    main()
