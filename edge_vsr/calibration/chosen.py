"""The model that `run` and `restore` take unless they are told another: what `edge-vsr models use` said."""

import json
import os
import re
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from edge_vsr.errors import OutputError
from edge_vsr.places import place_to_save, places, unwritable
from edge_vsr.uplink.durable import make_folder, write_whole

FORMAT = 1
FILE = "model.json"
WHAT = "the choice of a model in"
"""For errors."""
MOST_BYTES = 1 << 12
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


@dataclass(frozen=True, slots=True)
class Choice:
    """What was found."""

    model: str | None = None
    path: Path | None = None
    ignored: tuple[str, ...] = ()
    """A line for each that was there and does not count."""


def find_choice(models: Collection[str]) -> Choice:
    """The first choice of a model that there is. Never raises."""
    ignored: list[str] = []
    for path in (place / FILE for place in places()):
        try:
            model = _read(path)
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError as error:
            reason = error.strerror or "it cannot be read"
        except (ValueError, RecursionError):
            reason = "it is damaged"
        else:
            if model in models:
                return Choice(model, path, tuple(ignored))
            reason = f"there is no model {model} any more"
        ignored.append(f"the choice of a model in {path} is ignored: {reason}; `edge-vsr models use` makes another")
    return Choice(ignored=tuple(ignored))


def choices() -> list[Path]:
    """All that there are, those that do not count too."""
    return [path for place in places() if os.path.lexists(path := place / FILE)]


def choose(model: str) -> Path:
    """Keep the choice for this user; of root, for the machine. Raises OutputError."""
    path = place_to_save() / FILE
    try:
        make_folder(path.parent)
        # A service reads it as another user.
        write_whole(path, (json.dumps({"format": FORMAT, "model": model}) + "\n").encode(), 0o644)
    except OSError as error:
        raise unwritable(path, WHAT, error) from error
    return path


def forget(path: Path) -> None:
    """Take back the choice in `path`. Raises OutputError."""
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise OutputError(f"cannot take back {WHAT} {path}: {error.strerror}; try as root") from error


def _read(path: Path) -> str:
    table = json.loads(path.read_bytes()[:MOST_BYTES])
    if not isinstance(table, dict) or table.get("format") != FORMAT:
        raise ValueError("it has another format")
    model = table.get("model")
    if not isinstance(model, str) or not NAME.fullmatch(model):
        raise ValueError("it names no model")
    return model
