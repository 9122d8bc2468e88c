"""What a stage does without when it fails, and tries again."""

import logging
import random

from edge_vsr.backoff import Backoff
from edge_vsr.clock import Clock
from edge_vsr.part import Part, PartStatus

log = logging.getLogger(__name__)


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
        self._part = Part(part, clock)
        self._backoff = backoff
        self._most = most
        self._rng = rng or random.Random()

    @property
    def status(self) -> PartStatus:
        return self._part.status("failed" if self._part.error else "working")

    @property
    def refusal(self) -> str | None:
        """Why the part is not to be used now; None if it may be used, or tried again."""
        return self._in_words if self._part.retry_in else None

    def failed(self, error: Exception) -> None:
        """Raises `error` if there were too many in a row."""
        in_a_row = self._part.failed(str(error) or type(error).__name__)
        if self._most is not None and in_a_row >= self._most:
            raise error
        pause = self._backoff.pause(in_a_row, self._rng)
        self._part.rest(pause)
        log.warning("%s; trying it again in %.1f s", self._in_words, pause)

    def worked(self) -> None:
        if self._part.error:
            log.info("the %s works again", self._part.name)
        self._part.worked()

    @property
    def _in_words(self) -> str:
        return f"the {self._part.name} failed: {self._part.error}"
