"""Packets that may outlive the device that they came from."""

from collections.abc import Iterator
from typing import Any

import av
from av.container import InputContainer
from av.container.streams import StreamContainer


class CopiedPackets:
    """An open V4L2 device, each packet of which is a copy.

    FFmpeg's own packets lie in the driver's memory, and a decoder of raw pictures leaves them there. Whoever lets go of
    one after the device was closed is killed by it; and a driver whose buffers are held has none to fill.
    """

    def __init__(self, container: InputContainer) -> None:
        """Takes `container` over."""
        self._container = container

    @property
    def streams(self) -> StreamContainer:
        return self._container.streams

    def demux(self, stream: av.VideoStream) -> Iterator["av.Packet[Any]"]:
        """The packets of `stream`. Raises av.FFmpegError."""
        for packet in self._container.demux(stream):
            copy: av.Packet[Any] = av.Packet(bytes(packet))
            copy.stream, copy.time_base, copy.pts, copy.dts = stream, packet.time_base, packet.pts, packet.dts
            del packet
            yield copy

    def close(self) -> None:
        self._container.close()
