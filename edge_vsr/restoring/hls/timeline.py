"""Where the pieces of a playlist lie on one line of time, whatever their own clocks say. Pure."""

from dataclasses import dataclass, replace

SLIP = 0.5
"""Seconds that time stamps may be beside the place where a piece should begin and still be believed."""


@dataclass(frozen=True, slots=True)
class Timeline:
    """Each step makes the next state."""

    begin: float = 0.0
    """Where the next piece begins, in seconds."""
    offset: float | None = None
    """From time stamps to this line; None before the first piece that was there."""

    def placed(self, first: float, *, discontinuity: bool) -> "Timeline":
        """With the offset for a piece whose time stamps begin at `first` seconds: as before where they go on."""
        goes_on = self.offset is not None and abs(first + self.offset - self.begin) <= SLIP
        if goes_on and not discontinuity:
            return replace(self, begin=first + (self.offset or 0.0))
        return replace(self, offset=self.begin - first)

    def goes_on(self, first: float, passed: float) -> "Timeline":
        """With the offset for what a piece becomes on its way, after `passed` seconds of it: time stamps that begin at
        `first`."""
        place = self.begin + passed
        believed = abs(first + (self.offset or 0.0) - place) <= SLIP
        return self if believed else replace(self, offset=place - first)

    def after(self, duration: float) -> "Timeline":
        """Behind a piece, or a gap, of `duration` seconds."""
        return replace(self, begin=self.begin + duration)

    def behind(self, shown: float, interval: float) -> "Timeline":
        """No earlier than behind the last frame, `shown` then: a piece may be longer than it is said to be."""
        return self if shown < self.begin else replace(self, begin=shown + interval)
