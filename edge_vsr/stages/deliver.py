"""From the encoder to the far end: by way of the spool, or live with the spool behind it."""

import logging
import math
import threading
from collections.abc import Sequence
from functools import partial
from typing import Protocol

from edge_vsr.clock import Clock
from edge_vsr.coded import CodedPicture
from edge_vsr.errors import OutputError
from edge_vsr.heartbeat import Heartbeat, Heartbeats
from edge_vsr.part import PartStatus
from edge_vsr.policy.link import LOCAL, Link, LinkEstimate
from edge_vsr.rung import SEGMENT_SECONDS, STILL_SECONDS
from edge_vsr.segment import Segment
from edge_vsr.stages.live import LIVE_PATIENCE, LivePath, LiveStatus
from edge_vsr.uplink.base import LiveUplink, SegmentUplink
from edge_vsr.uplink.folder import FolderUplink
from edge_vsr.uplink.lanes import in_threads
from edge_vsr.uplink.order import Order
from edge_vsr.uplink.sender import FOLDER_WINDOW, HTTP_WINDOW, SegmentSender
from edge_vsr.uplink.spool import RETRY_SECONDS, Spool
from edge_vsr.uplink.transfers import Transfer

log = logging.getLogger(__name__)

DRAIN_SECONDS = 10.0
"""What the far end may take at the end of a run to get what waits."""
DELIVERY_PATIENCE = 1800.0
"""Seconds that one delivery may take: a segment of 3 MB on the slowest link that counts as a link."""
SPOOL_PATIENCE = 2 * SEGMENT_SECONDS
"""Of video, that may wait for a far end that keeps segments."""
RATE_PAUSE = 60.0
"""Seconds between two times that the link's rate is written down for the next run."""


class Delivery(Protocol):
    """`take` and `end` are called by one thread, `run` by another; the rest by any."""

    def take(self, item: CodedPicture | Segment, stop: threading.Event, heartbeat: Heartbeat) -> None:
        """Accept what the encoder made. Raises OutputError if a segment cannot be stored and `stop` is set."""

    def end(self, seconds: float | None = None) -> None:
        """Nothing more will come; `run` returns after `seconds`, by default DRAIN_SECONDS, or little more."""

    def run(self, heartbeats: Heartbeats) -> None:
        """Deliver until `end`, and what then still waits for a bounded time. Each thread has a heartbeat."""

    @property
    def state(self) -> str:
        """Of the far end, in a word."""

    @property
    def parts(self) -> tuple[PartStatus, ...]:
        """The far ends."""

    @property
    def live(self) -> LiveStatus | None:
        """Of the live far end; None where there is none."""

    @property
    def link(self) -> Link | None:
        """What the way to the far end carries; None if unknown."""

    @property
    def guess(self) -> float | None:
        """kbit/s to begin with while `link` is unknown; None for a new link, infinite where a queue tells at once."""

    @property
    def waiting_seconds(self) -> float:
        """Seconds of video that the far end should have by now."""

    @property
    def patience(self) -> float:
        """Seconds that may wait without hurry."""

    @property
    def backlog(self) -> int:
        """Segments made faster than the link takes them."""

    @property
    def delivered(self) -> int:
        """Segments that the far end has."""


def open_delivery(
    uplink: SegmentUplink | LiveUplink,
    spool: Spool,
    clock: Clock,
    *,
    more: Sequence[SegmentUplink] = (),
    order: Order = Order.OLDEST,
    live: LiveUplink | None = None,
    longest: float = STILL_SECONDS,
) -> Delivery:
    """The way of delivery that fits the uplink.

    `more` are further connections to the same far end, for segments; `live` is one that gets the pictures besides.
    No segment is expected to last longer than `longest` seconds.
    """
    if not isinstance(uplink, SegmentUplink):
        return LiveDelivery(uplink, spool, clock)
    durable = SpoolDelivery(uplink, spool, clock, more=more, order=order, longest=longest)
    return durable if live is None else DoubleDelivery(durable, LivePath(live, None, clock))


