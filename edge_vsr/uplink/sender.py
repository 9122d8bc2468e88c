"""From the spool to the far end, once each: the loop of the uplink's threads."""

import logging
import math
import random
import threading
from collections import deque
from collections.abc import Callable
from enum import Enum

from edge_vsr.backoff import LINK_PAUSES, Backoff
from edge_vsr.clock import Clock
from edge_vsr.dates import Moment
from edge_vsr.errors import ObjectRefused, OutputError, UplinkAway, UplinkError
from edge_vsr.part import UPLINK, Part, PartStatus
from edge_vsr.rung import STILL_SECONDS
from edge_vsr.uplink.base import SegmentUplink
from edge_vsr.uplink.lanes import in_threads
from edge_vsr.uplink.ledger import Ledger
from edge_vsr.uplink.order import Order
from edge_vsr.uplink.playlist import PLAYLIST_NAME, Playlist
from edge_vsr.uplink.spool import Spool
from edge_vsr.uplink.transfers import Delivered, Transfer, throughput

log = logging.getLogger(__name__)

FOLDER_WINDOW = 1800
HTTP_WINDOW = 60
"""Entries: the playlist follows every segment, and must stay small on a thin link."""
_IDLE = 0.2
_RECENT = 5
_REFUSED = 3.0
"""Times the longest pause: what was refused seldom passes a moment later, and who asks too often is locked out."""
_ASIDE_SECONDS = 600.0
"""Before an object that was refused for itself is tried again."""


class UplinkState(Enum):
    UP = "up"
    AWAY = "away"
    REFUSED = "refused"


class _Step(Enum):
    DONE = "done"
    NOTHING = "nothing to do"
    FAILED = "failed"


