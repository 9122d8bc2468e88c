"""A video file as frames, upright, and its sound as it is."""

import logging
from collections.abc import Generator, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import av
from av.container import InputContainer
from av.stream import Stream

from edge_vsr.camera.convert import planes_of
from edge_vsr.camera.plain import MODEST
from edge_vsr.errors import InputError
from edge_vsr.frame import LARGEST_SIDE, Frame, Group, Size
from edge_vsr.restoring.base import About
from edge_vsr.restoring.groups import EXPORT, Groups
from edge_vsr.restoring.parts import Part, decoder_of, parts_of
from edge_vsr.restoring.sound import stream_like
from edge_vsr.restoring.upright import Turn

log = logging.getLogger(__name__)

USUAL_RATE = Fraction(25)
_OF_THE_FILE = frozenset({"major_brand", "minor_version", "compatible_brands", "encoder", "creation_tool"})
"""Metadata that tell of the file that was read and of who wrote it, not of the video."""


class VideoFile:
    """The first video stream of a file, and what belongs to it, whatever it becomes on its way."""

    live = False

    def __init__(self, path: Path) -> None:
        """Raises InputError for a file without a frame that can be decoded."""
        self.about: About
        self._path = path
        self._parts = parts_of(path)
        self._stopped = False
        self._about: About | None = None
        self._counted: int | None = None
        self._groups = Groups()
        self._pictures = self._decoded()
        try:
            self._first: Shown | None = self._begin()
            self.about = self._whole_about()
            self.sound = FileSound(path, self._parts)
        except BaseException:
            self._pictures.close()
            raise

    @property
    def name(self) -> str:
        return str(self._path)

    @property
    def frames(self) -> int | None:
        """How many frames the file says or its duration implies; None if neither is known."""
        if self._counted and len(self._parts) == 1:
            return self._counted
        seconds = sum(part.duration for part in self._parts)
        return max(1, round(seconds * self.about.rate)) if seconds else None

    def __iter__(self) -> Iterator[Frame]:
        """Frames in order, the file beginning at 0 s; a frame without a time stamp follows the last by one interval.

        What cannot be decoded is left out, and said in the log.
        """
        interval = float(1 / self.about.rate)
        number, time = 0, -interval
        shown, self._first = self._first, None
        while shown is not None and not self._stopped:
            time = time + interval if shown.time is None else shown.time
            yield frame_of(shown.picture, number, time, self.name, group=self._groups.of(shown.picture))
            number += 1
            shown = next(self._pictures, None)

    def _begin(self) -> "Shown":
        first = next(self._pictures, None)
        if first is None:
            raise InputError(f"{self.name} has no frame that can be decoded")
        return first

    def _whole_about(self) -> About:
        about = self._about or About(USUAL_RATE, ())
        later = dict.fromkeys(part.size for part in self._parts[1:] if part.size is not None)
        return replace(about, sizes=(*about.sizes, *later))

    def _decoded(self) -> Generator["Shown", None, None]:
        for part in self._parts:
            with part.opened() as container:
                yield from self._decoded_part(container, part.offset)

    def _decoded_part(self, container: InputContainer, offset: float) -> Iterator["Shown"]:
        damaged = 0
        stream = video_stream(container, self.name)
        for packet in packets_of(container, stream):
            try:
                pictures = stream.decode(packet)
            except av.FFmpegError:
                damaged += 1
                continue
            for picture in pictures:
                if self._about is None:
                    self._about, self._counted = about_of(container, stream, picture), stream.frames
                yield Shown(picture, None if picture.time is None else picture.time + offset)
        if damaged:
            log.warning("%s is damaged: %d of its packets cannot be decoded", self.name, damaged)

    def stop(self) -> None:
        self._stopped = True

    def close(self) -> None:
        self.sound.close()
        self._pictures.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


@dataclass(frozen=True, slots=True)
class Shown:
    """A picture as it was decoded."""

    picture: av.VideoFrame
    time: float | None
    """In seconds, on the line of the file."""


class FileSound:
    """The audio streams of a file, packet by packet. It reads the file on its own, at the pace of who asks."""

    def __init__(self, path: Path, parts: Sequence[Part] | None = None) -> None:
        """Raises InputError."""
        self._parts = parts_of(path) if parts is None else parts
        self._held = ExitStack()
        self.streams: tuple[Stream, ...] = self._first_streams()
        self._packets = self._read()
        self._next: av.Packet[Any] | None = None

    def until(self, time: float) -> "Iterator[av.Packet[Any]]":
        """The packets not given yet that begin before `time`, the file beginning at 0 s."""
        if self._next is None:
            self._next = next(self._packets, None)
        while (packet := self._next) is not None:
            if (packet.pts or 0) * packet.time_base >= time:
                return
            yield packet
            self._next = next(self._packets, None)

    def close(self) -> None:
        self._packets.close()
        self._held.close()

    def _first_streams(self) -> tuple[Stream, ...]:
        """Those of the first part that has any. They tell who writes what the packets are."""
        for part in self._parts:
            with ExitStack() as held:
                container = held.enter_context(part.opened())
                if container.streams.audio:
                    self._held = held.pop_all()
                    return tuple(container.streams.audio)
        return ()

    def _read(self) -> "Generator[av.Packet[Any], None, None]":
        for part in self._parts if self.streams else ():
            with part.opened() as container:
                for packet in packets_of(container, *container.streams.audio) if container.streams.audio else ():
                    like = None if packet is None else stream_like(packet.stream, self.streams)
                    if packet is None or like is None or packet.pts is None or packet.dts is None:
                        continue
                    shift = round(part.offset / packet.time_base)
                    packet.pts, packet.dts = packet.pts + shift, packet.dts + shift
                    packet.stream = like
                    yield packet


def video_stream(container: InputContainer, name: str) -> av.VideoStream:
    """The first one, ready to be decoded. Raises InputError."""
    stream = next(iter(container.streams.video), None)
    if stream is None:
        raise InputError(f"{name} has no video stream")
    if decoder_of(stream) is None:
        raise InputError(f"{name} has video in a format that cannot be decoded")
    size = Size(stream.codec_context.width, stream.codec_context.height)
    if max(size.width, size.height) > LARGEST_SIDE:
        raise InputError(f"{name} has pictures of {size}, which is too large; at most {LARGEST_SIDE} a side")
    # Threads by frame would hold a frame each.
    stream.thread_type = "SLICE"
    stream.codec_context.options = MODEST | EXPORT
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


def frame_of(
    picture: av.VideoFrame,
    number: int,
    time: float,
    name: str,
    wall: float | None = None,
    group: Group | None = None,
) -> Frame:
    """A decoded picture, upright, at `time` seconds. Raises InputError for a kind of picture that cannot be read."""
    try:
        planes = Turn.of(picture).planes(planes_of(picture))
    except av.FFmpegError as error:
        raise InputError(f"{name} has {picture.format.name} pictures, which cannot be read") from error
    wall = time if wall is None else wall
    return Frame(planes.y, planes.u, planes.v, planes.matrix, planes.range, number, time, wall, group)


def packets_of(container: InputContainer, *streams: Any) -> "Iterator[av.Packet[Any] | None]":
    """Packets to the end or to where the file breaks off; the last one has no data and empties the decoder."""
    try:
        yield from container.demux(*streams)
    except av.FFmpegError as error:
        log.warning("%s breaks off: %s", container.name, error.strerror)
        yield None
