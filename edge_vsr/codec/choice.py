"""Which encoder a run uses."""

import logging
from collections.abc import Callable
from pathlib import Path

from edge_vsr.codec.kinds import HARDWARE, KINDS, X264, Kind
from edge_vsr.errors import EncoderError

log = logging.getLogger(__name__)

Attempt = Callable[[Kind], str | None]
"""Tries an encoder; why it does not work, or None."""


def choose(wanted: str | None, attempt: Attempt, devices: Path = Path("/dev")) -> Kind:
    """The encoder called `wanted`, if it works; for None the first hardware that does, else libx264.

    Logs one line. Raises EncoderError for one that was asked for and does not work.
    """
    if wanted is not None:
        kind = KINDS[wanted]
        if kind is not X264 and (reason := attempt(kind)):
            raise EncoderError(f"{kind.name} does not work here: {reason}; leave out --encoder to have what does")
        log.info("encoder %s", kind.name)
        return kind
    failed = []
    for kind in HARDWARE:
        if kind.devices is None or not any(devices.glob(kind.devices)):
            continue
        reason = attempt(kind)
        if reason is None:
            log.info("encoder %s", kind.name)
            return kind
        failed.append(f"{kind.name}: {reason}")
    log.info("encoder %s", "; ".join((X264.name, *failed)))
    return X264
