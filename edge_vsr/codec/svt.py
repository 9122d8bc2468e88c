"""SVT-AV1, without delay. Its own rate control wants delay to hold a rate, or takes twice what it was asked for."""

import os
from fractions import Fraction
from typing import cast

import av

from edge_vsr.codec.appetite import appetite_after, crf_for, usual_appetite
from edge_vsr.codec.encoder import EncoderSettings, check_encodable
from edge_vsr.codec.obu import sequence_header
from edge_vsr.codec.video_frame import AV_MATRIX, AV_RANGE, video_frame
from edge_vsr.coded import TIME_BASE, CodedPicture, CodedStream
from edge_vsr.errors import EncoderError
from edge_vsr.frame import Frame
from edge_vsr.rung import SEGMENT_SECONDS

LIBRARY = "libsvtav1"
PRESET = 10
"""The fastest that is more than a trial."""
DEEPEST_DEBT = -1.0


class SvtEncoder:
    """One quality from a keyframe to the next, and an open library for as long.

    A segment goes as a whole, so what may come at once is what a segment may take. What it takes sets the quality of
    the one after it. Where all is spent, pictures are left out until there are bits again.
    """

    def __init__(self, settings: EncoderSettings, fullness: float = 1.0, appetite: float | None = None) -> None:
        """`fullness` is that of the segment's bits at the start, DEEPEST_DEBT..1; `appetite` that of an encoder before,
        for the same scene. Raises EncoderError."""
        check_encodable(settings.size)
        # Else it says on standard error how it is set, and complains where it is let go without an end.
        os.environ.setdefault("SVT_LOG", "0")
        self._settings = settings
        self._seconds = max(SEGMENT_SECONDS, float(1 / settings.rate))
        self._most_bits = 1000 * settings.kbits * self._seconds
        self._bits = self._most_bits * fullness
        usual = usual_appetite(settings.size, float(settings.rate), self._seconds)
        self._appetite = usual if appetite is None else appetite
        self._stream: CodedStream | None = None
        self._context: av.VideoCodecContext | None = None
        self._crf = 0
        self._sizes: list[int] = []
        self._left_out = 0
        self._inside: tuple[int, float] | None = None

    @property
    def fullness(self) -> float:
        return max(DEEPEST_DEBT, self._bits / self._most_bits)

    @property
    def appetite(self) -> float:
        return self._appetite

    @property
    def held(self) -> int:
        return 0

    def encode(self, frame: Frame, pts: int, *, keyframe: bool) -> list[CodedPicture]:
        before = self.flush() if keyframe else []
        self._bits = min(self._most_bits, self._bits + 1000 * self._settings.kbits / float(self._settings.rate))
        if self._context is None:
            self._crf = crf_for(self._settings.kbits, self._appetite, self.fullness)
            self._context = self._opened()
        elif self._bits <= 0:
            self._left_out += 1
            return before
        picture = video_frame(frame, pts, keyframe=keyframe)
        picture.time_base = TIME_BASE
        self._inside = (frame.number, frame.wall)
        return before + self._coded(self._context, picture)

    def flush(self) -> list[CodedPicture]:
        if self._context is None:
            return []
        rest = self._coded(self._context, None)
        self._context = None
        self._learn()
        return rest

    def _opened(self) -> av.VideoCodecContext:
        settings = self._settings
        major, _, minor = settings.level.partition(".")
        parameters = {"crf": self._crf, "pred-struct": 1, "rtc": 1, "lp": 1, "scd": 0, "keyint": -1}
        parameters["level"] = int(major + minor)
        try:
            context = cast(av.VideoCodecContext, av.CodecContext.create(LIBRARY, "w"))
            context.width, context.height = settings.size.width, settings.size.height
            context.pix_fmt = "yuv420p"
            context.time_base = TIME_BASE
            # It knows no rate below one frame a second.
            context.framerate = max(settings.rate, Fraction(1))
            context.colorspace = AV_MATRIX[settings.matrix]
            context.color_range = AV_RANGE[settings.range]
            joined = ":".join(f"{name}={value}" for name, value in parameters.items())
            context.options = {"preset": str(PRESET), "svtav1-params": joined}
            context.open()
        except (av.FFmpegError, ValueError) as error:
            raise EncoderError(f"{LIBRARY} cannot encode {settings.size}: {_reason(error)}") from error
        return context

    def _coded(self, context: av.VideoCodecContext, picture: av.VideoFrame | None) -> list[CodedPicture]:
        try:
            packets = context.encode(picture)
        except av.FFmpegError as error:
            raise EncoderError(f"{LIBRARY} failed at {self._settings.size}: {_reason(error)}") from error
        made = []
        for packet in packets:
            if self._inside is None or packet.pts is None:
                raise EncoderError(f"{LIBRARY} failed at {self._settings.size}: it makes more pictures than it got")
            data = bytes(packet)
            if self._stream is None:
                self._stream = CodedStream("av1", self._settings.size, self._settings.rate, sequence_header(data))
            self._bits -= 8 * len(data)
            self._sizes.append(len(data))
            number, wall = self._inside
            self._inside = None
            made.append(CodedPicture(self._stream, data, packet.pts, packet.is_keyframe, number, wall))
        return made

    def _learn(self) -> None:
        """What the segment took, or would have, had nothing been left out."""
        if self._sizes:
            others = self._sizes[1:]
            whole = sum(self._sizes) + (self._left_out * sum(others) / len(others) if others else 0)
            seconds = max(len(self._sizes) + self._left_out, 1) / float(self._settings.rate)
            # One that was cut short had its keyframe all the same.
            kbits = 8 * whole / 1000 / max(seconds, self._seconds / 2)
            self._appetite = appetite_after(self._appetite, kbits, self._crf)
        self._sizes, self._left_out = [], 0


def _reason(error: Exception) -> str:
    return str(getattr(error, "strerror", None) or error)
