"""The sound of a camera, aside while its pictures are read: many cameras give one session and no second one."""

from collections.abc import Iterator
from typing import Any, Protocol

import av
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.container.streams import StreamContainer


class Ear(Protocol):
    """Who hears a camera, on the thread that reads its pictures."""

    def begin(self, stream: AudioStream | None) -> None:
        """A session was opened, the first one or another. `stream` is its first one with sound; None without any."""

    def hear(self, packet: "av.Packet[Any]") -> None:
        """The next packet of that stream; it may outlive the session, and `stream` does not."""


class HeardSession:
    """An open container that gives its pictures to who demuxes, and its sound to an `Ear`."""

    def __init__(self, container: InputContainer, ear: Ear) -> None:
        """Takes `container` over."""
        self._container = container
        self._ear = ear
        ear.begin(next(iter(container.streams.audio), None))

    @property
    def streams(self) -> StreamContainer:
        return self._container.streams

    def demux(self, stream: av.VideoStream) -> Iterator["av.Packet[Any]"]:
        """The packets of `stream`. Raises av.FFmpegError."""
        for packet in self._container.demux(stream, *self._container.streams.audio[:1]):
            if packet.stream.index == stream.index:  # its own number is 0 where it stands for the end
                yield packet
            elif packet.size:
                self._ear.hear(packet)

    def close(self) -> None:
        self._container.close()
