"""A video file as frames, and its sound as it is."""

import logging
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import av
from av.container import InputContainer

from edge_vsr.camera.convert import planes_of
from edge_vsr.errors import InputError
from edge_vsr.frame import Frame

log = logging.getLogger(__name__)

USUAL_RATE = Fraction(25)


class VideoSource:
    """The first video stream of a file, and what belongs to it."""

    def __init__(self, path: Path) -> None:
        """Raises InputError for a file without video that can be decoded."""
        self.path = path
        self._container = _open(path)
        stream = next(iter(self._container.streams.video), None)
        if stream is None or not _has_decoder(stream):
            self._container.close()
            what = "no video stream" if stream is None else "video in a format that cannot be decoded"
            raise InputError(f"{path} has {what}")
        # Threads by frame would hold a frame each.
        stream.thread_type = "SLICE"
        self._stream = stream
        self._start = _start(self._container)
        self.rate = Fraction(stream.average_rate or USUAL_RATE)
        """Nominal frames a second."""

    @property
    def frames(self) -> int | None:
        """How many frames the file says or its duration implies; None if neither is known."""
        if self._stream.frames:
            return self._stream.frames
        if self._container.duration:
            return max(1, round(self._container.duration / av.time_base * self.rate))
        return None

    def __iter__(self) -> Iterator[Frame]:
        """Frames in order, the file beginning at 0 s; a frame without a time stamp follows the last by one interval.

        What cannot be decoded is left out, and said in the log. Raises InputError if not even one frame can be.
        """
        interval = float(1 / self.rate)
        number, time = 0, -interval
        for picture in self._decoded():
            time = time + interval if picture.time is None else picture.time - self._start
            try:
                planes = planes_of(picture)
            except av.FFmpegError as error:
                raise InputError(f"{self.path} has {picture.format.name} pictures, which cannot be read") from error
            yield Frame(planes.y, planes.u, planes.v, planes.matrix, planes.range, number, time, wall=time)
            number += 1
        if number == 0:
            raise InputError(f"{self.path} has no frame that can be decoded")

    def _decoded(self) -> Iterator[av.VideoFrame]:
        damaged = 0
        for packet in _packets(self._container, self._stream):
            try:
                pictures = self._stream.decode(packet)
            except av.FFmpegError:
                damaged += 1
                continue
            yield from pictures
        if damaged:
            log.warning("%s is damaged: %d of its packets cannot be decoded", self.path, damaged)

    def close(self) -> None:
        self._container.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class Sound:
    """The audio streams of a file, packet by packet. It reads the file on its own, at the pace of who asks."""

    def __init__(self, path: Path) -> None:
        self._container = _open(path)
        self._start = _start(self._container)
        self.streams = self._container.streams.audio
        self._packets = _packets(self._container, *self.streams) if self.streams else iter(())
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


def _open(path: Path) -> InputContainer:
    try:
        # Absolute, since FFmpeg takes "2026-11-22T10:00.mp4" for an address; and titles need not be UTF-8.
        return av.open(str(path.absolute()), metadata_errors="replace")
    except (av.FFmpegError, OSError) as error:
        raise InputError(f"{path} is not a video that can be read: {error.strerror}") from error


def _start(container: InputContainer) -> float:
    return (container.start_time or 0) / av.time_base


def _has_decoder(stream: av.VideoStream) -> bool:
    # PyAV's stub leaves out that a stream without a decoder has no context.
    return getattr(stream, "codec_context", None) is not None


def _packets(container: InputContainer, *streams: Any) -> "Iterator[av.Packet[Any] | None]":
    """Packets to the end or to where the file breaks off; the last one has no data and empties the decoder."""
    try:
        yield from container.demux(*streams)
    except av.FFmpegError as error:
        log.warning("%s breaks off: %s", container.name, error.strerror)
        yield None
