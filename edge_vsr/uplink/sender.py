"""From the spool to the far end, once each: the loop of the uplink thread."""

import logging
import random
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from edge_vsr.backoff import Backoff
from edge_vsr.clock import Clock
from edge_vsr.errors import OutputError, UplinkAway, UplinkError, UplinkRefused
from edge_vsr.segment import Segment
from edge_vsr.uplink.base import SegmentUplink
from edge_vsr.uplink.playlist import PLAYLIST_NAME, Playlist
from edge_vsr.uplink.spool import Spool

log = logging.getLogger(__name__)

FOLDER_WINDOW = 1800
HTTP_WINDOW = 60
"""Entries: the playlist follows every segment, and must stay small on a thin link."""
_IDLE = 0.2
_RECENT = 5


class UplinkState(Enum):
    UP = "up"
    AWAY = "away"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Delivered:
    """What the far end has acknowledged since the start."""

    count: int = 0
    bytes: int = 0
    frames: int = 0


@dataclass(frozen=True, slots=True)
class Transfer:
    """One acknowledged segment."""

    bytes: int
    seconds: float

    @property
    def kbits(self) -> float:
        """kbit/s."""
        return _kbits(self.bytes, self.seconds)


class SegmentSender:
    """Takes the oldest segment, puts it, puts the playlist that lists it, and only then removes it from the spool.

    A crash between any two of these sends the segment again, under the same name, and lists it once. Used by one
    thread; the public attributes may be read by any.
    """

    def __init__(
        self,
        spool: Spool,
        uplink: SegmentUplink,
        *,
        clock: Clock,
        stop: threading.Event,
        backoff: Backoff | None = None,
        rng: random.Random | None = None,
        window: int | None = HTTP_WINDOW,
        holds: Callable[[str], bool] | None = None,
    ) -> None:
        """Goes on with the playlist that an earlier run left in the spool. `window` is in playlist entries.

        `holds` tells what the far end still has, where that can be known: segments that were deleted there leave
        the playlist.
        """
        self._spool = spool
        self._uplink = uplink
        self._clock = clock
        self._stop = stop
        self._backoff = backoff or Backoff()
        self._rng = rng or random.Random()
        playlist = _remembered(spool, window)
        self._playlist = playlist.only(holds) if holds else playlist
        self._stored: str | None = None
        self._failures = 0
        self._recent: deque[Transfer] = deque(maxlen=_RECENT)
        self.state = UplinkState.UP
        self.last_error: str | None = None
        """Why the uplink is not up; None while it is."""
        self.delivered = Delivered()
        self.last_transfer: Transfer | None = None
        self.throughput: float | None = None
        """kbit/s over the last few segments, bytes by transfer time; None before the first."""

    def run(self) -> None:
        """Deliver until `stop` is set."""
        while not self._stop.is_set():
            if not self.step() and self.state is UplinkState.UP:
                self._clock.wait(self._stop, _IDLE)

    def step(self) -> bool:
        """Deliver the oldest segment; false if there is none, or, after a pause, if it did not work."""
        return self._step(self._stop, self._backoff.most)

    def drain(self, deadline: float) -> int:
        """Deliver what is left, starting nothing new after `deadline` seconds; how many segments stay in the spool.

        For the end of a run: goes on although `stop` is set.
        """
        end = self._clock.monotonic() + deadline
        unhurried = threading.Event()
        while self._spool.count and (left := end - self._clock.monotonic()) > 0:
            self._step(unhurried, left)
        return self._spool.count

    def finish(self) -> bool:
        """Tell the far end that nothing will follow, if it has everything; whether that worked."""
        if self._spool.count or not self._playlist.entries:
            return False
        try:
            self._uplink.put(PLAYLIST_NAME, self._playlist.render(ended=True).encode())
        except UplinkError as error:
            log.warning("the playlist stays open at the far end: %s", error)
            return False
        return True

    def _step(self, stop: threading.Event, longest: float) -> bool:
        names = self._spool.names()
        segment = self._spool.read(names[0]) if names else None
        if segment is None:
            return False
        try:
            self._deliver(segment)
        except UplinkAway as error:
            self._failed(UplinkState.AWAY, error)
            pause = self._backoff.pause(self._failures, self._rng)
        except UplinkRefused as error:
            self._failed(UplinkState.REFUSED, error)
            pause = self._backoff.most
        else:
            self._succeeded()
            return True
        self._clock.wait(stop, min(pause, longest))
        return False

    def _deliver(self, segment: Segment) -> None:
        info = segment.info
        if self._stored != info.name:
            began = self._clock.monotonic()
            self._uplink.put(info.name, segment.data)
            self._measure(Transfer(len(segment.data), self._clock.monotonic() - began))
            # Where only the playlist fails, the segment need not cross the thin link again.
            self._stored = info.name
        playlist = self._playlist.with_segment(info)
        text = playlist.render()
        self._uplink.put(PLAYLIST_NAME, text.encode())
        self._playlist = playlist
        try:
            self._spool.save_playlist(text)
        except OutputError as error:
            log.warning("the playlist may lack segments after a restart: %s", error)
        self._spool.remove(info.name)
        before = self.delivered
        self.delivered = Delivered(before.count + 1, before.bytes + len(segment.data), before.frames + info.frames)

    def _measure(self, transfer: Transfer) -> None:
        self._recent.append(transfer)
        self.last_transfer = transfer
        self.throughput = _kbits(sum(one.bytes for one in self._recent), sum(one.seconds for one in self._recent))

    def _failed(self, state: UplinkState, error: UplinkError) -> None:
        self._failures += 1
        self.last_error = str(error)
        if state is not self.state:
            self.state = state
            log.warning("uplink %s: %s; %d segments wait", state.value, error, self._spool.count)

    def _succeeded(self) -> None:
        if self.state is not UplinkState.UP:
            log.info(
                "uplink %s is back after %d tries; %d segments wait",
                self._uplink.name,
                self._failures,
                self._spool.count,
            )
        self.state, self.last_error, self._failures = UplinkState.UP, None, 0


def _remembered(spool: Spool, window: int | None) -> Playlist:
    text = spool.load_playlist()
    if text is None:
        return Playlist(window)
    try:
        return Playlist.parse(text, window=window)
    except ValueError as error:
        log.warning("the playlist in the spool is damaged, starting a new one: %s", error)
        return Playlist(window)


def _kbits(size: int, seconds: float) -> float:
    # A transfer to a local disk can take less than the clock can tell.
    return size * 8 / 1000 / max(seconds, 1e-6)
