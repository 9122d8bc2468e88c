"""Which segments are on their way, which are there, and what the playlist is to tell of them."""

from edge_vsr.dates import Moment, dated
from edge_vsr.segment import Segment
from edge_vsr.uplink.order import Order, Standing, next_to_send, tellable
from edge_vsr.uplink.playlist import Playlist
from edge_vsr.uplink.spool import Spool


class Ledger:
    """The sender's books. Not locked: whoever uses it from several threads locks around it."""

    def __init__(self, spool: Spool, playlist: Playlist, order: Order) -> None:
        """`playlist` is what the far end shows."""
        self._spool = spool
        self._order = order
        self.playlist = playlist
        self.sending: set[str] = set()
        self.stored: dict[str, Segment] = {}
        """What the far end has and the playlist does not tell yet."""
        self._aside: dict[str, float] = {}

    def take(self, now: float) -> str | None:
        """The name of the segment to send next, which then counts as on its way; None if there is none. `now` is in
        monotonic seconds."""

        def taken(name: str) -> bool:
            return name in self.sending or name in self.stored or self._aside.get(name, now) > now

        name = next_to_send(self._spool.names(), taken, self._order)
        if name is not None:
            self.sending.add(name)
        return name

    def give_back(self, name: str) -> None:
        """It did not get through."""
        self.sending.discard(name)

    def enter(self, segment: Segment) -> None:
        """It is at the far end."""
        self.sending.discard(segment.info.name)
        self._aside.pop(segment.info.name, None)
        self.stored[segment.info.name] = segment

    def set_aside(self, name: str, until: float) -> None:
        """It was refused for itself; it is not sent again before `until`, in monotonic seconds."""
        self.sending.discard(name)
        self._aside[name] = until

    def outlook(self, now: Moment) -> tuple[Playlist, list[str]]:
        """The playlist that tells of all that is stored, and the names that the spool need not keep any more then."""
        playlist, newest = self.playlist, self.playlist.newest
        if not self.stored:
            return playlist, []
        for name, segment in self.stored.items():
            if name <= newest:
                playlist = playlist.filled(dated(segment.info, now))
        line = {info.name: (info, self._standing(info.name, waits)) for info, waits in self._spool.after(newest)}
        line |= {name: (one.info, Standing.STORED) for name, one in self.stored.items() if name > newest}
        news = tellable((line[name] for name in sorted(line)), self._order)
        # Of more than the window holds nothing would be seen.
        for info, gap in news[-(playlist.window or len(news)) :]:
            playlist = playlist.with_segment(dated(info, now), gap=gap)
        known = (*self.stored, *(info.name for info in self._spool.gaps()))
        return playlist, [name for name in known if name <= playlist.newest]

    def settle(self, playlist: Playlist, told: list[str]) -> list[Segment]:
        """The far end shows `playlist`, which tells of `told`. Returns what was delivered by that."""
        self.playlist = playlist
        return [self.stored.pop(name) for name in told if name in self.stored]

    def _standing(self, name: str, waits: bool) -> Standing:
        if name in self.sending:
            return Standing.SENDING
        return Standing.MISSING if not waits or name in self._aside else Standing.WAITING
