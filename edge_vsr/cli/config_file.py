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


def read_config(path: Path, keys: Mapping[str, Key]) -> dict[str, Any]:
    """What `path` sets, typed and in range. Raises UsageError, which names the file, the key and what it may be."""
    table = _parsed(path)
    settings = {}
    for name, value in table.items():
        key = keys.get(name)
        if key is None:
            raise UsageError(f"{path}: no key {name[:80]!r}{_suggestion(name, keys)}")
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
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
    except OSError as error:
        raise UsageError(
            f"cannot read the configuration {path}: {error.strerror}; `edge-vsr config init` makes one"
        ) from None
    if len(data) > LARGEST:
        raise UsageError(f"{path} is larger than {LARGEST >> 20} MiB, and so no configuration")
    try:
        return tomllib.loads(data.decode())
    # Nested deep enough, the parser runs out of stack.
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{path} is not TOML: {error}") from None


def _suggestion(name: str, keys: Mapping[str, Key]) -> str:
    near = difflib.get_close_matches(name.replace("-", "_").lower(), keys, n=1)
    return f"; did you mean {near[0]}?" if near else "; `edge-vsr config init -` prints all there are"
