"""Bytes that were right once."""

import random

_TELLING = (
    b"\x00",
    b"\xff",
    b"\x7f",
    b"\x80",
    b"\x00\x00\x01",
    b"\xff\xd8",
    b"\xff\xff\xff\xff",
    b"-1",
    b"1e999",
    b'"',
    b"[",
)
"""Ends of ranges, start codes, and what opens something."""


def mutated(data: bytes, rng: random.Random) -> bytes:
    """`data` with a few bytes changed, put in, taken out or doubled, now and then cut short."""
    out = bytearray(data)
    for _ in range(rng.choice((1, 1, 2, 4, 16))):
        at = rng.randrange(len(out) + 1)
        match rng.randrange(6):
            case 0 if at < len(out):
                out[at] ^= 1 << rng.randrange(8)
            case 1 if at < len(out):
                out[at] = rng.randrange(256)
            case 2:
                out[at:at] = rng.choice(_TELLING)
            case 3:
                del out[at : at + rng.choice((1, 4, 64, 188))]
            case 4:
                piece = out[at : at + rng.choice((4, 64, 188, 1024))]
                there = rng.randrange(len(out) + 1)
                out[there:there] = piece
            case _ if rng.random() < 0.2:
                del out[at:]
    return bytes(out)
