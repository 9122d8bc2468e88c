"""Frames as a video file: H.264 in MP4 or Matroska, or raw YUV4MPEG2."""

import contextlib
import logging
import os
from fractions import Fraction
from pathlib import Path
from typing import Protocol

import av
from av.container import OutputContainer
from av.stream import Stream

from edge_vsr.codec.encoder import check_encodable
from edge_vsr.codec.video_frame import AV_MATRIX, AV_RANGE, video_frame
from edge_vsr.coded import TIME_BASE
from edge_vsr.errors import OutputError
from edge_vsr.frame import Frame, Range, Size
from edge_vsr.restoring.source import Sound

log = logging.getLogger(__name__)

CRF = "17"
"""libx264's quality: nothing is to be seen of it beside what was restored."""
THREADS = 4
"""Of libx264 at most, which holds frames for each and for its look ahead; the network is far slower."""
ENCODER_BYTES = 90
"""A luma sample that libx264 holds with so many threads; measured, see docs/memory.md."""


class VideoTarget(Protocol):
    """Used by one thread."""

    def write(self, frame: Frame) -> None:
        """Append a frame. Raises OutputError for a size other than the first frame's."""

    def finish(self) -> None:
        """Complete the file."""

    def close(self) -> None:
        """Let go of the file, complete or not."""


def is_raw(path: Path) -> bool:
    """Whether what is written to `path` is not encoded."""
    return path.suffix.lower() == ".y4m"


def open_target(path: Path, rate: Fraction, sound: Sound) -> VideoTarget:
    """The writer that fits the suffix of `path`: .y4m, which has no sound, .mp4 or .mkv."""
    return Y4mTarget(path, rate) if is_raw(path) else H264Target(path, rate, sound)


class H264Target:
    """libx264, with the frames' own times, and the sound as it was."""

    def __init__(self, path: Path, rate: Fraction, sound: Sound) -> None:
        self._path = path
        self._rate = rate
        self._sound = sound
        self._container: OutputContainer = av.open(str(path.absolute()), "w")
        self._stream: av.VideoStream | None = None
        self._sound_streams: dict[int, Stream] = {}
        self._size: Size | None = None
        self._last = -1

    def write(self, frame: Frame) -> None:
        if self._stream is None:
            self._stream = self._add_stream(frame)
            self._size = frame.size
            self._add_sound()
        _check_same_size(self._path, self._size, frame)
        pts = max(self._last + 1, round(frame.time / TIME_BASE))
        self._last = pts
        picture = video_frame(frame, pts)
        picture.time_base = TIME_BASE
        self._container.mux(self._stream.encode(picture))
        self._copy_sound(until=frame.time)

    def finish(self) -> None:
        if self._stream:
            self._container.mux(self._stream.encode())
            self._copy_sound(until=float("inf"))
        self._container.close()

    def close(self) -> None:
        # A failure to complete what is given up says nothing new.
        with contextlib.suppress(av.FFmpegError):
            self._container.close()

    def _add_stream(self, frame: Frame) -> av.VideoStream:
        check_encodable(frame.size)
        stream = self._container.add_stream("libx264", rate=self._rate)
        stream.width, stream.height, stream.pix_fmt = frame.width, frame.height, "yuv420p"
        stream.codec_context.time_base = TIME_BASE
        stream.codec_context.colorspace = AV_MATRIX[frame.matrix]
        stream.codec_context.color_range = AV_RANGE[frame.range]
        stream.codec_context.thread_count = min(THREADS, os.cpu_count() or 1)
        stream.options = {"preset": "veryfast", "crf": CRF}
        return stream

    def _add_sound(self) -> None:
        for stream in self._sound.streams:
            try:
                self._sound_streams[stream.index] = self._container.add_stream_from_template(stream)
            except (av.FFmpegError, ValueError) as error:
                log.warning("the sound is left out, %s cannot hold it: %s", self._path.suffix, error)

    def _copy_sound(self, until: float) -> None:
        for packet in self._sound.until(until):
            if packet.stream.index in self._sound_streams:
                packet.stream = self._sound_streams[packet.stream.index]
                self._container.mux(packet)


class Y4mTarget:
    """YUV4MPEG2, 4:2:0, as mjpegtools' yuv4mpeg(5) describes it."""

    def __init__(self, path: Path, rate: Fraction) -> None:
        self._path = path
        self._rate = rate
        self._file = path.open("wb")
        self._size: Size | None = None

    def write(self, frame: Frame) -> None:
        if self._size is None:
            self._size = frame.size
            shade = "FULL" if frame.range is Range.FULL else "LIMITED"
            rate = f"{self._rate.numerator}:{self._rate.denominator}"
            head = f"YUV4MPEG2 W{frame.width} H{frame.height} F{rate} Ip A1:1 C420mpeg2 XCOLORRANGE={shade}\n"
            self._file.write(head.encode())
        _check_same_size(self._path, self._size, frame)
        self._file.write(b"FRAME\n")
        for plane in (frame.y, frame.u, frame.v):
            self._file.writelines(plane)  # by rows: no copy of a plane that is a view

    def finish(self) -> None:
        self._file.close()

    def close(self) -> None:
        # What is still in its buffer is given up.
        with contextlib.suppress(OSError):
            self._file.close()


def _check_same_size(path: Path, size: Size | None, frame: Frame) -> None:
    if frame.size != size:
        raise OutputError(f"the video changes from {size} to {frame.size} on its way, which {path.suffix} cannot hold")
