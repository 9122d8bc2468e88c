"""The configuration file: TOML, one key a flag."""

import difflib
import stat
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from edge_vsr.cli.keys import Key, as_text
from edge_vsr.errors import UsageError
from edge_vsr.redact import redact

LARGEST = 1 << 20
"""Bytes; what is larger is no configuration."""
ALL_KEYS = "`edge-vsr config init -` prints all there are"
MOST_TOLD = 5
"""Keys that are not known, in one line."""
SHELL_PIPES = Path("/dev/fd")
"""Where a shell puts what it makes by <(command)."""


def read_config(path: Path, keys: Mapping[str, Key]) -> dict[str, Any]:
    """What `path` sets, typed and in range. Raises UsageError, which names the file, the key and what it may be."""
    table = _parsed(path)
    if unknown := [name for name in table if name not in keys]:
        raise UsageError(f"{path}: {_unknown(unknown, keys)}")
    settings = {}
    for name, value in table.items():
        key = keys[name]
        if isinstance(value, dict):
            raise UsageError(f"{path}: {name} is a table; keys stand alone, as in {name} = ...")
        try:
            settings[name] = key.typed(value)
        except ValueError as error:
            raise UsageError(f"{path}: {name}: {error}") from None
    return settings


def shows_secret_to_others(path: Path, settings: Mapping[str, Any]) -> bool:
    """Whether an address in the file has a secret in it, and others than its owner can read it."""
    try:
        readable = path.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH)
    except OSError:
        return False
    return bool(readable) and any(redact(as_text(value)) != as_text(value) for value in settings.values())


def _parsed(path: Path) -> dict[str, Any]:
    try:
        if path.is_fifo() and path.parent != SHELL_PIPES:
            raise UsageError(f"the configuration {path} is a pipe, which may never end; give a file")
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
    except FileNotFoundError:
        raise UsageError(f"there is no configuration {path}; `edge-vsr config init {path}` makes one") from None
    except PermissionError:
        raise UsageError(f"the configuration {path} may not be read by you; put sudo before the command") from None
    except OSError as error:
        raise UsageError(f"cannot read the configuration {path}: {error.strerror}; give a file") from None
    if len(data) > LARGEST:
        raise UsageError(f"{path} is larger than {LARGEST >> 20} MiB, and so no configuration")
    try:
        # Editors of other systems begin a file with a mark.
        return tomllib.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise UsageError(f"{path} is not TOML: it is no text, or not in UTF-8") from None
    # Nested deep enough, the parser runs out of stack.
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{path} is not TOML: {error}") from None


def _unknown(names: list[str], keys: Mapping[str, Key]) -> str:
    near = [(name, difflib.get_close_matches(name.replace("-", "_").lower(), keys, n=1)) for name in names]
    if len(near) == 1:
        ((name, meant),) = near
        hint = f"; did you mean {meant[0]}?" if meant else f"; {ALL_KEYS}"
        return f"no key {name[:80]!r}{hint}"
    told = [f"{name[:80]!r}" + (f" (did you mean {meant[0]}?)" if meant else "") for name, meant in near[:MOST_TOLD]]
    more = f" and {len(near) - MOST_TOLD} more" if len(near) > MOST_TOLD else ""
    return f"no keys {', '.join(told)}{more}; {ALL_KEYS}"
