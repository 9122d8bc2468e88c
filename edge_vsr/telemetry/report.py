"""Puts a run's health where it is looked for: the metrics' address and the state file."""

import logging
import threading
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict, replace
from pathlib import Path
from typing import Self

from edge_vsr.clock import Clock
from edge_vsr.config import RunConfig
from edge_vsr.heat import HeatSensor
from edge_vsr.memory import Machine
from edge_vsr.part import SPOOL, PartStatus
from edge_vsr.pipeline import RunStatus
from edge_vsr.telemetry.metrics import Health, figures, render
from edge_vsr.telemetry.server import Listen, MetricsServer
from edge_vsr.telemetry.state import RunState, boot_seconds, remove_state, write_state
from edge_vsr.uplink.disk import SpoolState

log = logging.getLogger(__name__)

EVERY = 1.0
"""Seconds between two states."""


class Report:
    """Takes each status of a run, from one thread; the listener and the file follow it to the end of the block."""

    def __init__(
        self,
        name: str,
        clock: Clock,
        heat: HeatSensor,
        *,
        listen: Listen | None,
        folder: Path | None,
        words: Callable[[RunStatus], str],
        pid: int,
    ) -> None:
        """`name` is for people and has no secret. Neither listener nor file is needed: what cannot be had is logged."""
        self._name = name
        self._clock = clock
        self._heat = heat
        self._listen = listen
        self._folder = folder
        self._words = words
        self._pid = pid
        self._began = clock.monotonic()
        self._told_at: float | None = None
        self._health: Health | None = None
        self._address: str | None = None
        self._unwritten = False
        self._stack = ExitStack()
        self._server: MetricsServer | None = None

    def __enter__(self) -> Self:
        if self._listen:
            try:
                server = MetricsServer(self._listen, self._rendered)
            except OSError as error:
                log.warning(
                    "no metrics on %s:%d: %s; give --metrics another port, auto or off",
                    self._listen.host, self._listen.port, error.strerror,
                )  # fmt: skip
            else:
                self._server = self._stack.enter_context(server)
                self._address = server.address
        if self._folder:
            self._stack.callback(remove_state, self._folder)
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def renewal(self, config: RunConfig) -> Callable[[], None]:
        """What makes the listener ask for the token of `config`. Raises UsageError where it must have one."""
        token = config.metrics_token
        if self._listen:
            replace(self._listen, token=token)
        return lambda: self._server.renew(token) if self._server else None

    def show(self, status: RunStatus) -> None:
        """How the run is doing now."""
        now = self._clock.monotonic()
        if self._told_at is not None and now - self._told_at < EVERY:
            return
        self._told_at = now
        self._health = Health(
            status,
            heat=self._heat.read(),
            resident=Machine().resident(),
            threads=threading.active_count(),
            uptime=now - self._began,
        )
        if self._folder:
            self._write(self._folder, self._health)

    def _rendered(self) -> str:
        return render(self._health) if self._health else ""

    def _write(self, folder: Path, health: Health) -> None:
        status = health.status
        unknown = [f"{SPOOL}: {status.spool.value}"] if status.spool is SpoolState.UNKNOWN_FILES else []
        errors = [
            *(_tried_again(part) for part in status.parts if part.error),
            *unknown,
            *(f"{stage} hangs" for stage in status.hanging),
        ]
        try:
            write_state(
                folder,
                RunState(
                    name=self._name,
                    pid=self._pid,
                    at=boot_seconds(),
                    well=health.well,
                    words=self._words(status),
                    reason=status.reason,
                    errors=errors,
                    metrics=self._address,
                    figures=figures(health),
                    parts=[asdict(part) for part in status.parts],
                ),
            )
        except OSError as error:
            # A file system in memory that is full has room again some time.
            if not self._unwritten:
                log.warning("no state for edge-vsr status: cannot write to %s: %s", folder, error.strerror)
            self._unwritten = True
        else:
            self._unwritten = False


def _tried_again(part: PartStatus) -> str:
    """What is wrong with it."""
    next_try = f"in {part.retry_in:.0f} s" if part.retry_in >= 1 else "now"
    return f"{part.part} {part.state}: {part.error} (failures: {part.failures}, next try {next_try})"
