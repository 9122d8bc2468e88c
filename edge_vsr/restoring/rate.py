"""What a restored stream may take."""

from fractions import Fraction

from edge_vsr.frame import Size

BITS_PER_SAMPLE = 0.2
"""Ceiling of the rate, in bits a luma sample; quiet scenes stay far below it."""
LEAST = 256.0


def ceiling_kbits(size: Size, rate: Fraction) -> float:
    """In kbit/s, for frames of `size` at nominally `rate` a second."""
    return max(LEAST, BITS_PER_SAMPLE * size.width * size.height * float(rate) / 1000)
