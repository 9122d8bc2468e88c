"""`edge-vsr status`: how the runs on this machine are doing."""

import json
import os
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from edge_vsr.telemetry.state import SERVICES, STALE_SECONDS, RunState, boot_seconds, hidden_states, read_states

UNWELL = 1
NONE = 3
"""As LSB has it for a service that is not running."""
UNKNOWN = 4
"""As LSB has it for a status that is not known."""


def command(
    name: Annotated[str | None, typer.Argument(help="Of one service, as in edge-vsr@NAME.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="All figures, for programs.")] = False,
) -> None:
    """Show each run on this machine, as itself tells once a second.

    Exits with 0 if all are well, 1 if something is away, full or stuck, 3 if there is no run, 4 if one may not be seen.
    """
    runs = {key: state for key, state in read_states(*_roots()) if name in (None, key)}
    hidden = [key for key in hidden_states(*_roots()) if name in (None, key)]
    if as_json:
        table = {key: {**asdict(state), "stale": _stale(state)} for key, state in runs.items()}
        sys.stdout.write(json.dumps(table, indent=2) + "\n")
    elif not (runs or hidden):
        sys.stdout.write("no run is under way\n" if name is None else f"no run called {name} is under way\n")
    for key, state in {} if as_json else runs.items():
        for line in _lines(key, state):
            sys.stdout.write(f"{_printable(line)}\n")
    for key in hidden:
        sys.stderr.write(f"edge-vsr: {_printable(key)} may not be looked at by you; put sudo before the command\n")
    if not (runs or hidden):
        raise typer.Exit(NONE)
    if not all(state.well and not _stale(state) for state in runs.values()):
        raise typer.Exit(UNWELL)
    if hidden:
        raise typer.Exit(UNKNOWN)


def _lines(key: str, state: RunState) -> Iterator[str]:
    yield f"{key}: {state.name}"
    yield f"  {_words(state)}"
    if state.reason and not _stale(state):
        yield f"  rung: {state.reason}"
    if state.metrics:
        yield f"  metrics: http://{state.metrics}/metrics"
    yield from (f"  {line}" for line in (*state.errors, *_recovered(state)))


def _printable(line: str) -> str:
    """A camera's name may have what a terminal takes for a command."""
    return "".join(letter if letter.isprintable() else "?" for letter in line)


def _recovered(state: RunState) -> Iterator[str]:
    """What failed and works again."""
    for part in state.parts:
        if part["failures"] and not part["error"]:
            yield f"{part['part']} {part['state']} again (failures: {part['failures']}, the last: {part['last_error']})"


def _roots() -> list[Path]:
    user = os.environ.get("XDG_RUNTIME_DIR")
    return [SERVICES, *([Path(user) / "edge-vsr"] if user else [])]


def _stale(state: RunState) -> bool:
    return boot_seconds() - state.at > STALE_SECONDS


def _words(state: RunState) -> str:
    if _stale(state):
        return f"no sign of life for {boot_seconds() - state.at:.0f} s (process {state.pid}); it was killed, or hangs"
    return state.words
