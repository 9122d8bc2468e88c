"""Where a box keeps what it found out about itself: the profile, models of its own, the model that it is to take."""

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from edge_vsr.errors import OutputError

SYSTEM = Path("/var/lib/edge-vsr")
"""Of the whole machine: where root saves, and every service looks."""


def places(environment: Mapping[str, str] = os.environ) -> Iterator[Path]:
    """Folders that may hold it; the first that does counts. Systemd's state directory, the user's (XDG Base Directory
    Specification), the machine's."""
    for folder in filter(None, environment.get("STATE_DIRECTORY", "").split(":")):
        yield Path(folder)
    if home := environment.get("XDG_STATE_HOME"):
        yield Path(home) / "edge-vsr"
    else:
        with suppress(RuntimeError):  # a user without a home
            yield Path.home() / ".local" / "state" / "edge-vsr"
    yield SYSTEM


def place_to_save(environment: Mapping[str, str] = os.environ, *, root: bool | None = None) -> Path:
    """The user's own place; of root, whose boxes run services, the machine's."""
    root = os.geteuid() == 0 if root is None else root
    named = environment.get("STATE_DIRECTORY") or environment.get("XDG_STATE_HOME")
    return SYSTEM if root and not named else next(places(environment))


def check_place(path: Path, what: str) -> None:
    """Raises OutputError if `what` could not be written to `path`: better before it is made than after."""
    folder = next(place for place in path.parents if place.exists())
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise unwritable(path, what, error) from error


def unwritable(path: Path, what: str, error: OSError) -> OutputError:
    """In words."""
    return OutputError(f"cannot save {what} {path}: {error.strerror}; set XDG_STATE_HOME to a folder of yours")
