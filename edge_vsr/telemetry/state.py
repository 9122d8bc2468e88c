"""How a run is doing, in a file that `edge-vsr status` reads: it is there where the listener is off, too.

It lies in memory (/run), and is replaced whole, so that no reader sees a part.
"""

import json
import os
import stat
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from edge_vsr.part import PartStatus
from edge_vsr.typed import typed

SERVICES = Path("/run/edge-vsr")
NAME = "state.json"
LARGEST = 1 << 20
"""Bytes; what is larger no run wrote."""
STALE_SECONDS = 15.0
"""After which a state that was not renewed says that its run is stuck or was killed."""


@dataclass(frozen=True, slots=True)
class RunState:
    """One run as its file tells."""

    name: str
    """Camera and far end, without secrets."""
    pid: int
    at: float
    """CLOCK_BOOTTIME in seconds: the date may jump."""
    well: bool
    words: str
    """The status line."""
    reason: str | None
    """Of the last change of rung; None before the first rung."""
    errors: list[str]
    """What is not as it should be, without secrets."""
    metrics: str | None
    """HOST:PORT of the Prometheus metrics."""
    figures: Mapping[str, Any]
    """The metrics by name."""
    parts: list[dict[str, Any]] = field(default_factory=list)
    """Of each that is tried again a PartStatus, as a table."""


def runtime_folder(environment: Mapping[str, str] = os.environ) -> Path | None:
    """Where a run's state belongs: systemd's runtime directory, or the user's own; None where there is neither."""
    if service := environment.get("RUNTIME_DIRECTORY", "").partition(":")[0]:
        return Path(service)
    user = environment.get("XDG_RUNTIME_DIR", "")
    return Path(user) / "edge-vsr" / str(os.getpid()) if user else None


def write_state(folder: Path, state: RunState) -> None:
    """Raises OSError."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    temporary = folder / f".{NAME}"
    with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump(asdict(state), file)
    temporary.replace(folder / NAME)


def remove_state(folder: Path) -> None:
    """Of a run that ended."""
    for name in (NAME, f".{NAME}"):
        with suppress(OSError):
            (folder / name).unlink()
    if "RUNTIME_DIRECTORY" not in os.environ:
        with suppress(OSError):
            folder.rmdir()


def read_states(*roots: Path) -> Iterator[tuple[str, RunState]]:
    """Each run below `roots` by its folder's name; what cannot be read as a state is left out."""
    for root in roots:
        for path in sorted(root.glob(f"*/{NAME}")):
            # Nested deep enough, the parser runs out of stack.
            with suppress(OSError, ValueError, TypeError, RecursionError):
                yield path.parent.name, _parsed(_read(path))


def hidden_states(*roots: Path) -> Iterator[str]:
    """Folders of runs below `roots` that this user may not look into, by their names: those of services."""
    for root in roots:
        with suppress(OSError):
            for folder in sorted(root.iterdir()):
                try:
                    (folder / NAME).stat()
                except PermissionError:
                    yield folder.name
                except OSError:
                    continue


def _read(path: Path) -> bytes:
    """Of a service, which may be broken into: neither a pipe nor a device nor a link is waited for or followed. Raises
    OSError, and ValueError for what no run wrote."""
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC), "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise ValueError("no run wrote that")
        return file.read(LARGEST)


def _parsed(text: bytes) -> RunState:
    """Raises ValueError or TypeError for what no run wrote."""
    state = RunState(**json.loads(text))
    kinds = {"name": str, "words": str, "at": int | float, "well": bool, "errors": list, "parts": list, "figures": dict}
    if wrong := [name for name, kind in kinds.items() if not isinstance(getattr(state, name), kind)]:
        raise ValueError(f"no run wrote {', '.join(wrong)}")
    for part in state.parts:
        typed(PartStatus, part, "a part")
    return state


def boot_seconds() -> float:
    """CLOCK_BOOTTIME: the same in every process of the machine."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)
