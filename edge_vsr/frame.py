"""The picture that travels from camera to encoder: planar YUV 4:2:0 with its colour and its time."""

from dataclasses import dataclass, field
from enum import Enum

import numpy as np
from numpy.typing import NDArray

Plane = NDArray[np.uint8]

LARGEST_SIDE = 8192
"""Luma samples; a larger picture is an error rather than a machine that swaps."""


class Matrix(Enum):
    """How RGB became luma and chroma."""

    BT601 = "bt601"
    BT709 = "bt709"

    @classmethod
    def usual_for(cls, height: int) -> "Matrix":
        """The matrix to assume where a source names none: BT.709 from 720 lines up, else BT.601."""
        return cls.BT709 if height >= 720 else cls.BT601


class Range(Enum):
    """Which numbers mean black and white."""

    LIMITED = "limited"
    """Luma 16..235, chroma 16..240."""
    FULL = "full"
    """0..255; what MJPEG cameras deliver."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One picture. Planes are read-only by agreement: stages make new frames, never change old ones."""

    y: Plane = field(repr=False)
    """Luma, uint8, (height, width)."""
    u: Plane = field(repr=False)
    """Cb, uint8, (ceil(height / 2), ceil(width / 2))."""
    v: Plane = field(repr=False)
    """Cr, as `u`."""
    matrix: Matrix
    range: Range
    number: int
    """The source's running count; a gap means that frames were lost on the way."""
    time: float
    """Seconds on a line that never jumps: the monotonic clock for a live source, start plus presentation
    time for a file."""
    wall: float
    """Seconds since 1970-01-01 UTC, as known at capture."""
    group: "Group | None" = None
    """What it was coded in, if that is known."""

    def __post_init__(self) -> None:
        half = ((self.height + 1) // 2, (self.width + 1) // 2)
        if self.y.ndim != 2 or self.u.shape != half or self.v.shape != half:
            raise ValueError(f"planes of {self.y.shape}, {self.u.shape} and {self.v.shape} are not one 4:2:0 picture")

    @property
    def width(self) -> int:
        """Luma samples a row."""
        return int(self.y.shape[1])

    @property
    def height(self) -> int:
        """Luma rows."""
        return int(self.y.shape[0])

    @property
    def size(self) -> "Size":
        return Size(self.width, self.height)


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """A keyframe and the pictures coded after it. None is the same as another."""

    step: float
    """Of the keyframe's quantizer, in levels: most of what stands still remains as that left it."""


@dataclass(frozen=True, slots=True, order=True)
class Size:
    """Width and height of a picture in luma samples."""

    width: int
    height: int

    def __str__(self) -> str:
        return f"{self.width}x{self.height}"

    @classmethod
    def parse(cls, text: str) -> "Size":
        """Read "960x540". Raises ValueError with a message for the user."""
        width, cross, height = text.lower().partition("x")
        if not (cross and width.isascii() and height.isascii() and width.isdigit() and height.isdigit()):
            raise ValueError(f"size {text!r} is not of the form 960x540")
        if not (int(width) and int(height)):
            raise ValueError(f"size {text!r} has no pixels")
        return cls(int(width), int(height))

    def times(self, factor: int) -> "Size":
        return Size(self.width * factor, self.height * factor)
