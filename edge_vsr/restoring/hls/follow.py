"""The pieces of a playlist in order, as they come, until it ends or nothing comes any more."""

import logging
import threading
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import replace

from edge_vsr.clock import Clock
from edge_vsr.errors import InputError
from edge_vsr.restoring.hls.playlist import MediaPlaylist, Part, Piece

log = logging.getLogger(__name__)

REMEMBERED = 1000
"""Addresses of pieces that were given."""
QUICKEST = 0.2
"""Seconds between two looks at a playlist, at least."""
LAG = 3
"""Segments that a cache on the way may be behind. What goes back, goes on from there and brings nothing new for longer
is a server that began anew with the same names."""


class Follower:
    """Every piece of a playlist once, its window's oldest first.

    Pieces that left a live playlist's window before they were seen are one gap, as long as they may have lasted.
    """

    def __init__(
        self, load: Callable[[], MediaPlaylist], clock: Clock, stop: threading.Event, *, patience: float
    ) -> None:
        """`load` reads the playlist; it is called for the first time here, and what it raises then is raised.

        `patience` is how many seconds a playlist without an end may have nothing new.
        """
        self._load = load
        self._clock = clock
        self._stop = stop
        self._patience = patience
        self._next: int | None = None
        self._seen: deque[str] = deque(maxlen=REMEMBERED)
        self._back: int | None = None
        """The last number in the first playlist that went back, while they do."""
        self._news = self._found = clock.monotonic()
        self.playlist = load()
        """As it was last seen."""

    def __iter__(self) -> Iterator[Piece]:
        """Raises InputError where it stalls."""
        pieces = list(self.playlist.pieces)
        while not self._stop.is_set():
            for piece in pieces:
                if self._stop.is_set():
                    return
                self._next = piece.sequence + 1
                self._seen.append(piece.media.uri)
                yield piece
                self._news = self._clock.monotonic()
            if self.playlist.ended:
                return
            pieces = self._look_again()

    def _look_again(self) -> list[Piece]:
        pause = max(QUICKEST, min(self.playlist.target / 2, self._patience / 4))
        if self._clock.wait(self._stop, pause):
            return []
        trouble = "it has nothing new"
        pieces: list[Piece] = []
        try:
            self.playlist = self._load()
            pieces = self._unseen(list(self.playlist.pieces))
            if pieces:
                self._found = self._clock.monotonic()
        except InputError as error:  # a server may be away, or in the middle of writing it
            trouble = str(error)
        waited = self._clock.monotonic() - self._news
        if not (pieces or self.playlist.ended) and waited >= self._patience:
            raise InputError(f"the playlist has no end, and nothing more came in {waited:.0f} s: {trouble}")
        return pieces

    def _unseen(self, pieces: list[Piece]) -> list[Piece]:
        if self._next is None or not pieces:
            return pieces
        if pieces[-1].sequence < self._next - 1:
            if pieces[-1].media.uri in self._seen and not self._began_anew(pieces[-1].sequence):
                return []  # an old copy from a cache on the way
            self._back = None
            log.warning("the playlist begins anew with segment %d", pieces[0].sequence)
            return [replace(pieces[0], discontinuity=True), *pieces[1:]]
        self._back = None
        if pieces[0].sequence > self._next:
            return [self._missed(pieces), *pieces]
        return [piece for piece in pieces if piece.sequence >= self._next]

    def _began_anew(self, last: int) -> bool:
        self._back = last if self._back is None else self._back
        late = self._clock.monotonic() - self._news > LAG * self.playlist.target
        return late and last > self._back

    def _missed(self, pieces: list[Piece]) -> Piece:
        """What was listed between two looks: as long as so many pieces last, but no longer than the looks are apart."""
        count = pieces[0].sequence - (self._next or 0)
        usual = sum(piece.duration for piece in pieces) / len(pieces)
        seconds = min(count * usual, self._clock.monotonic() - self._found + self.playlist.target)
        log.warning("%d segments left the playlist before they could be read", count)
        return Piece(pieces[0].sequence - 1, Part(""), seconds, gap=True)
