"""Coded pictures to a live far end; what it missed stays in the spool."""

import logging
import random
from dataclasses import dataclass
from enum import Enum

from edge_vsr.backoff import LINK_PAUSES, Backoff
from edge_vsr.channel import Channel
from edge_vsr.clock import Clock
from edge_vsr.coded import TIME_BASE, CodedPicture
from edge_vsr.errors import UplinkError
from edge_vsr.heartbeat import Heartbeat
from edge_vsr.part import LIVE, UPLINK, Part, PartStatus
from edge_vsr.segment import SegmentInfo
from edge_vsr.uplink.base import LiveUplink
from edge_vsr.uplink.spool import Spool

log = logging.getLogger(__name__)

_KEPT = "what it misses is kept in the spool"
_UNSENT = "what it misses it does not get later"
LIVE_DEPTH = 120
"""Coded pictures that wait for a live far end before a gap is made."""
LIVE_QUEUE = 0.5
"""Seconds of video that queue where all is well."""
LIVE_PATIENCE = 1.0
"""Seconds that may queue beyond."""


class LiveState(Enum):
    CONNECTING = "connecting"
    LIVE = "live"
    AWAY = "away"


@dataclass(frozen=True, slots=True)
class LiveStatus:
    """A live far end at one moment."""

    state: LiveState
    last_error: str | None
    """Why it is away, without secrets; None while it is not."""
    bytes: int
    """Of coded pictures that it took."""
    segments: int
    """Of which it took every picture."""


class LiveFeed:
    """The queue before a live uplink. It never makes the writer wait: when it is full, pictures are left out up to
    the next keyframe, and the segments that they belong to are not reported as pushed."""

    def __init__(self, capacity: int) -> None:
        self.channel: Channel[CodedPicture | SegmentInfo] = Channel(capacity)
        self._skipping = False
        self._whole = True
        self.newest = 0
        """`pts` of the last picture, queued or not."""
        self.segments = 0
        """Segments whose end was queued."""

    def offer(self, item: CodedPicture | SegmentInfo) -> None:
        """Queue a picture, or a segment's end after its last picture."""
        if isinstance(item, SegmentInfo):
            if self._whole and self.channel.offer(item):
                self.segments += 1
            self._whole = True
            return
        self.newest = item.pts
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
        spool: Spool | None,
        clock: Clock,
        *,
        backoff: Backoff | None = None,
        rng: random.Random | None = None,
    ) -> None:
        """`spool` is None where its segments are for another far end."""
        self._uplink = uplink
        self._spool = spool
        self._backoff = backoff or LINK_PAUSES
        self._rng = rng or random.Random()
        self._part = Part(LIVE if spool is None else UPLINK, clock)
        self._unbroken = False
        self._whole = True
        self.state = LiveState.CONNECTING
        self.bytes = 0
        """Bytes of pictures that the far end took."""
        self.segments = 0
        """Segments of which the far end took every picture."""
        self.settled = 0
        """Segments that are over, whole or not."""
        self.newest = 0
        """`pts` of the last picture that was pushed or given up."""

    def handle(self, item: CodedPicture | SegmentInfo) -> None:
        """Push a picture, or, after a segment's last picture, settle the segment that is in the spool by then."""
        if isinstance(item, SegmentInfo):
            if self._whole:
                if self._spool is not None:
                    self._spool.remove(item.name)
                self.segments += 1
            self.settled += 1
            self._whole = True
            return
        if not self._push(item):
            self._whole = self._unbroken = False
        self.newest = item.pts

    def lost(self, error: UplinkError) -> None:
        """The session ended by what went beside the pictures."""
        self._whole = self._unbroken = False
        self._failed(error)

    def close(self) -> None:
        """End the session in an orderly way."""
        self._uplink.close()

    @property
    def status(self) -> LiveStatus:
        return LiveStatus(self.state, self._part.error, self.bytes, self.segments)

    @property
    def part(self) -> PartStatus:
        """The far end as a part of the run."""
        return self._part.status(self.state.value)

    def _push(self, picture: CodedPicture) -> bool:
        if not self._unbroken and (not picture.keyframe or self._part.retry_in):
            return False
        try:
            self._uplink.push(picture)
        except UplinkError as error:
            self._failed(error)
            return False
        self._unbroken = True
        self.bytes += len(picture.data)
        if self.state is not LiveState.LIVE:
            log.info("live to %s", self._uplink.name)
            self.state = LiveState.LIVE
            self._part.worked()
        return True

    def _failed(self, error: UplinkError) -> None:
        in_a_row = self._part.failed(str(error))
        self._part.rest(self._backoff.pause(in_a_row, self._rng))
        if self.state is not LiveState.AWAY:
            log.warning("%s; %s", error, _UNSENT if self._spool is None else _KEPT)
        self.state = LiveState.AWAY


class LivePath:
    """Pictures from the encoder's thread to a live far end. `offer` and `end` are called by one thread, `run` by
    another; the rest by any."""

    def __init__(self, uplink: LiveUplink, spool: Spool | None, clock: Clock) -> None:
        """`spool` is None where its segments are for another far end."""
        self._feed = LiveFeed(LIVE_DEPTH)
        self._pusher = LivePusher(uplink, spool, clock)

    def offer(self, item: CodedPicture | SegmentInfo) -> None:
        """Queue a picture, or a segment's end after its last picture; never waits."""
        self._feed.offer(item)

    def end(self) -> None:
        """Nothing more will come."""
        self._feed.channel.close()

    def run(self, heartbeat: Heartbeat) -> None:
        """Push until `end`, and what is queued then."""
        while (item := self._feed.channel.get()) is not None:
            with heartbeat.at_work():
                self._pusher.handle(item)
        self._pusher.close()

    @property
    def status(self) -> LiveStatus:
        return self._pusher.status

    @property
    def part(self) -> PartStatus:
        """The far end as a part of the run."""
        return self._pusher.part

    @property
    def waiting_seconds(self) -> float:
        """Seconds of video that queue, beyond what queues where all is well."""
        return max(0.0, float((self._feed.newest - self._pusher.newest) * TIME_BASE) - LIVE_QUEUE)

    @property
    def backlog(self) -> int:
        """Segments that wait for their pictures to be pushed."""
        # What was missed is no backlog: no lower rung brings it back.
        return self._feed.segments - self._pusher.settled
