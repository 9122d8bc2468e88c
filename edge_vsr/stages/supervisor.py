"""A part of a stage that may fail and is tried again: its state, its last error, a count and a back-off."""

import logging
import random
from dataclasses import dataclass

from edge_vsr.backoff import Backoff
from edge_vsr.clock import Clock

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PartStatus:
    """A supervised part at one moment."""

    part: str
    error: str | None
    """Why it is being done without; None while it works."""
    failures: int
    """So far."""
    retry_in: float = 0.0
    """Seconds until it is tried again; 0 while it works, or is tried."""


class Supervisor:
    """Used by the thread of the stage; `status` and `refusal` may be read by any."""

    def __init__(
        self,
        part: str,
        clock: Clock,
        backoff: Backoff,
        *,
        most: int | None = None,
        rng: random.Random | None = None,
    ) -> None:
        """`most` is how many failures in a row are borne; None for any number."""
        self._part = part
        self._clock = clock
        self._backoff = backoff
        self._most = most
        self._rng = rng or random.Random()
        self._in_a_row = self._failures = 0
        self._error: str | None = None
        self._retry_at = 0.0

    @property
    def status(self) -> PartStatus:
        pause = max(0.0, self._retry_at - self._clock.monotonic()) if self._error else 0.0
        return PartStatus(self._part, self._error, self._failures, pause)

    @property
    def refusal(self) -> str | None:
        """Why the part is not to be used now; None if it may be used, or tried again."""
        return self._error if self._error and self._clock.monotonic() < self._retry_at else None

    def failed(self, error: Exception) -> None:
        """Raises `error` if there were too many in a row."""
        self._in_a_row += 1
        self._failures += 1
        if self._most is not None and self._in_a_row >= self._most:
            raise error
        pause = self._backoff.pause(self._in_a_row, self._rng)
        self._retry_at = self._clock.monotonic() + pause
        self._error = f"the {self._part} failed: {error or type(error).__name__}"
        log.warning("%s; trying it again in %.1f s", self._error, pause)

    def worked(self) -> None:
        if self._error:
            log.info("the %s works again", self._part)
        self._error, self._in_a_row = None, 0
