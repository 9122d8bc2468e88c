"""The sound of a live stream, which comes in the session of its pictures."""

import logging
import os
import threading
from collections import deque
from collections.abc import Iterator
from typing import Any

import av
from av.audio.stream import AudioStream
from av.stream import Stream

from edge_vsr.camera.timeline import LiveTimeline
from edge_vsr.clock import Clock
from edge_vsr.restoring.base import SOUND_BYTES
from edge_vsr.restoring.sound import codec_of, keep_words

log = logging.getLogger(__name__)


class LiveSound:
    """An `Ear`, and the `Sound` that it heard: the first audio stream of a camera, as the first session has it.

    Note on locking: `_lock` guards what waits, which one thread adds to and another takes from.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.start = 0.0
        """Where the time line of the frames begins, on the monotonic clock."""
        self.streams: tuple[Stream, ...] = ()
        self._begun = False
        self._fits = False
        self._lock = threading.Lock()
        self._waiting: deque[tuple[float, Any]] = deque()
        self._size = 0
        self._timeline = LiveTimeline()

    def begin(self, stream: AudioStream | None) -> None:
        kind = codec_of(stream)
        if not self._begun and stream is not None and kind is not None:
            self.streams = (_alone(stream),)
        self._begun = True
        self._fits = any(codec_of(one) == kind for one in self.streams)

    def hear(self, packet: "av.Packet[Any]") -> None:
        with self._lock:
            if not self._fits or self._size >= SOUND_BYTES:
                return
            stamp = None if packet.pts is None else float(packet.pts * packet.time_base)
            packet.stream = self.streams[0]
            self._size += packet.size
            self._waiting.append((self._timeline.stamp(stamp, self._clock.monotonic()), packet))

    def until(self, time: float) -> "Iterator[av.Packet[Any]]":
        while taken := self._taken(time):
            heard, packet = taken
            if heard >= self.start:
                packet.pts = packet.dts = round((heard - self.start) / packet.time_base)
                yield packet

    def close(self) -> None:
        with self._lock:
            self._fits = False
            self._waiting.clear()

    def _taken(self, time: float) -> tuple[float, Any] | None:
        with self._lock:
            if not self._waiting or self._waiting[0][0] - self.start >= time:
                return None
            heard, packet = self._waiting.popleft()
            self._size -= packet.size
            return heard, packet


def _alone(stream: AudioStream) -> Stream:
    """One of the same kind that needs no session: a camera with one alone must have it back before it gives another."""
    copy = av.open(os.devnull, "w", format="null").add_stream_from_template(stream)
    keep_words(stream, copy)
    return copy
