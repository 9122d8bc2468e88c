"""A video file as frames, upright, and its sound as it is."""

import logging
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import av
from av.container import InputContainer
from av.stream import Stream

from edge_vsr.camera.convert import planes_of
from edge_vsr.camera.plain import PLAIN
from edge_vsr.errors import InputError
from edge_vsr.frame import Frame, Size
from edge_vsr.restoring.base import About
from edge_vsr.restoring.upright import Turn
from edge_vsr.sr.upscaler import LARGEST_SIDE

log = logging.getLogger(__name__)

USUAL_RATE = Fraction(25)
_OF_THE_FILE = frozenset({"major_brand", "minor_version", "compatible_brands", "encoder", "creation_tool"})
"""Metadata that tell of the file that was read and of who wrote it, not of the video."""


class VideoFile:
    """The first video stream of a file, and what belongs to it."""

    live = False

    def __init__(self, path: Path) -> None:
        """Raises InputError for a file without a frame that can be decoded."""
        self._path = path
        self._container = open_container(path)
        self._stopped = False
        try:
            self._stream = video_stream(self._container, str(path))
            self._start = start_of(self._container)
            self._pictures = self._decoded()
            self._first: av.VideoFrame | None = self._begin()
            self.about = about_of(self._container, self._stream, self._first)
            self.sound = FileSound(path)
        except BaseException:
            self._container.close()
            raise

    @property
    def name(self) -> str:
        return str(self._path)

    @property
    def frames(self) -> int | None:
        """How many frames the file says or its duration implies; None if neither is known."""
        if self._stream.frames:
            return self._stream.frames
        if self._container.duration:
            # Of MP4 in fragments it counts from nothing, not from the first picture.
            before = max(0.0, self._start) if "mp4" in self._container.format.name.split(",") else 0.0
            seconds = self._container.duration / av.time_base - before
            return max(1, round(seconds * self.about.rate))
        return None

    def __iter__(self) -> Iterator[Frame]:
        """Frames in order, the file beginning at 0 s; a frame without a time stamp follows the last by one interval.

        What cannot be decoded is left out, and said in the log.
        """
        interval = float(1 / self.about.rate)
        number, time = 0, -interval
        picture, self._first = self._first, None
        while picture is not None and not self._stopped:
            time = time + interval if picture.time is None else picture.time - self._start
            yield frame_of(picture, number, time, self.name)
            number += 1
            picture = next(self._pictures, None)

    def _begin(self) -> av.VideoFrame:
        first = next(self._pictures, None)
        if first is None:
            raise InputError(f"{self.name} has no frame that can be decoded")
        return first

    def _decoded(self) -> Iterator[av.VideoFrame]:
        damaged = 0
        for packet in packets_of(self._container, self._stream):
            try:
                pictures = self._stream.decode(packet)
            except av.FFmpegError:
                damaged += 1
                continue
            yield from pictures
        if damaged:
            log.warning("%s is damaged: %d of its packets cannot be decoded", self.name, damaged)

    def stop(self) -> None:
        self._stopped = True

    def close(self) -> None:
        self.sound.close()
        self._container.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class FileSound:
    """The audio streams of a file, packet by packet. It reads the file on its own, at the pace of who asks."""

    def __init__(self, path: Path) -> None:
        self._container = open_container(path)
        self._start = start_of(self._container)
        self.streams: tuple[Stream, ...] = tuple(self._container.streams.audio)
        self._packets = packets_of(self._container, *self.streams) if self.streams else iter(())
        self._next: av.Packet[Any] | None = None

    def until(self, time: float) -> "Iterator[av.Packet[Any]]":
        """The packets not given yet that begin before `time`, the file beginning at 0 s."""
        if self._next is None:
            self._next = next(self._packets, None)
        while (packet := self._next) is not None:
            if packet.pts is not None and packet.dts is not None:
                shift = round(self._start / packet.time_base)
                if (packet.pts - shift) * packet.time_base >= time:
                    return
                packet.pts, packet.dts = packet.pts - shift, packet.dts - shift
                yield packet
            self._next = next(self._packets, None)

    def close(self) -> None:
        self._container.close()


def video_stream(container: InputContainer, name: str) -> av.VideoStream:
    """The first one, ready to be decoded. Raises InputError."""
    stream = next(iter(container.streams.video), None)
    if stream is None:
        raise InputError(f"{name} has no video stream")
    if not _has_decoder(stream):
        raise InputError(f"{name} has video in a format that cannot be decoded")
    # Threads by frame would hold a frame each.
    stream.thread_type = "SLICE"
    stream.codec_context.options = {"max_pixels": str(LARGEST_SIDE**2)}
    return stream


def about_of(container: InputContainer, stream: av.VideoStream, first: av.VideoFrame) -> About:
    """What is known once the first picture is decoded."""
    size = Size(first.width, first.height)
    aspect = Fraction(stream.sample_aspect_ratio or 1)
    if Turn.of(first).transposed:
        size, aspect = Size(size.height, size.width), 1 / aspect
    return About(
        rate=Fraction(stream.average_rate or USUAL_RATE),
        sizes=(size,),
        aspect=aspect,
        primaries=first.color_primaries,
        transfer=first.color_trc,
        metadata={key: value for key, value in container.metadata.items() if key.lower() not in _OF_THE_FILE},
    )


def frame_of(picture: av.VideoFrame, number: int, time: float, name: str, wall: float | None = None) -> Frame:
    """A decoded picture, upright, at `time` seconds. Raises InputError for a kind of picture that cannot be read."""
    try:
        planes = Turn.of(picture).planes(planes_of(picture))
    except av.FFmpegError as error:
        raise InputError(f"{name} has {picture.format.name} pictures, which cannot be read") from error
    wall = time if wall is None else wall
    return Frame(planes.y, planes.u, planes.v, planes.matrix, planes.range, number, time, wall)


def open_container(path: Path) -> InputContainer:
    """Raises InputError."""
    try:
        # Absolute, since FFmpeg takes "2026-11-22T10:00.mp4" for an address; and titles need not be UTF-8.
        return av.open(str(path.absolute()), options=PLAIN, metadata_errors="replace")
    except (av.FFmpegError, OSError) as error:
        raise InputError(f"{path} is not a video that can be read: {error.strerror}") from error


def start_of(container: InputContainer) -> float:
    """In seconds, on its own time line."""
    return (container.start_time or 0) / av.time_base


def _has_decoder(stream: av.VideoStream) -> bool:
    # PyAV's stub leaves out that a stream without a decoder has no context.
    return getattr(stream, "codec_context", None) is not None


def packets_of(container: InputContainer, *streams: Any) -> "Iterator[av.Packet[Any] | None]":
    """Packets to the end or to where the file breaks off; the last one has no data and empties the decoder."""
    try:
        yield from container.demux(*streams)
    except av.FFmpegError as error:
        log.warning("%s breaks off: %s", container.name, error.strerror)
        yield None
