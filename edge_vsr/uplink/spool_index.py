"""What a spool knows of its files."""

from bisect import bisect_left, bisect_right, insort

from edge_vsr.segment import SegmentInfo
from edge_vsr.uplink.retention import Kept


class SpoolIndex:
    """Segments that wait, and gaps where segments were given up; by name, which is oldest first. Not locked."""

    def __init__(self) -> None:
        self.names: list[str] = []
        """Of what waits, sorted."""
        self.gaps: dict[str, SegmentInfo] = {}
        self.bytes = 0
        """Of what waits."""
        self._kept: dict[str, Kept] = {}

    def add(self, info: SegmentInfo, size: int) -> None:
        """A segment waits, with `size` bytes of data; it takes the place of one of its name."""
        self.drop(info.name)
        insort(self.names, info.name)
        self._kept[info.name] = Kept(info, size)
        self.bytes += size

    def drop(self, name: str) -> SegmentInfo | None:
        """A segment waits no more; None if it did not wait."""
        if name not in self._kept:
            return None
        del self.names[bisect_left(self.names, name)]
        gone = self._kept.pop(name)
        self.bytes -= gone.size
        return gone.info

    def find(self, name: str) -> SegmentInfo | None:
        """A segment that waits."""
        return self._kept[name].info if name in self._kept else None

    def kept(self) -> list[Kept]:
        """All that waits, oldest first."""
        return [self._kept[name] for name in self.names]

    def after(self, name: str) -> list[tuple[SegmentInfo, bool]]:
        """What sorts behind `name`, oldest first, and whether it waits (true) or is a gap (false)."""
        waits = [(self._kept[later].info, True) for later in self.names[bisect_right(self.names, name) :]]
        gone = [(info, False) for info in self.gaps.values() if info.name > name]
        return sorted(waits + gone, key=lambda one: one[0].name)

    def give_up(self, infos: list[SegmentInfo], most: int) -> tuple[list[SegmentInfo], list[str]]:
        """Make gaps of segments that wait. Returns those, and the names of gaps that are forgotten: `most` are kept."""
        gone = [info for info in infos if self.drop(info.name)]
        self.gaps.update((info.name, info) for info in gone)
        forgotten = sorted(self.gaps)[:-most]
        for name in forgotten:
            del self.gaps[name]
        return gone, forgotten
