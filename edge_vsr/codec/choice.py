"""Which encoder a run uses."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from edge_vsr.codec.kinds import HARDWARE, KINDS, X264, Kind
from edge_vsr.errors import EncoderError

Attempt = Callable[[Kind], str | None]
"""Tries an encoder; why it does not work, or None."""


@dataclass(frozen=True, slots=True)
class Choice:
    """An encoder, and why it is that one."""

    kind: Kind
    failed: tuple[str, ...] = ()
    """What was tried before it, and why it does not work."""

    def __str__(self) -> str:
        return "; ".join((self.kind.name, *self.failed))


def choose(wanted: str | None, attempt: Attempt, devices: Path = Path("/dev")) -> Choice:
    """The encoder called `wanted`, if it works; for None the first hardware that does, else libx264.

    Raises EncoderError for one that was asked for and does not work.
    """
    if wanted is not None:
        kind = KINDS[wanted]
        if kind is not X264 and (reason := attempt(kind)):
            raise EncoderError(f"{kind.name} does not work here: {reason}; leave out --encoder to have what does")
        return Choice(kind)
    failed: list[str] = []
    for kind in HARDWARE:
        if kind.devices is None or not any(devices.glob(kind.devices)):
            continue
        reason = attempt(kind)
        if reason is None:
            return Choice(kind, tuple(failed))
        failed.append(f"{kind.name}: {reason}")
    return Choice(X264, tuple(failed))
