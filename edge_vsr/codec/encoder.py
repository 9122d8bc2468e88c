"""Frames to H.264 pictures, one in, one out."""

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, Protocol, cast

import av

from edge_vsr.codec.annexb import parameter_sets
from edge_vsr.codec.level import level_for
from edge_vsr.codec.video_frame import AV_MATRIX, AV_RANGE, video_frame
from edge_vsr.coded import TIME_BASE, CodedPicture, CodedStream
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
    preset: str = "veryfast"
    """libx264's name for a trade of time against bits."""
    crf: float = 23.0
    """libx264's quality, 0..51, smaller is better."""

    @property
    def buffer_bits(self) -> int:
        """What may come at once."""
        return round(1000 * self.kbits * max(BUFFER_SECONDS, float(2 / self.rate)))

    @property
    def level(self) -> str:
        """Of the stream, the same for all rates."""
        most = LEVEL_BITS * self.size.width * self.size.height * float(self.rate) / 1000
        return level_for(self.size, self.rate, max(most, LEVEL_KBITS, self.kbits))

    def goes_on(self, other: "EncoderSettings") -> bool:
        """Whether an encoder of these settings makes pictures of the same stream as one of `other`."""
        return replace(self, kbits=other.kbits) == other and self.level == other.level


class Encoder(Protocol):
    """Used by one thread."""

    @property
    def fullness(self) -> float:
        """Of the bits that may come at once, the share that is left, 0..1."""

    def encode(self, frame: Frame, pts: int, *, keyframe: bool) -> list[CodedPicture]:
        """Code `frame` at `pts` ticks of TIME_BASE, more than the last; `keyframe` starts a closed GOP.

        Raises EncoderError.
        """

    def flush(self) -> list[CodedPicture]:
        """What is still inside; the encoder takes no more frames."""


def check_encodable(size: Size) -> None:
    """Raises EncoderError, with the nearest size that would do, for one that H.264 4:2:0 cannot carry."""
    fit = Size(*(min(max(n // 2 * 2, SMALLEST_SIDE), LARGEST_SIDE) for n in (size.width, size.height)))
    if fit != size:
        raise EncoderError(
            f"the encoder cannot take {size}: sides must be even, {SMALLEST_SIDE} to {LARGEST_SIDE}; try {fit}"
        )


class X264Encoder:
    """libx264 without delay: no lookahead, no B-frames, keyframes only where asked for."""

    def __init__(self, settings: EncoderSettings, fullness: float = USUAL_FULLNESS) -> None:
        """`fullness` is what the encoder before, whose stream this one goes on with, has left."""
        check_encodable(settings.size)
        self._settings = settings
        self._stream: CodedStream | None = None
        self._sources: dict[int, tuple[int, float]] = {}
        context = av.CodecContext.create("libx264", "w")
        context.width, context.height = settings.size.width, settings.size.height
        context.pix_fmt = "yuv420p"
        context.time_base = TIME_BASE
        context.framerate = settings.rate
        context.colorspace = AV_MATRIX[settings.matrix]
        context.color_range = AV_RANGE[settings.range]
        self._bits = settings.buffer_bits * max(LEAST_FULLNESS, min(fullness, USUAL_FULLNESS))
        context.options = {
            "preset": settings.preset,
            "tune": "zerolatency",
            "crf": str(settings.crf),
            "maxrate": f"{settings.kbits}k",
            "bufsize": str(settings.buffer_bits),
            "rc_init_occupancy": str(round(self._bits)),
            "level": settings.level,
            "forced-idr": "1",
            "sc_threshold": "0",
            "g": "9999",
        }
        try:
            context.open()
        except av.FFmpegError as error:
            raise EncoderError(f"libx264 cannot encode {settings.size}: {error.strerror}") from error
        self._context = context

    @property
    def fullness(self) -> float:
        return self._bits / self._settings.buffer_bits

    def encode(self, frame: Frame, pts: int, *, keyframe: bool) -> list[CodedPicture]:
        self._sources[pts] = (frame.number, frame.wall)
        picture = video_frame(frame, pts, keyframe=keyframe)
        picture.time_base = TIME_BASE
        return self._coded(picture)

    def flush(self) -> list[CodedPicture]:
        return self._coded(None)

    def _coded(self, picture: av.VideoFrame | None) -> list[CodedPicture]:
        try:
            packets = self._context.encode(picture)
        except av.FFmpegError as error:
            raise EncoderError(f"libx264 failed at {self._settings.size}: {error.strerror}") from error
        return [self._picture(packet) for packet in packets]

    def _picture(self, packet: "av.Packet[Any]") -> CodedPicture:
        data, settings = bytes(packet), self._settings
        gained = 1000 * settings.kbits / float(settings.rate) - 8 * len(data)
        self._bits = min(max(0.0, self._bits + gained), float(settings.buffer_bits))
        if self._stream is None:
            self._stream = CodedStream("h264", settings.size, settings.rate, parameter_sets(data))
        pts = cast(int, packet.pts)
        number, wall = self._sources.pop(pts)
        return CodedPicture(self._stream, data, pts, packet.is_keyframe, number, wall)
