"""What the link carries, from what it carried. Pure: each transfer makes the next estimate.

Throughput is bytes over the time in which they flowed, so that it is not bounded by what was sent. Two moving averages,
a fast and a slow one (after hls.js's EwmaBandWidthEstimator): bits follow the fast one, rungs wait for both.
The playlist, which is small, tells what a request costs beside its bytes.
"""

import math
from dataclasses import dataclass, replace

from edge_vsr.rung import SEGMENT_SECONDS

FAST_SECONDS = 2.0
SLOW_SECONDS = 12.0
"""Half-lives of the averages, in seconds of which transfers tell."""
TELLING = SEGMENT_SECONDS
"""Seconds since the transfer before, up to which one tells of those in which nothing was sent, too: on a fast link
transfers are short, and the averages would follow it slowly."""
FORGET = 1.02
"""The shortest request counts so much less with each later one: routes change."""
LEAST_SHARE = 0.2
"""Of a transfer's time, what is taken to be its bytes' at least; and of the link's rate, what segments can have."""
SHORTEST = 1e-3
"""Seconds of a transfer; less tells more of the clock than of the link."""


@dataclass(frozen=True, slots=True)
class Link:
    """What can be sent, as far as is known."""

    kbits: float
    """kbit/s while bytes flow, by the fast average; infinity for a local folder."""
    slow: float | None = None
    """The same by the slow one; None where that is no other."""
    request_seconds: float = 0.0
    """What a request takes beside its bytes' time."""
    parallel: int = 1
    """Segments on their way at once."""
    overhead: int = 0
    """Bytes sent with each segment, for the playlist."""

    @property
    def at_least(self) -> "Link":
        """By the smaller average: what has lasted."""
        return self if self.slow is None else replace(self, kbits=min(self.kbits, self.slow), slow=None)

    @property
    def at_most(self) -> "Link":
        """By the larger average: what may come back."""
        return self if self.slow is None else replace(self, kbits=max(self.kbits, self.slow), slow=None)

    def sustained(self, seconds: float) -> float:
        """kbit/s that segments of `seconds` can have, one after the other: each also costs two requests and the
        playlist."""
        flowing = min(1.0, max(LEAST_SHARE, self.parallel - 2 * self.request_seconds / seconds))
        return max(LEAST_SHARE * self.kbits, self.kbits * flowing - self.overhead * 8 / 1000 / seconds)


LOCAL = Link(math.inf)
"""A folder on this machine."""


@dataclass(frozen=True, slots=True)
class Average:
    """An exponentially weighted mean whose weights add up to one from the first sample on."""

    half_life: float
    total: float = 0.0
    weight: float = 0.0

    def step(self, value: float, weight: float) -> "Average":
        """Take `value`, which lasted `weight`, in the unit of the half-life."""
        keep = 0.5 ** (weight / self.half_life)
        return replace(self, total=self.total * keep + value * (1 - keep), weight=self.weight * keep + (1 - keep))

    @property
    def mean(self) -> float | None:
        return self.total / self.weight if self.weight else None


@dataclass(frozen=True, slots=True)
class LinkEstimate:
    """Delivered throughput."""

    fast: Average = Average(FAST_SECONDS)
    slow: Average = Average(SLOW_SECONDS)
    request_seconds: float | None = None
    overhead: int = 0
    done: float = -math.inf
    """When the last segment was, in monotonic seconds."""

    def after(self, size: int, began: float, seconds: float, *, playlist: bool) -> "LinkEstimate":
        """The estimate after a transfer of `size` bytes that took `seconds` from monotonic time `began` on. Transfers
        may overlap."""
        if playlist:
            return replace(self, overhead=size, request_seconds=self._request(size, seconds))
        ended, request = began + seconds, self.request_seconds or 0.0
        # Bytes flow when the request is through, and what flowed before another segment was done was that one's.
        flowed = ended - max(began + request, self.done)
        lasted = max(flowed, LEAST_SHARE * (ended - max(began, self.done)), SHORTEST)
        kbits = size * 8 / 1000 / lasted
        told = max(lasted, min(ended - self.done, TELLING))
        return replace(self, fast=self.fast.step(kbits, told), slow=self.slow.step(kbits, told), done=ended)

    def link(self, parallel: int) -> Link | None:
        """For `parallel` segments at once; None before the first was delivered."""
        fast, slow = self.fast.mean, self.slow.mean
        if fast is None or slow is None:
            return None
        return Link(fast, slow, self.request_seconds or 0.0, parallel, self.overhead)

    def _request(self, size: int, seconds: float) -> float | None:
        """The shortest of late counts: another transfer may have had the link at the same time."""
        fast = self.fast.mean
        if not fast:
            return self.request_seconds
        request = max(0.0, seconds - size * 8 / 1000 / fast)
        return request if self.request_seconds is None else min(request, FORGET * self.request_seconds + SHORTEST)
