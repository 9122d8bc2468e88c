"""Frames as a video file: H.264 in MP4 or Matroska, or raw YUV4MPEG2."""

import contextlib
import math
import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import av
from av.container import OutputContainer
from av.stream import Stream

from edge_vsr.codec.encoder import check_encodable
from edge_vsr.codec.video_frame import AV_MATRIX, AV_RANGE, video_frame
from edge_vsr.coded import TIME_BASE
from edge_vsr.errors import InputError
from edge_vsr.frame import Frame, Range
from edge_vsr.restoring.base import About, Sound, VideoTarget
from edge_vsr.restoring.sound import FittedSound, keep_words, mux_sound
from edge_vsr.restoring.whole import part_of, remove, writing

CRF = "17"
"""libx264's quality: nothing is to be seen of it beside what was restored."""
THREADS = 4
"""Of libx264 at most, which holds frames for each and for its look ahead; the network is far slower."""
ENCODER_BYTES = 90
"""A luma sample that libx264 holds with so many threads; measured, see docs/memory.md."""


LONGEST_PAUSE = (1 << 31) - 1
"""Between two frames in an .mp4, in time stamps. FFmpeg refuses some that are shorter, where frames are coded out of
order, and makes nothing of a longer one without a word."""
PAUSED = "there is a longer pause between two of its frames than .mp4 can hold; write .mkv"


def is_raw(target: str) -> bool:
    """Whether what is written there is not encoded."""
    return target.lower().endswith(".y4m")


def open_file(path: Path, about: About, sound: Sound) -> VideoTarget:
    """The writer that fits the suffix of `path`: .y4m, which has no sound, .mp4 or .mkv. Raises OutputError."""
    return FileTarget(
        path, lambda part: Y4mTarget(part, about) if is_raw(part.name) else H264Target(part, about, sound)
    )


class FileTarget:
    """A file that is there whole or not at all. All of it raises OutputError for what goes wrong with the disk."""

    def __init__(self, path: Path, open_part: Callable[[Path], VideoTarget]) -> None:
        self._path = path
        self._part = part_of(path)
        try:
            with writing(path):
                self._target = open_part(self._part)
        except BaseException:
            remove(self._part)
            raise

    def write(self, frame: Frame) -> None:
        with writing(self._path):
            self._target.write(frame)

    def finish(self) -> None:
        with writing(self._path):
            self._target.finish()
            self._part.replace(self._path)

    def close(self) -> None:
        self._target.close()
        remove(self._part)


class H264Target:
    """libx264, with the frames' own times, and the sound as it was."""

    def __init__(self, path: Path, about: About, sound: Sound) -> None:
        self._about = about
        self._container: OutputContainer = av.open(str(path.absolute()), "w")
        able = self._container.supported_codecs
        self._sound = FittedSound(sound, lambda one: one.codec_context.name in able, path.suffix)
        self._stream: av.VideoStream | None = None
        self._sound_streams: dict[Stream, Stream] = {}
        self._last = -1

    def write(self, frame: Frame) -> None:
        if self._stream is None:
            self._stream = self._add_stream(frame)
            self._add_sound()
        pts = max(self._last + 1, round(frame.time / TIME_BASE))
        if self._container.format.name == "mp4" and pts - max(0, self._last) > LONGEST_PAUSE:
            raise InputError(PAUSED)
        self._last = pts
        picture = video_frame(frame, pts)
        picture.time_base = TIME_BASE
        self._mux(self._stream.encode(picture))
        self._copy_sound(self._sound.until(frame.time))

    def finish(self) -> None:
        if self._stream:
            self._mux(self._stream.encode())
            self._copy_sound(self._sound.until(math.inf))
            self._copy_sound(self._sound.rest())
        self._container.close()

    def close(self) -> None:
        # A failure to complete what is given up says nothing new.
        with contextlib.suppress(av.FFmpegError):
            self._container.close()

    def _mux(self, packets: "Sequence[av.Packet[Any]]") -> None:
        try:
            self._container.mux(packets)
        except av.PatchWelcomeError as error:
            raise InputError(PAUSED) from error

    def _add_stream(self, frame: Frame) -> av.VideoStream:
        check_encodable(frame.size)
        self._container.metadata.update(self._about.metadata)
        stream = self._container.add_stream("libx264", rate=self._about.rate)
        stream.width, stream.height, stream.pix_fmt = frame.width, frame.height, "yuv420p"
        stream.codec_context.time_base = TIME_BASE
        stream.codec_context.colorspace = AV_MATRIX[frame.matrix]
        stream.codec_context.color_range = AV_RANGE[frame.range]
        stream.codec_context.color_primaries = self._about.primaries
        stream.codec_context.color_trc = self._about.transfer
        stream.codec_context.sample_aspect_ratio = self._about.aspect
        stream.codec_context.thread_count = min(THREADS, os.cpu_count() or 1)
        stream.options = {"preset": "veryfast", "crf": CRF}
        return stream

    def _add_sound(self) -> None:
        for stream in self._sound.streams:
            copy = self._container.add_stream_from_template(stream)
            keep_words(stream, copy)
            self._sound_streams[stream] = copy

    def _copy_sound(self, packets: "Iterable[av.Packet[Any]]") -> None:
        for packet in packets:
            packet.stream = self._sound_streams[packet.stream]
            mux_sound(self._container, packet)


class Y4mTarget:
    """YUV4MPEG2, 4:2:0, as mjpegtools' yuv4mpeg(5) describes it."""

    def __init__(self, path: Path, about: About) -> None:
        self._about = about
        self._file = path.open("wb")
        self._begun = False

    def write(self, frame: Frame) -> None:
        if not self._begun:
            self._begun = True
            shade = "FULL" if frame.range is Range.FULL else "LIMITED"
            rate = f"{self._about.rate.numerator}:{self._about.rate.denominator}"
            aspect = f"{self._about.aspect.numerator}:{self._about.aspect.denominator}"
            head = f"YUV4MPEG2 W{frame.width} H{frame.height} F{rate} Ip A{aspect} C420mpeg2 XCOLORRANGE={shade}\n"
            self._file.write(head.encode())
        self._file.write(b"FRAME\n")
        for plane in (frame.y, frame.u, frame.v):
            self._file.writelines(plane)  # by rows: no copy of a plane that is a view

    def finish(self) -> None:
        self._file.close()

    def close(self) -> None:
        # What is still in its buffer is given up.
        with contextlib.suppress(OSError):
            self._file.close()
