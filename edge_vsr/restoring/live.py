"""A video pushed live: each frame when it is due, over RTSP or RTMP."""

import logging
import threading
from collections.abc import Iterable
from typing import Any

import av

from edge_vsr.clock import Clock
from edge_vsr.codec.encoder import Encoder, EncoderSettings
from edge_vsr.codec.kinds import X264
from edge_vsr.coded import TIME_BASE
from edge_vsr.errors import UplinkAway, UplinkError
from edge_vsr.frame import Frame
from edge_vsr.policy.cadence import Cadence, Cut
from edge_vsr.restoring.base import About
from edge_vsr.restoring.rate import ceiling_kbits
from edge_vsr.restoring.sound import FittedSound, packet_of
from edge_vsr.stages.live import LivePusher, LiveState
from edge_vsr.uplink.base import SoundUplink

log = logging.getLogger(__name__)

PATIENCE = 30.0
"""Seconds that the far end may be away."""


class LiveTarget:
    """libx264 without delay. A far end that was lost is tried again at every keyframe, and misses what was between."""

    def __init__(self, uplink: SoundUplink, about: About, sound: FittedSound, clock: Clock, *, paced: bool) -> None:
        """`sound` is of a kind that the far end takes, in one stream.

        `paced` holds frames back until they are due; those of a live source are.
        """
        self._uplink = uplink
        self._sound = sound
        self._about = about
        self._clock = clock
        self._paced = paced
        self._pusher = LivePusher(uplink, None, clock)
        self._cadence = Cadence.at_rate(about.rate)
        self._encoder: Encoder | None = None
        self._closed = threading.Event()
        self._late: float | None = None
        self._last = -1
        self._seen = clock.monotonic()

    def write(self, frame: Frame) -> None:
        """Raises UplinkError if the far end is away at the beginning, or for longer than PATIENCE."""
        self._cadence, cut = self._cadence.step(frame.time)
        first = self._encoder is None
        if self._encoder is None:
            rate = self._about.rate
            kbits = round(ceiling_kbits(frame.size, rate))
            settings = EncoderSettings(frame.size, rate, frame.matrix, frame.range, kbits)
            self._encoder = X264.open(settings)
            self._late = self._clock.monotonic() - frame.time
        self._last = max(self._last + 1, round(frame.time / TIME_BASE))
        pictures = self._encoder.encode(frame, self._last, keyframe=cut is not Cut.NONE)
        if self._paced and self._late is not None:
            self._clock.wait(self._closed, frame.time + self._late - self._clock.monotonic())
        for picture in pictures:
            self._pusher.handle(picture)
        self._hear(self._sound.until(frame.time))
        self._judge(0.0 if first else PATIENCE)

    def finish(self) -> None:
        self._hear(self._sound.rest())
        self._pusher.close()

    def close(self) -> None:
        self._closed.set()
        self._pusher.close()

    def _hear(self, packets: "Iterable[av.Packet[Any]]") -> None:
        for packet in packets:
            try:
                if self._pusher.state is LiveState.LIVE and (heard := packet_of(packet)):
                    self._uplink.hear(heard)
            except UplinkError as error:
                self._pusher.lost(error)

    def _judge(self, patience: float) -> None:
        now = self._clock.monotonic()
        if self._pusher.state is LiveState.LIVE:
            self._seen = now
        elif now - self._seen >= patience:
            raise UplinkAway(self._pusher.status.last_error or f"{self._uplink.name} is away")
