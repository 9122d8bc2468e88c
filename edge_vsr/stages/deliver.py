"""From the encoder to the far end: by way of the spool, or live with the spool behind it."""

import logging
import math
import threading
from collections.abc import Sequence
from typing import Protocol

from edge_vsr.clock import Clock
from edge_vsr.coded import CodedPicture
from edge_vsr.errors import OutputError
from edge_vsr.segment import Segment
from edge_vsr.stages.live import LiveFeed, LivePusher
from edge_vsr.uplink.base import LiveUplink, SegmentUplink
from edge_vsr.uplink.folder import FolderUplink
from edge_vsr.uplink.order import Order
from edge_vsr.uplink.sender import FOLDER_WINDOW, HTTP_WINDOW, SegmentSender
from edge_vsr.uplink.spool import Spool

log = logging.getLogger(__name__)

DRAIN_SECONDS = 10.0
"""What the far end may take at the end of a run to get what waits."""
LIVE_DEPTH = 120
"""Coded pictures that wait for a live far end before a gap is made."""
DISK_PAUSE = 1.0
"""Seconds between two tries to write to a spool that has no room."""


class Delivery(Protocol):
    """`take` and `end` are called by one thread, `run` by another; the rest by any."""

    def take(self, item: CodedPicture | Segment, stop: threading.Event) -> None:
        """Accept what the encoder made. Raises OutputError if a segment cannot be stored and `stop` is set."""

    def end(self) -> None:
        """Nothing more will come; `run` returns soon."""

    def run(self) -> None:
        """Deliver until `end`, and what then still waits for a bounded time."""

    @property
    def state(self) -> str:
        """Of the far end, in a word."""

    @property
    def link_kbits(self) -> float | None:
        """Delivered throughput in kbit/s; infinity for a local folder, None if unknown."""

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
) -> Delivery:
    """The way of delivery that fits the uplink. `more` are further connections to the same far end, for segments."""
    if isinstance(uplink, SegmentUplink):
        return SpoolDelivery(uplink, spool, clock, more=more, order=order)
    return LiveDelivery(uplink, spool, clock)


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
    ) -> None:
        self._spool = spool
        self._uplinks = (uplink, *more)
        self._clock = clock
        self._ended = threading.Event()
        folder = uplink if isinstance(uplink, FolderUplink) else None
        self._local = folder is not None
        self._sender = SegmentSender(
            spool,
            *self._uplinks,
            clock=clock,
            stop=self._ended,
            window=FOLDER_WINDOW if folder else HTTP_WINDOW,
            holds=folder.holds if folder else None,
            order=order,
        )

    def take(self, item: CodedPicture | Segment, stop: threading.Event) -> None:
        if isinstance(item, Segment):
            store(item, self._spool, self._clock, stop)

    def end(self) -> None:
        self._ended.set()

    def run(self) -> None:
        self._sender.run()
        self._sender.drain(DRAIN_SECONDS)
        self._sender.finish()
        for uplink in self._uplinks:
            uplink.close()

    @property
    def state(self) -> str:
        return self._sender.state.value

    @property
    def link_kbits(self) -> float | None:
        return math.inf if self._local else self._sender.throughput

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
        self._feed = LiveFeed(LIVE_DEPTH)
        self._pusher = LivePusher(uplink, spool, clock)

    def take(self, item: CodedPicture | Segment, stop: threading.Event) -> None:
        if isinstance(item, Segment):
            store(item, self._spool, self._clock, stop)
            self._feed.offer(item.info)
        else:
            self._feed.offer(item)

    def end(self) -> None:
        self._feed.channel.close()

    def run(self) -> None:
        while (item := self._feed.channel.get()) is not None:
            self._pusher.handle(item)
        self._pusher.close()

    @property
    def state(self) -> str:
        return self._pusher.state.value

    @property
    def link_kbits(self) -> float | None:
        return None

    @property
    def backlog(self) -> int:
        # What was missed stays in the spool, and no lower rung brings it back.
        return self._feed.segments - self._pusher.settled

    @property
    def delivered(self) -> int:
        return self._pusher.segments


def store(segment: Segment, spool: Spool, clock: Clock, stop: threading.Event) -> None:
    """Put `segment` into the spool, waiting for room until `stop` is set. Raises OutputError then."""
    waiting = False
    while True:
        try:
            spool.put(segment)
        except OutputError as error:
            if clock.wait(stop, DISK_PAUSE):
                raise
            if not waiting:
                log.error("%s; trying again", error)  # noqa: TRY400  the line says all; the trace would be noise
                waiting = True
        else:
            return
