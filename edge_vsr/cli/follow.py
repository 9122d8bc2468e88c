"""The part of a configuration that a run follows while it goes on."""

import logging
from dataclasses import replace
from typing import Any

from edge_vsr.cli.log import set_level
from edge_vsr.cli.reload import Reload
from edge_vsr.config import RunConfig
from edge_vsr.errors import EdgeVsrError
from edge_vsr.pipeline import Run
from edge_vsr.uplink.retention import Bounds
from edge_vsr.uplink.spool import Spool

log = logging.getLogger(__name__)


def bytes_of(megabytes: float) -> int:
    return round(megabytes * 1e6)


def seconds_of(hours: float | None) -> float | None:
    return None if hours is None else hours * 3600.0


class Followed:
    """Used by the main thread, between two looks at the run."""

    def __init__(self, config: RunConfig, reload: Reload | None, spool: Spool, under_way: Run) -> None:
        self._config = config
        self._reload = reload
        self._spool = spool
        self._run = under_way

    def follow(self) -> None:
        """Take over what changed in the file, if SIGHUP asked for that."""
        changes = self._reload.changes() if self._reload else {}
        if not changes:
            return
        if "log_level" in changes:
            set_level(changes["log_level"])
        known: dict[str, Any] = {name: value for name, value in changes.items() if name in ("rung", "sr")}
        if "spool_mb" in changes:
            known["spool_bytes"] = bytes_of(changes["spool_mb"])
        if "spool_hours" in changes:
            known["spool_seconds"] = seconds_of(changes["spool_hours"])
        try:
            config = replace(self._config, **known)
            self._run.limit(config)
        except EdgeVsrError as error:
            log.error("the configuration stays as it was: %s", error)  # noqa: TRY400  the line says all
            return
        self._config = config
        self._spool.bounds = Bounds(config.spool_bytes, config.spool_seconds)
