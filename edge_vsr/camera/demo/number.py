"""A number in the picture that survives compression and scaling."""

import itertools

import numpy as np

from edge_vsr.frame import Plane

NUMBER_BITS = 20
"""Numbers are written modulo 2**20, which is 9.7 hours at 30 frames a second."""
STRIP = 16
"""The cells take this fraction of the height, at the bottom."""

_BLACK, _WHITE = 16, 235
_CELLS = NUMBER_BITS + 4
"""High bit first, then four bits that check the others."""


def write_frame_number(y: Plane, number: int) -> None:
    """Write `number` modulo 2**20 as black and white cells over the lowest sixteenth of `y`, in place."""
    top = y.shape[0] - y.shape[0] // STRIP
    for bit, (left, right) in zip(_bits(number), _columns(y), strict=True):
        y[top:, left:right] = _WHITE if bit else _BLACK


def read_frame_number(y: Plane) -> int:
    """The number, modulo 2**20, in the luma (height, width) of a demo picture.

    It survives compression and any scaling of the whole picture. Raises ValueError if it cannot be read for sure.
    """
    top = y.shape[0] - y.shape[0] // STRIP
    edge = (y.shape[0] - top) // 4
    bits = []
    for left, right in _columns(y):
        inset = (right - left) // 4
        level = float(np.mean(y[top + edge : y.shape[0] - edge, left + inset : right - inset]))
        bits.append(level > (_BLACK + _WHITE) / 2)
    number = sum(bit << (NUMBER_BITS - 1 - place) for place, bit in enumerate(bits[:NUMBER_BITS]))
    if bits != _bits(number):
        raise ValueError("no frame number can be read from this picture")
    return number


def _bits(number: int) -> list[bool]:
    number %= 1 << NUMBER_BITS
    check = 0b0101
    for nibble in range(0, NUMBER_BITS, 4):
        check ^= number >> nibble & 0b1111
    return [bool((number << 4 | check) >> place & 1) for place in reversed(range(_CELLS))]


def _columns(y: Plane) -> list[tuple[int, int]]:
    edges = [round(cell * y.shape[1] / _CELLS) for cell in range(_CELLS + 1)]
    return list(itertools.pairwise(edges))
