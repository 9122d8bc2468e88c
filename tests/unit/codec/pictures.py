"""Frames to encode, and what a decoder makes of the result."""

import io
from collections.abc import Iterator, Sequence
from fractions import Fraction

import av
import numpy as np

from edge_vsr.codec.encoder import EncoderSettings
from edge_vsr.codec.kinds import X264, Kind
from edge_vsr.codec.transport import Muxer
from edge_vsr.coded import TIME_BASE, CodedPicture
from edge_vsr.frame import Frame, Matrix, Range, Size

RATE = Fraction(25)
TICKS = int(1 / RATE / TIME_BASE)
"""Between two pictures."""
SMALL = Size(64, 48)


def noise(count: int, size: Size, *, matrix: Matrix = Matrix.BT601, range_: Range = Range.LIMITED) -> Iterator[Frame]:
    """The hardest pictures there are to encode."""
    rng = np.random.default_rng(1)
    half = (size.height // 2, size.width // 2)
    for number in range(count):
        y, u, v = (rng.integers(16, 236, shape, np.uint8) for shape in ((size.height, size.width), half, half))
        yield Frame(y, u, v, matrix, range_, number=number, time=number / 25, wall=1.7e9 + number / 25)


def settings(
    size: Size = SMALL,
    matrix: Matrix = Matrix.BT601,
    range_: Range = Range.LIMITED,
    kbits: int = 200,
    kind: Kind = X264,
) -> EncoderSettings:
    return EncoderSettings(size, RATE, matrix, range_, kbits, kind.codec)


def encoded(frames: list[Frame], *, gop: int = 10, kind: Kind = X264) -> list[CodedPicture]:
    """All frames through one encoder, a keyframe every `gop`."""
    first = frames[0]
    encoder = kind.open(settings(first.size, first.matrix, first.range, kind=kind))
    pictures = []
    for n, frame in enumerate(frames):
        pictures += encoder.encode(frame, n * TICKS, keyframe=n % gop == 0)
    return pictures + encoder.flush()


def cut_at_keyframes(muxer: Muxer, pictures: Sequence[CodedPicture]) -> list[bytes]:
    """One piece a keyframe."""
    pieces = []
    for picture in pictures:
        if picture.keyframe and picture is not pictures[0]:
            pieces.append(muxer.cut())
        muxer.add(picture)
    return [*pieces, muxer.close()]


def decoded(data: bytes, format_: str) -> list[av.VideoFrame]:
    """What a player shows; a picture that is damaged in any way is an error."""
    with av.open(io.BytesIO(data), "r", format=format_) as container:
        container.streams.video[0].codec_context.options = {"err_detect": "explode"}
        pictures = list(container.decode(video=0))
    assert not any(picture.is_corrupt for picture in pictures), "the decoder calls pictures corrupt"
    return pictures
