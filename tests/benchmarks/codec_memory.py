"""What an encoder takes at its peak, in a process of its own: `python -m tests.benchmarks.codec_memory ENCODER SIZE`.

Prints bytes a luma sample, and what `edge_vsr.pipeline` counts.
"""

import sys
from fractions import Fraction

from edge_vsr.codec.encoder import EncoderSettings
from edge_vsr.codec.kinds import KINDS
from edge_vsr.frame import Matrix, Range, Size
from edge_vsr.memory import Machine, return_freed_memory
from edge_vsr.rung import SEGMENT_SECONDS
from tests.unit.codec.pictures import TICKS, noise

RATE, SEGMENTS = 25, 3
BITS = 4
"""A luma sample."""


def main(name: str, text: str) -> None:
    return_freed_memory()
    size, kind = Size.parse(text), KINDS[name]
    kbits = round(BITS * size.width * size.height * RATE / 1000)
    settings = EncoderSettings(size, Fraction(RATE), Matrix.BT601, Range.LIMITED, kbits, kind.codec)
    frames = list(noise(8, size))
    before = Machine().resident()
    encoder = kind.open(settings)
    for number in range(round(SEGMENTS * SEGMENT_SECONDS * RATE)):
        keyframe = number % round(SEGMENT_SECONDS * RATE) == 0
        encoder.encode(frames[number % len(frames)], number * TICKS, keyframe=keyframe)
    encoder.flush()
    measured = (Machine().peak() - before) / (size.width * size.height)
    print(f"{name:8} {text:10} {measured:6.1f}")  # noqa: T201  what it is for


if __name__ == "__main__":
    main(*sys.argv[1:])
