"""Frames to H.264 pictures, one in, one out."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Protocol, cast

import av

from edge_vsr.codec.annexb import parameter_sets
from edge_vsr.codec.video_frame import AV_MATRIX, AV_RANGE, video_frame
from edge_vsr.coded import TIME_BASE, CodedPicture, CodedStream
from edge_vsr.errors import EncoderError
from edge_vsr.frame import Frame, Matrix, Range, Size

SMALLEST_SIDE = 16
LARGEST_SIDE = 8192
BITS_PER_SAMPLE = 0.1
"""Ceiling of the rate, in bits a luma sample; quiet scenes stay far below it."""


@dataclass(frozen=True, slots=True)
class EncoderSettings:
    """What makes one coded stream; another of these means another encoder."""

    size: Size
    rate: Fraction
    """Nominal frames a second."""
    matrix: Matrix
    range: Range
    preset: str = "veryfast"
    """libx264's name for a trade of time against bits."""
    crf: float = 23.0
    """libx264's quality, 0..51, smaller is better."""

    @property
    def most_kbits(self) -> int:
        """Ceiling of the rate in kbit/s, kept over one second."""
        return max(64, round(BITS_PER_SAMPLE * self.size.width * self.size.height * float(self.rate) / 1000))


class Encoder(Protocol):
    """Used by one thread."""

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

    def __init__(self, settings: EncoderSettings) -> None:
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
        most = f"{settings.most_kbits}k"
        context.options = {
            "preset": settings.preset,
            "tune": "zerolatency",
            "crf": str(settings.crf),
            "maxrate": most,
            "bufsize": most,
            "forced-idr": "1",
            "sc_threshold": "0",
            "g": "9999",
        }
        try:
            context.open()
        except av.FFmpegError as error:
            raise EncoderError(f"libx264 cannot encode {settings.size}: {error.strerror}") from error
        self._context = context

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
        data = bytes(packet)
        if self._stream is None:
            settings = self._settings
            self._stream = CodedStream("h264", settings.size, settings.rate, parameter_sets(data))
        pts = cast(int, packet.pts)
        number, wall = self._sources.pop(pts)
        return CodedPicture(self._stream, data, pts, packet.is_keyframe, number, wall)
