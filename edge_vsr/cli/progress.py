"""How far a job is: a bar on a terminal, a line now and then in a log."""

import logging
import math
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from edge_vsr.clock import Clock

log = logging.getLogger(__name__)

LINE_EVERY = 30.0
"""Seconds."""


class JobProgress:
    """Used by one thread at a time, as a context."""

    def __init__(self, name: str, clock: Clock, console: Console) -> None:
        self._name = name
        self._clock = clock
        self._began = self._told = clock.monotonic()
        self._first: int | None = None
        self._terminal = console.is_terminal
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            console=console,
            disable=not console.is_terminal,
        )
        self._task = self._bar.add_task(name, total=None)

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()

    def __call__(self, done: int, total: int | None) -> None:
        """`done` of `total`; None if nobody knows how many there will be."""
        self._bar.update(self._task, completed=done, total=total)
        now = self._clock.monotonic()
        if self._first is None:
            self._first, self._began = done, now
        if self._terminal or now - self._told < LINE_EVERY:
            return
        self._told = now
        if total is None:
            log.info("%s: %d", self._name, done)
        else:
            log.info("%s: %d of %d, %s left", self._name, done, total, self._left(now, done, total))

    def _left(self, now: float, done: int, total: int) -> str:
        made = done - (self._first or 0)
        seconds = math.ceil((now - self._began) / made * max(0, total - done)) if made > 0 else None
        return "unknown time" if seconds is None else f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"
