"""Coded pictures to a live far end; what it missed stays in the spool."""

import logging
import random
from enum import Enum

from edge_vsr.backoff import Backoff
from edge_vsr.channel import Channel
from edge_vsr.clock import Clock
from edge_vsr.coded import CodedPicture
from edge_vsr.errors import UplinkError
from edge_vsr.segment import SegmentInfo
from edge_vsr.uplink.base import LiveUplink
from edge_vsr.uplink.spool import Spool

log = logging.getLogger(__name__)


class LiveState(Enum):
    CONNECTING = "connecting"
    LIVE = "live"
    AWAY = "away"


class LiveFeed:
    """The queue before a live uplink. It never makes the writer wait: when it is full, pictures are left out up to
    the next keyframe, and the segments that they belong to are not reported as pushed."""

    def __init__(self, capacity: int) -> None:
        self.channel: Channel[CodedPicture | SegmentInfo] = Channel(capacity)
        self._skipping = False
        self._whole = True
        self.segments = 0
        """Segments whose end was queued."""

    def offer(self, item: CodedPicture | SegmentInfo) -> None:
        """Queue a picture, or a segment's end after its last picture."""
        if isinstance(item, SegmentInfo):
            if self._whole and self.channel.offer(item):
                self.segments += 1
            self._whole = True
            return
        self._skipping = self._skipping and not item.keyframe
        if self._skipping or not self.channel.offer(item):
            self._skipping, self._whole = True, False


class LivePusher:
    """Pushes pictures in order, starts anew at a keyframe after a loss, and takes from the spool what got through.

    Used by one thread; the public attributes may be read by any.
    """

    def __init__(
        self,
        uplink: LiveUplink,
        spool: Spool,
        clock: Clock,
        *,
        backoff: Backoff | None = None,
        rng: random.Random | None = None,
    ) -> None:
        self._uplink = uplink
        self._spool = spool
        self._clock = clock
        self._backoff = backoff or Backoff()
        self._rng = rng or random.Random()
        self._failures = 0
        self._retry_at = 0.0
        self._unbroken = False
        self._whole = True
        self.state = LiveState.CONNECTING
        self.last_error: str | None = None
        self.segments = 0
        """Segments of which the far end took every picture."""
        self.settled = 0
        """Segments that are over, whole or not."""

    def handle(self, item: CodedPicture | SegmentInfo) -> None:
        """Push a picture, or, after a segment's last picture, settle the segment that is in the spool by then."""
        if isinstance(item, SegmentInfo):
            if self._whole:
                self._spool.remove(item.name)
                self.segments += 1
            self.settled += 1
            self._whole = True
        elif not self._push(item):
            self._whole = self._unbroken = False

    def close(self) -> None:
        """End the session in an orderly way."""
        self._uplink.close()

    def _push(self, picture: CodedPicture) -> bool:
        if not self._unbroken and (not picture.keyframe or self._clock.monotonic() < self._retry_at):
            return False
        try:
            self._uplink.push(picture)
        except UplinkError as error:
            self._failed(error)
            return False
        self._unbroken = True
        if self.state is not LiveState.LIVE:
            log.info("live to %s", self._uplink.name)
            self.state, self.last_error, self._failures = LiveState.LIVE, None, 0
        return True

    def _failed(self, error: UplinkError) -> None:
        self._failures += 1
        self._retry_at = self._clock.monotonic() + self._backoff.pause(self._failures, self._rng)
        self.last_error = str(error)
        if self.state is not LiveState.AWAY:
            log.warning("%s; what it misses is kept in the spool", error)
        self.state = LiveState.AWAY
