"""The sound of a live stream, in a session of its own beside that of the pictures, which are read for themselves."""

import logging
import threading
from collections import deque
from collections.abc import Iterator
from typing import Any

import av
from av.container import InputContainer
from av.stream import Stream

from edge_vsr.camera.address import CameraAddress
from edge_vsr.camera.base import CaptureWish
from edge_vsr.camera.stream import stream_options
from edge_vsr.camera.timeline import LiveTimeline
from edge_vsr.clock import Clock
from edge_vsr.restoring.base import SOUND_BYTES

log = logging.getLogger(__name__)

SILENCE = 10.0
"""Seconds that a session may take to open, and that it may be silent."""
PAUSE = 2.0
"""Seconds between two sessions."""
RELEASE = 1.0
"""Seconds that a session gets to end."""


class LiveSound:
    """The first audio stream of an RTSP address, reopened when it is lost. Used by one thread."""

    def __init__(self, address: CameraAddress, clock: Clock) -> None:
        """Begins to open it."""
        self._address = address
        self._clock = clock
        self.start = 0.0
        """Where the time line of the frames begins, on the monotonic clock."""
        self._stop = threading.Event()
        self._known = threading.Event()
        self._template: InputContainer | None = None
        self._waiting: deque[tuple[float, Any]] = deque()
        self._size = 0
        self._timeline = LiveTimeline()
        self._thread = threading.Thread(target=self._run, name="sound", daemon=True)
        self._thread.start()

    @property
    def streams(self) -> tuple[Stream, ...]:
        """Waits until it is known whether there is one."""
        self._known.wait(SILENCE)
        return tuple(self._template.streams.audio[:1]) if self._template else ()

    def until(self, time: float) -> "Iterator[av.Packet[Any]]":
        while self._waiting and self._waiting[0][0] - self.start < time:
            heard, packet = self._waiting.popleft()
            self._size -= packet.size
            if heard >= self.start:
                packet.pts = packet.dts = round((heard - self.start) / packet.time_base)
                yield packet

    def close(self) -> None:
        self._stop.set()
        self._thread.join(RELEASE)
        # Never under a read: a session that hangs is left behind.
        if self._template is not None and not self._thread.is_alive():
            self._template.close()

    def _run(self) -> None:
        options = {**stream_options(self._address.kind, CaptureWish()), "allowed_media_types": "audio"}
        trouble = "it has none"
        while not self._stop.is_set():
            try:
                container = av.open(self._address.target, options=options, timeout=(SILENCE, SILENCE))
                if self._template is None and container.streams.audio:
                    self._template = container
                self._known.set()
                self._take(container)
            except (av.FFmpegError, OSError) as error:
                trouble = error.strerror or trouble  # str(error) has the address and its secrets
            if self._template is None:
                log.info("%s: pictures without sound: %s", self._address.name, trouble)
                self._known.set()
                return
            self._clock.wait(self._stop, PAUSE)

    def _take(self, container: InputContainer) -> None:
        for stream in container.streams.audio[:1]:
            for packet in container.demux(stream):
                if self._stop.is_set():
                    return
                if packet.size and self._template is not None and self._size < SOUND_BYTES:
                    stamp = None if packet.pts is None else float(packet.pts * packet.time_base)
                    packet.stream = self._template.streams.audio[0]
                    self._size += packet.size
                    self._waiting.append((self._timeline.stamp(stamp, self._clock.monotonic()), packet))
