"""The sound of segments, one behind the other."""

import logging
from collections import deque
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import av
from av.container import InputContainer
from av.stream import Stream

from edge_vsr.restoring.base import SOUND_BYTES
from edge_vsr.restoring.parts import Part
from edge_vsr.restoring.sound import stream_like

log = logging.getLogger(__name__)


class SequenceSound:
    """The sound of pieces as they come. `begin` and `add` are called by the thread that reads frames, the rest by the
    one that writes them."""

    def __init__(self) -> None:
        self._held = ExitStack()
        self.streams: tuple[Stream, ...] = ()
        self._waiting: deque[tuple[float, Any]] = deque()
        self._size = 0
        self._latest: dict[int, int] = {}
        self._told = False

    def begin(self, part: Part, container: InputContainer) -> None:
        """The first part with sound, open in `container`, says of what kind it is."""
        if not self.streams and container.streams.audio:
            self.streams = tuple(self._held.enter_context(part.opened()).streams.audio)

    def add(self, packet: "av.Packet[Any]", offset: float) -> None:
        """One more, of which `offset` is the way to the time line of the frames, in seconds."""
        stream = stream_like(packet.stream, self.streams)
        if stream is None and not self._told:
            self._told = True
            log.warning("the sound becomes another one on its way, and what is not like its beginning is left out")
        if stream is None or packet.pts is None or packet.dts is None or self._size > SOUND_BYTES:
            return
        shift = round(offset / packet.time_base)
        packet.pts, packet.dts = packet.pts + shift, packet.dts + shift
        if packet.dts <= self._latest.get(stream.index, -1):
            return
        self._latest[stream.index] = packet.dts
        packet.stream = stream
        self._size += packet.size
        self._waiting.append((float(packet.pts * packet.time_base), packet))

    def forget(self) -> None:
        """Nothing of it belongs to a frame. For the thread that reads, before anything is written."""
        self._waiting.clear()
        self._latest.clear()
        self._size = 0

    def until(self, time: float) -> "Iterator[av.Packet[Any]]":
        while self._waiting and self._waiting[0][0] < time:
            packet = self._waiting.popleft()[1]
            self._size -= packet.size
            yield packet

    def close(self) -> None:
        self._held.close()