class SegmentSender:
    """Takes a segment, puts it, puts the playlist that lists it, and only then removes it from the spool.

    A crash between any two of these sends the segment again, under the same name, and lists it once.

    Each uplink is a lane with a thread of its own. Whoever has put a segment puts the playlist too, unless another
    lane is at it, which then puts it once more. While the far end is away one lane tries, and the others rest.

    Locking: the lock guards who sends what and the playlist; nothing is sent under it. The public attributes may be
    read by any thread.
    """

    def __init__(
        self,
        spool: Spool,
        uplink: SegmentUplink,
        *more: SegmentUplink,
        clock: Clock,
        stop: threading.Event,
        backoff: Backoff | None = None,
        rng: random.Random | None = None,
        window: int | None = HTTP_WINDOW,
        longest: float = STILL_SECONDS,
        holds: Callable[[str], bool] | None = None,
        order: Order = Order.OLDEST,
        observe: Callable[[Transfer], None] | None = None,
    ) -> None:
        """Goes on with the playlist that an earlier run left in the spool. `window` is in playlist entries,
        `longest` in seconds: no segment is expected to last longer, and players are told so from the start, since HLS
        forbids to change it.

        `more` are further connections to the same far end: so many segments more are on their way at once. `holds`
        tells what the far end still has, where that can be known: segments that were deleted there leave the
        playlist. `observe` is called after each transfer, by any lane, one at a time.
        """
        self._spool = spool
        self._uplinks = (uplink, *more)
        self._clock = clock
        self._stop = stop
        self._backoff = backoff or LINK_PAUSES
        self._rng = rng or random.Random()
        playlist = _remembered(spool, window).expecting(longest)
        self._ledger = Ledger(spool, playlist.only(holds) if holds else playlist, order)
        self._observe = observe
        # Reentrant: who observes a transfer may ask for figures.
        self._guard = threading.RLock()
        self._publishing = self._resting = self._unsaved = False
        self._part = Part(UPLINK, clock)
        self._recent: deque[Transfer] = deque(maxlen=_RECENT * len(self._uplinks))
        self.state = UplinkState.UP
        self.delivered = Delivered()
        self.last_transfer: Transfer | None = None
        """The last segment's."""
        self.throughput: float | None = None
        """kbit/s over the last few segments, bytes by the time in which any was on its way; None before the first."""

    @property
    def status(self) -> PartStatus:
        return self._part.status(self.state.value)

    @property
    def under_way(self) -> int:
        """Segments that are being sent, or that the playlist does not tell of yet."""
        return len(self._ledger.sending) + len(self._ledger.stored)

    @property
    def undelivered_seconds(self) -> float:
        """Seconds of video that the far end does not have."""
        with self._guard:
            there = set(self._ledger.stored)
        return sum(info.duration for info in self._spool.pending() if info.name not in there)

    @property
    def waiting_seconds(self) -> float:
        """Seconds of video that wait for their turn."""
        with self._guard:
            busy = self._ledger.sending | self._ledger.stored.keys()
        return sum(info.duration for info in self._spool.pending() if info.name not in busy)

    def run(self, beat: Callable[[], None] = lambda: None) -> None:
        """Deliver until `stop` is set, calling `beat` between two tries."""

        def work(uplink: SegmentUplink) -> None:
            while not self._stop.is_set():
                beat()
                if self._step(uplink, self._stop) is _Step.NOTHING:
                    self._clock.wait(self._stop, _IDLE)

        in_threads(work, self._uplinks)

    def step(self) -> bool:
        """Deliver one segment; false if there is none, or, after a pause, if it did not work."""
        return self._step(self._uplinks[0], self._stop) is _Step.DONE

    def drain(self, deadline: float) -> int:
        """Deliver what is left, starting nothing new after `deadline` seconds; how many segments stay in the spool.

        For the end of a run: goes on although `stop` is set.
        """
        end = self._clock.monotonic() + deadline
        unhurried = threading.Event()

        def work(uplink: SegmentUplink) -> None:
            while self._spool.count and (left := end - self._clock.monotonic()) > 0:
                if self._step(uplink, unhurried, left) is _Step.NOTHING:
                    if not (self._ledger.sending or self._resting):
                        return
                    self._clock.wait(unhurried, min(_IDLE, left))

        in_threads(work, self._uplinks)
        return self._spool.count

    def finish(self) -> bool:
        """Tell the far end that nothing will follow, if it has everything; whether that worked."""
        if self._spool.count or not self._ledger.playlist.entries:
            return False
        try:
            self._put(self._uplinks[0], PLAYLIST_NAME, self._ledger.playlist.render(ended=True).encode())
        except UplinkError as error:
            log.warning("the playlist stays open at the far end: %s", error)
            return False
        return True

    def _step(self, uplink: SegmentUplink, stop: threading.Event, longest: float = math.inf) -> _Step:
        try:
            published = self._publish(uplink)
            name = self._take()
            if name is not None:
                self._store(uplink, name)
                self._publish(uplink)
        except UplinkError as error:
            self._rest(error, stop, longest)
            return _Step.FAILED
        if not (published or name):
            return _Step.NOTHING
        self._succeeded()
        return _Step.DONE

    def _take(self) -> str | None:
        """Choose the segment to send next, so that no other lane does."""
        with self._guard:
            if self._resting or (self._ledger.sending and self.state is not UplinkState.UP):
                return None
            return self._ledger.take(self._clock.monotonic())

    def _store(self, uplink: SegmentUplink, name: str) -> None:
        """Put a segment. One that is refused for itself is set aside, and the others go on."""
        try:
            segment = self._spool.read(name)
            if segment is not None:
                self._put(uplink, name, segment.data)
                with self._guard:
                    self._ledger.enter(segment)
        except ObjectRefused as error:
            log.warning("%s; %s waits in the spool, and is tried again in %g s", error, name, _ASIDE_SECONDS)
            with self._guard:
                self._part.failed(str(error))
                self._ledger.set_aside(name, self._clock.monotonic() + _ASIDE_SECONDS)
        finally:
            with self._guard:
                self._ledger.give_back(name)

    def _publish(self, uplink: SegmentUplink) -> bool:
        """Put the playlist as long as there is something new to tell; whether there was."""
        published = False
        with self._guard:
            if self._publishing or self._resting:
                return False
            self._publishing = True
        try:
            while True:
                with self._guard:
                    playlist, told = self._ledger.outlook(Moment.of(self._clock))
                    if not told:
                        self._publishing = False
                        return published
                self._put(uplink, PLAYLIST_NAME, playlist.render().encode())
                self._settle(playlist, told)
                published = True
        except BaseException:
            self._publishing = False
            raise

    def _settle(self, playlist: Playlist, told: list[str]) -> None:
        """The far end has `playlist`: the next run has to know, and then the spool may forget."""
        try:
            self._spool.save_playlist(playlist.render())
        except OutputError as error:
            if not self._unsaved:
                log.warning("the playlist may lack segments after a restart: %s", error)
            self._unsaved = True
        else:
            self._unsaved = False
        for name in told:
            if name in self._ledger.stored:
                self._spool.remove(name)
            else:
                self._spool.forget_gap(name)
        with self._guard:
            there = self._ledger.settle(playlist, told)
            before = self.delivered
            self.delivered = Delivered(
                before.count + len(there),
                before.bytes + sum(len(segment.data) for segment in there),
                before.frames + sum(segment.info.frames for segment in there),
            )

    def _put(self, uplink: SegmentUplink, name: str, data: bytes) -> None:
        began = self._clock.monotonic()
        uplink.put(name, data)
        transfer = Transfer(len(data), self._clock.monotonic() - began, began, playlist=name == PLAYLIST_NAME)
        with self._guard:
            if not transfer.playlist:
                self._recent.append(transfer)
                self.last_transfer, self.throughput = transfer, throughput(self._recent)
            if self._observe:
                self._observe(transfer)

    def _rest(self, error: UplinkError, stop: threading.Event, longest: float) -> None:
        away = isinstance(error, UplinkAway)
        with self._guard:
            in_a_row = self._part.failed(str(error))
            state = UplinkState.AWAY if away else UplinkState.REFUSED
            if state is not self.state:
                self.state = state
                log.warning("uplink %s: %s; %d segments wait", state.value, error, self._spool.count)
            pause = self._backoff.pause(in_a_row, self._rng) if away else _REFUSED * self._backoff.most
            self._part.rest(pause)
            self._resting = True
        self._clock.wait(stop, min(pause, longest))
        self._resting = False

    def _succeeded(self) -> None:
        with self._guard:
            if self.state is not UplinkState.UP:
                log.info(
                    "uplink %s is back after %d tries; %d segments wait",
                    self._uplinks[0].name,
                    self._part.in_a_row,
                    self._spool.count,
                )
            self.state = UplinkState.UP
            self._part.worked()


def _remembered(spool: Spool, window: int | None) -> Playlist:
    text = spool.load_playlist()
    if text is None:
        return Playlist(window)
    try:
        return Playlist.parse(text, window=window)
    except ValueError as error:
        log.warning("the playlist in the spool is damaged, starting a new one: %s", error)
        return Playlist(window)
