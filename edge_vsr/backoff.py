"""How long to wait before the next try."""

import random
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Backoff:
    """Exponential back-off with full jitter above a floor.

    The jitter keeps a fleet that lost the same server from coming back in step. Source: "Exponential
    Backoff And Jitter", AWS Architecture Blog, 2015.
    """

    first: float = 0.5
    """Ceiling of the first pause, in seconds."""
    most: float = 30.0
    """Ceiling of every pause, in seconds."""
    floor: float = 0.1
    """No pause is shorter, in seconds; a refusal that comes at once must not become a busy loop."""

    def pause(self, failures: int, rng: random.Random) -> float:
        """Seconds to wait after `failures` failures in a row (1 or more)."""
        ceiling = min(self.most, self.first * 2.0 ** min(failures - 1, 32))
        return max(self.floor, rng.uniform(0.0, ceiling))


LINK_PAUSES = Backoff(most=10.0)
"""For a far end that is away: with them the live edge is back half a minute after the link, whenever that is."""