class SpoolDelivery:
    """Each segment through the spool to a far end that keeps it."""

    def __init__(
        self,
        uplink: SegmentUplink,
        spool: Spool,
        clock: Clock,
        *,
        more: Sequence[SegmentUplink] = (),
        order: Order = Order.OLDEST,
        longest: float = STILL_SECONDS,
    ) -> None:
        self._spool = spool
        self._uplinks = (uplink, *more)
        self._clock = clock
        self._ended = threading.Event()
        self._drain_seconds: float | None = None
        folder = uplink if isinstance(uplink, FolderUplink) else None
        self._local = folder is not None
        self._estimate = LinkEstimate()
        self._guess = spool.load_rate()
        self._noted = -math.inf
        self._sender = SegmentSender(
            spool,
            *self._uplinks,
            clock=clock,
            stop=self._ended,
            window=FOLDER_WINDOW if folder else HTTP_WINDOW,
            longest=longest,
            holds=folder.holds if folder else None,
            order=order,
            observe=self._observe,
        )

    def take(self, item: CodedPicture | Segment, stop: threading.Event, heartbeat: Heartbeat) -> None:
        if isinstance(item, Segment):
            store(item, self._spool, self._clock, stop, heartbeat)
            if self._clock.monotonic() - self._noted >= RATE_PAUSE:
                self._note_rate()

    def end(self, seconds: float | None = None) -> None:
        self._drain_seconds = seconds
        self._ended.set()

    def run(self, heartbeats: Heartbeats) -> None:
        heartbeat = heartbeats.of("deliver", DELIVERY_PATIENCE)
        self._sender.run(heartbeat.beat)
        heartbeat.rest()
        self._sender.drain(DRAIN_SECONDS if self._drain_seconds is None else self._drain_seconds)
        self._sender.finish()
        self._note_rate()
        for uplink in self._uplinks:
            uplink.close()

    @property
    def state(self) -> str:
        return self._sender.state.value

    @property
    def parts(self) -> tuple[PartStatus, ...]:
        return (self._sender.status,)

    @property
    def live(self) -> LiveStatus | None:
        return None

    @property
    def link(self) -> Link | None:
        return LOCAL if self._local else self._estimate.link(len(self._uplinks))

    @property
    def guess(self) -> float | None:
        return self._guess

    @property
    def waiting_seconds(self) -> float:
        return self._sender.undelivered_seconds

    @property
    def patience(self) -> float:
        return SPOOL_PATIENCE

    def _note_rate(self) -> None:
        if self.link and self.link is not LOCAL:
            self._noted = self._clock.monotonic()
            self._spool.save_rate(self.link.at_least.kbits)

    def _observe(self, transfer: Transfer) -> None:
        self._estimate = self._estimate.after(
            transfer.bytes, transfer.began, transfer.seconds, playlist=transfer.playlist
        )

    @property
    def backlog(self) -> int:
        # What is on its way at the same time counts as one: that it is several is no sign of a slow link.
        return self._spool.count - max(0, self._sender.under_way - 1)

    @property
    def delivered(self) -> int:
        return self._sender.delivered.count


class LiveDelivery:
    """Each picture at once to a live far end; a segment stays in the spool unless all its pictures got through."""

    def __init__(self, uplink: LiveUplink, spool: Spool, clock: Clock) -> None:
        self._spool = spool
        self._clock = clock
        self._path = LivePath(uplink, spool, clock)

    def take(self, item: CodedPicture | Segment, stop: threading.Event, heartbeat: Heartbeat) -> None:
        if isinstance(item, Segment):
            store(item, self._spool, self._clock, stop, heartbeat)
        self._path.offer(item.info if isinstance(item, Segment) else item)

    def end(self, seconds: float | None = None) -> None:  # noqa: ARG002  little waits for a live far end
        self._path.end()

    def run(self, heartbeats: Heartbeats) -> None:
        self._path.run(heartbeats.of("push"))

    @property
    def state(self) -> str:
        return self.live.state.value

    @property
    def parts(self) -> tuple[PartStatus, ...]:
        return (self._path.part,)

    @property
    def live(self) -> LiveStatus:
        return self._path.status

    @property
    def link(self) -> Link | None:
        return None

    @property
    def guess(self) -> float | None:
        return math.inf

    @property
    def waiting_seconds(self) -> float:
        return self._path.waiting_seconds

    @property
    def patience(self) -> float:
        return LIVE_PATIENCE

    @property
    def backlog(self) -> int:
        return self._path.backlog

    @property
    def delivered(self) -> int:
        return self.live.segments


class DoubleDelivery:
    """One encode to two far ends: what must not be lost goes by the spool, and besides each picture at once to a live
    one. The live one is best effort: nothing waits for it, and only the other's acknowledgement empties the spool."""

    def __init__(self, durable: Delivery, live: LivePath) -> None:
        self._durable = durable
        self._live = live

    def take(self, item: CodedPicture | Segment, stop: threading.Event, heartbeat: Heartbeat) -> None:
        # A picture must not wait for a disk.
        self._live.offer(item.info if isinstance(item, Segment) else item)
        self._durable.take(item, stop, heartbeat)

    def end(self, seconds: float | None = None) -> None:
        self._live.end()
        self._durable.end(seconds)

    def run(self, heartbeats: Heartbeats) -> None:
        push = partial(self._live.run, heartbeats.of("push"))
        in_threads(lambda work: work(), (partial(self._durable.run, heartbeats), push))

    @property
    def state(self) -> str:
        return self._durable.state

    @property
    def parts(self) -> tuple[PartStatus, ...]:
        return (*self._durable.parts, self._live.part)

    @property
    def live(self) -> LiveStatus:
        return self._live.status

    @property
    def link(self) -> Link | None:
        # A folder's rate says nothing of the live far end's.
        return None if self._durable.link is LOCAL else self._durable.link

    @property
    def guess(self) -> float | None:
        return math.inf if self._durable.link is LOCAL else self._durable.guess

    @property
    def waiting_seconds(self) -> float:
        # They share the link: whichever falls behind tells of it, each by its own measure.
        return max(self._durable.waiting_seconds, self._live.waiting_seconds / LIVE_PATIENCE * self.patience)

    @property
    def patience(self) -> float:
        return self._durable.patience

    @property
    def backlog(self) -> int:
        return max(self._durable.backlog, self._live.backlog)

    @property
    def delivered(self) -> int:
        return self._durable.delivered


def store(segment: Segment, spool: Spool, clock: Clock, stop: threading.Event, heartbeat: Heartbeat) -> None:
    """Put `segment` into the spool, waiting for room until `stop` is set. Raises OutputError then."""
    waiting = False
    while True:
        try:
            with heartbeat.at_work():
                spool.put(segment)
        except OutputError as error:
            if clock.wait(stop, RETRY_SECONDS):
                raise
            if not waiting:
                log.error("%s; trying again", error)  # noqa: TRY400  the line says all; the trace would be noise
                waiting = True
        else:
            return
