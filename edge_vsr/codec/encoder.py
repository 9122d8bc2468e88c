"""Frames to coded pictures, one in, one out: what every encoder is told and gives."""

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Protocol

from edge_vsr.codec.level import Codec, level_for
from edge_vsr.coded import CodedPicture
from edge_vsr.errors import EncoderError
from edge_vsr.frame import Frame, Matrix, Range, Size

SMALLEST_SIDE = 16
LARGEST_SIDE = 8192
LEVEL_BITS = 0.5
"""A luma sample, that a stream's level allows for at any rate: encoders of several rates make one stream."""
LEVEL_KBITS = 768.0
"""The same for small pictures, which may take more a sample."""
BUFFER_SECONDS = 1.0
"""Over which the ceiling of the rate is kept."""
USUAL_FULLNESS = 0.9
"""Of that buffer, what a new stream begins with: libx264's own."""
LEAST_FULLNESS = 0.2
"""What an encoder that goes on with a stream has at least, for its keyframe."""
LEAST_BITS = 12_000
"""The same where a rate is so low that the share is less: of that libx264 makes a keyframe which is gray all over."""


@dataclass(frozen=True, slots=True)
class EncoderSettings:
    """What makes one coded stream; another of these means another encoder."""

    size: Size
    rate: Fraction
    """Nominal frames a second."""
    matrix: Matrix
    range: Range
    kbits: int
    """Ceiling of the rate, kept over a second or, where that is longer, over two frames; quiet scenes stay below."""
    codec: Codec = "h264"
    restored: bool = False
    """Whether the pictures are made larger at the far end."""

    @property
    def samples_a_second(self) -> float:
        """Of luma."""
        return self.size.width * self.size.height * float(self.rate)

    @property
    def buffer_bits(self) -> int:
        """What may come at once."""
        return round(1000 * self.kbits * max(BUFFER_SECONDS, float(2 / self.rate)))

    @property
    def level(self) -> str:
        """Of the stream, the same for all rates."""
        most = LEVEL_BITS * self.samples_a_second / 1000
        return level_for(self.codec, self.size, self.rate, max(most, LEVEL_KBITS, self.kbits))

    def goes_on(self, other: "EncoderSettings") -> bool:
        """Whether an encoder of these settings makes pictures of the same stream as one of `other`."""
        return replace(self, kbits=other.kbits) == other and self.level == other.level


class Encoder(Protocol):
    """Used by one thread."""

    @property
    def fullness(self) -> float:
        """Of the bits that may come at once, the share that is left, 0..1."""

    @property
    def appetite(self) -> float | None:
        """What the scene takes, for the encoder that goes on with the stream (`codec.appetite`); None where each finds
        that out by itself."""

    @property
    def held(self) -> int:
        """Frames that went in and did not come out yet: none, but in some hardware."""

    def encode(self, frame: Frame, pts: int, *, keyframe: bool) -> list[CodedPicture]:
        """Code `frame` at `pts` ticks of TIME_BASE, more than the last; `keyframe` starts a closed GOP.

        Raises EncoderError.
        """

    def flush(self) -> list[CodedPicture]:
        """What is still inside; the encoder takes no more frames."""


def check_encodable(size: Size) -> None:
    """Raises EncoderError, with the nearest size that would do, for one that 4:2:0 of any codec here cannot carry."""
    fit = Size(*(min(max(n // 2 * 2, SMALLEST_SIDE), LARGEST_SIDE) for n in (size.width, size.height)))
    if fit != size:
        raise EncoderError(
            f"the encoder cannot take {size}: sides must be even, {SMALLEST_SIDE} to {LARGEST_SIDE}; try {fit}"
        )
