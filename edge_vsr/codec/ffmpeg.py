"""Any of FFmpeg's encoders, without B-frames."""

from collections import deque
from typing import Any, cast

import av

from edge_vsr.codec.annexb import has_picture, parameter_sets
from edge_vsr.codec.encoder import EncoderSettings, check_encodable
from edge_vsr.codec.video_frame import AV_MATRIX, AV_RANGE, Pixels, video_frame
from edge_vsr.coded import TIME_BASE, CodedPicture, CodedStream
from edge_vsr.errors import EncoderError
from edge_vsr.frame import Frame


class FfmpegEncoder:
    """Keyframes only where asked for, each with the parameter sets before it."""

    def __init__(
        self,
        library: str,
        options: dict[str, str],
        settings: EncoderSettings,
        fullness: float,
        pixels: Pixels,
    ) -> None:
        """`library` and `options` are FFmpeg's; `fullness` is that of the rate's buffer at the start, 0..1. Raises
        EncoderError."""
        check_encodable(settings.size)
        self._library = library
        self._settings = settings
        self._pixels = pixels
        self._stream: CodedStream | None = None
        self._inside: deque[tuple[int, int, float]] = deque()
        self._headers = b""
        self._bits = settings.buffer_bits * fullness
        try:
            context = cast(av.VideoCodecContext, av.CodecContext.create(library, "w"))
            context.width, context.height = settings.size.width, settings.size.height
            context.pix_fmt = pixels
            context.time_base = TIME_BASE
            context.framerate = settings.rate
            context.colorspace = AV_MATRIX[settings.matrix]
            context.color_range = AV_RANGE[settings.range]
            context.options = options
            context.open()
        except (av.FFmpegError, ValueError) as error:
            raise EncoderError(f"{library} cannot encode {settings.size}: {_reason(error)}") from error
        self._context = context

    @property
    def fullness(self) -> float:
        return self._bits / self._settings.buffer_bits

    @property
    def appetite(self) -> None:
        return None

    @property
    def held(self) -> int:
        return len(self._inside)

    def encode(self, frame: Frame, pts: int, *, keyframe: bool) -> list[CodedPicture]:
        self._inside.append((pts, frame.number, frame.wall))
        picture = video_frame(frame, pts, keyframe=keyframe, pixels=self._pixels)
        picture.time_base = TIME_BASE
        return self._coded(picture)

    def flush(self) -> list[CodedPicture]:
        return self._coded(None)

    def _coded(self, picture: av.VideoFrame | None) -> list[CodedPicture]:
        try:
            packets = self._context.encode(picture)
        except av.FFmpegError as error:
            raise EncoderError(f"{self._library} failed at {self._settings.size}: {_reason(error)}") from error
        return [found for packet in packets if (found := self._picture(packet))]

    def _picture(self, packet: "av.Packet[Any]") -> CodedPicture | None:
        data, settings = self._headers + bytes(packet), self._settings
        # Some hardware gives the parameter sets by themselves, and once only.
        if not has_picture(data, settings.codec):
            self._headers = data
            return None
        self._headers = b""
        if self._stream is None:
            sets = parameter_sets(data, settings.codec)
            self._stream = CodedStream(settings.codec, settings.size, settings.rate, sets)
        elif packet.is_keyframe and not parameter_sets(data, settings.codec):
            data = self._stream.extradata + data
        gained = 1000 * settings.kbits / float(settings.rate) - 8 * len(data)
        self._bits = min(max(0.0, self._bits + gained), float(settings.buffer_bits))
        # In order: drivers round times to microseconds, and leave out frames.
        while packet.pts is not None and len(self._inside) > 1 and self._inside[1][0] <= packet.pts + 1:
            self._inside.popleft()
        pts, number, wall = self._inside.popleft()
        return CodedPicture(self._stream, data, pts, packet.is_keyframe, number, wall)


def _reason(error: Exception) -> str:
    return str(getattr(error, "strerror", None) or error)
