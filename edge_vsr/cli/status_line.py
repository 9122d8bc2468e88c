"""How a run is doing: one line that stays in place on a terminal, a log line an hour elsewhere."""

import logging
import os
import sys
from typing import TextIO

from edge_vsr.camera.status import CameraState
from edge_vsr.cli.log import CLEAR_LINE
from edge_vsr.clock import Clock
from edge_vsr.part import CAMERA, LIVE, SPOOL, UPLINK
from edge_vsr.pipeline import RunStatus, RunSummary
from edge_vsr.uplink.disk import SpoolState

log = logging.getLogger(__name__)

LOG_EVERY = 3600.0
"""Seconds between two log lines: a journal is kept for months, and what changes has lines of its own."""


def in_words(status: RunStatus) -> str:
    """One line: fps in, fps out, rung, kbit/s, backlog, and what is away."""
    parts = [
        f"{status.fps_in:4.1f} fps in",
        f"{status.fps_out:4.1f} fps out",
        status.rung.value if status.rung else "starting",
        f"{status.kbits:.0f} kbit/s",
        f"backlog {status.backlog}",
    ]
    return " | ".join([*parts, *(f"{part} {state}" for part, state in _away(status).items())])


def _away(status: RunStatus) -> dict[str, str]:
    """The states of the parts that are not as they should be."""
    away = {}
    if status.camera is not CameraState.OPEN:
        away[CAMERA] = status.camera.value
    if status.uplink not in ("up", "live"):
        away[UPLINK] = status.uplink
    if status.live and status.live.state.value not in ("live", status.uplink):
        away[LIVE] = status.live.state.value
    if status.spool is not SpoolState.READY:
        away[SPOOL] = status.spool.value
    return away | {part.part: part.state for part in status.parts if part.error and part.part != LIVE}


def summary_in_words(summary: RunSummary) -> str:
    """What became of every frame and segment."""
    text = (
        f"{summary.captured} frames captured, {summary.encoded} encoded, {summary.dropped} dropped; "
        f"{summary.segments} segments made, {summary.delivered} delivered, {summary.waiting} wait in the spool"
    )
    if summary.evicted:
        text += f", {summary.evicted} given up"
    if summary.live:
        text += f"; live: {summary.live.segments} segments whole, {summary.live.bytes / 1e6:.1f} MB"
    if summary.left_out:
        text += f"; {summary.left_out} frames left out between stills"
    return text


class StatusLine:
    """Shows each status that it is given."""

    def __init__(self, clock: Clock, stream: TextIO | None = None) -> None:
        self._clock = clock
        self._stream = stream or sys.stderr
        self._terminal = self._stream.isatty()
        self._logged = clock.monotonic()

    def show(self, status: RunStatus) -> None:
        if self._terminal:
            self._stream.write(CLEAR_LINE + in_words(status)[: self._columns()])
            self._stream.flush()
        elif self._clock.monotonic() - self._logged >= LOG_EVERY:
            self._logged = self._clock.monotonic()
            log.info("%s", in_words(status))

    def clear(self) -> None:
        """Leave the line empty for what comes next."""
        if self._terminal:
            self._stream.write(CLEAR_LINE)
            self._stream.flush()

    def _columns(self) -> int | None:
        """What fits: a line that wraps could not be taken back."""
        try:
            return os.get_terminal_size(self._stream.fileno()).columns or None
        except OSError:
            return None
