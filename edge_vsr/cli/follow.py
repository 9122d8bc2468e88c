"""The part of a configuration that a run follows while it goes on."""

import logging
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from edge_vsr.cli.log import set_level
from edge_vsr.cli.reload import Reload
from edge_vsr.cli.renewal import Current, Renewable, with_secrets
from edge_vsr.config import RunConfig
from edge_vsr.errors import EdgeVsrError, UsageError
from edge_vsr.pipeline import Run
from edge_vsr.uplink.far_ends import FarEnds
from edge_vsr.uplink.retention import Bounds
from edge_vsr.uplink.spool import Spool

log = logging.getLogger(__name__)


def bytes_of(megabytes: float) -> int:
    """Raises UsageError for more than a number can hold."""
    if not math.isfinite(megabytes * 1e6):
        raise UsageError("--spool-mb: give a number of megabytes that a disk may have, such as 1024")
    return round(megabytes * 1e6)


def seconds_of(hours: float | None) -> float | None:
    return None if hours is None else hours * 3600.0


def _far_ends(specs: Sequence[str]) -> Mapping[str, Any]:
    far_ends = FarEnds.of(specs)
    return {"uplink": far_ends.main, "live_uplink": far_ends.live}


_FIELDS: Mapping[str, Callable[[Any], Mapping[str, Any]]] = {
    "camera": lambda spec: {"camera": spec},
    "uplink": _far_ends,
    "mqtt": lambda url: {"mqtt": url},
    "rung": lambda rung: {"rung": rung},
    "sr": lambda sr: {"sr": sr},
    "spool_mb": lambda megabytes: {"spool_bytes": bytes_of(megabytes)},
    "spool_hours": lambda hours: {"spool_seconds": seconds_of(hours)},
    "uplink_ca": lambda path: {"ca_file": path},
    "uplink_cert": lambda path: {"client_certificate": path},
    "uplink_key": lambda path: {"client_key": path},
    "uplink_token_file": lambda path: {"bearer_token_file": path},
    "metrics_token_file": lambda path: {"metrics_token_file": path},
    "mqtt_ca": lambda path: {"mqtt_ca": path},
}
"""What of a run's configuration follows from each key that can change."""


class Followed:
    """Used by the main thread, between two looks at the run."""

    def __init__(
        self, current: Current, reload: Reload | None, spool: Spool, under_way: Run, *renewed: Renewable
    ) -> None:
        """`renewed` are those whose credentials are read again, whether the file changed or not."""
        self._current = current
        self._reload = reload
        self._spool = spool
        self._run = under_way
        self._renewed = renewed
        # What could not be taken over is tried again with the next reload.
        self._pending: dict[str, Any] = {}

    def follow(self) -> None:
        """Take over what changed in the file and in what it names, if SIGHUP asked for that."""
        changes = self._reload.changes() if self._reload else None
        if changes is None:
            return
        if "log_level" in changes:
            set_level(changes["log_level"])
        self._pending |= changes
        try:
            config = _changed(self._current.config, self._pending)
            renewals = [one.renewal(config) for one in self._renewed]
            self._run.limit(config)
        except EdgeVsrError as error:
            log.error("the configuration stays as it was: %s", error)  # noqa: TRY400  the line says all
            return
        self._pending.clear()
        self._current.config = config
        self._spool.bounds = Bounds(config.spool_bytes, config.spool_seconds)
        for renew in renewals:
            renew()


def _changed(config: RunConfig, changes: Mapping[str, Any]) -> RunConfig:
    fields: dict[str, Any] = {}
    for name, value in changes.items():
        if name in _FIELDS:
            fields |= _FIELDS[name](value)
    return with_secrets(replace(config, **fields))
