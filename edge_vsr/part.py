"""A part of a run that may fail and is tried again: its state, its last error, a count, and when the next try is."""

from dataclasses import dataclass

from edge_vsr.clock import Clock

CAMERA, SPOOL, UPLINK, LIVE, MQTT = "camera", "spool", "uplink", "live", "mqtt"
"""Parts that more than one module speaks of; LIVE is a live far end besides the one that the spool is for."""


@dataclass(frozen=True, slots=True)
class PartStatus:
    """A part at one moment."""

    part: str
    """Its name, for people and as a label of metrics."""
    state: str
    """In a word."""
    error: str | None = None
    """Why it does not work, without secrets; None while it does."""
    last_error: str | None = None
    """Of its last failure, without secrets; kept while it works again, and None before the first."""
    failures: int = 0
    """Since the start."""
    retry_in: float = 0.0
    """Seconds until it is tried again; 0 while it works, or is being tried."""


class Part:
    """Told of failures and of successes by one thread at a time; read by any."""

    def __init__(self, name: str, clock: Clock) -> None:
        self.name = name
        self.error: str | None = None
        """Why it does not work; None while it does."""
        self.in_a_row = 0
        """Failures since it worked last."""
        self._clock = clock
        self._last_error: str | None = None
        self._failures = 0
        self._retry_at = 0.0

    def failed(self, error: str) -> int:
        """It does not work, for a reason without secrets; how many times in a row that was."""
        self.error = self._last_error = error
        self._failures += 1
        self.in_a_row += 1
        return self.in_a_row

    def rest(self, seconds: float) -> None:
        """It is tried again after `seconds`."""
        self._retry_at = self._clock.monotonic() + seconds

    def worked(self) -> None:
        self.error, self.in_a_row = None, 0

    @property
    def retry_in(self) -> float:
        """Seconds until the next try; 0 where it is due, or not needed."""
        return 0.0 if self.error is None else max(0.0, self._retry_at - self._clock.monotonic())

    def status(self, state: str) -> PartStatus:
        """It and the `state` that its owner has for it, in a word."""
        return PartStatus(self.name, state, self.error, self._last_error, self._failures, self.retry_in)
