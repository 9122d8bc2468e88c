"""Where a run's settings come from: a profile, a file, systemd's credentials, the environment, flags; the later counts.

The command line's library knows the last two, and takes the others as the defaults of its context. It would split a
variable with two far ends at every blank, so that one is read here.
"""

import difflib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer

from edge_vsr.cli.config_file import read_config
from edge_vsr.cli.keys import VARIABLE_PREFIX, Key, as_text
from edge_vsr.cli.profile import OVERRIDDEN, is_chosen, is_from_profile
from edge_vsr.secrets import credential
from edge_vsr.uplink.far_ends import split

CONTEXT_SETTINGS: dict[str, Any] = {"auto_envvar_prefix": VARIABLE_PREFIX}
"""Gives every flag its variable."""
CREDENTIALS = ("camera", "uplink", "mqtt")
"""Keys that a systemd credential of the same name may hold, since an address may have a password in it."""

CHANGEABLE = ("file", "credential", "models use", "profile", "default")
"""Sources of what a file that is read anew may change."""
OTHERS = ("config", "uplink_token", "metrics_token")
"""Variables that are no keys."""


@dataclass(frozen=True, slots=True)
class Setting:
    """A key's value in a run, and where it came from."""

    key: Key
    value: Any
    source: str


def take_file(context: typer.Context, path: Path | None, keys: Mapping[str, Key]) -> None:
    """Make what the file and the credentials say the defaults of `context`. Raises UsageError."""
    settings = lasting(path, keys)
    settings |= {key.name: split(text) for key in keys.values() if key.several and (text := _variable(key))}
    context.meta[OVERRIDDEN] = frozenset(settings)
    context.default_map = {**(context.default_map or {}), **{name: _raw(value) for name, value in settings.items()}}


def lasting(path: Path | None, keys: Mapping[str, Key]) -> dict[str, Any]:
    """What the file and the credentials say now. Raises UsageError."""
    settings = read_config(path, keys) if path is not None else {}
    return settings | {name: keys[name].typed(value) for name in CREDENTIALS if (value := credential(name))}


def mistyped_variables(keys: Mapping[str, Key], environment: Mapping[str, str] = os.environ) -> Iterator[str]:
    """One line for each variable that is nearly one of ours, and is not."""
    known = {*(key.variable for key in keys.values()), *(f"{VARIABLE_PREFIX}_{name.upper()}" for name in OTHERS)}
    for name in sorted(environment.keys() - known):
        if name.startswith(f"{VARIABLE_PREFIX}_") and (
            near := difflib.get_close_matches(name, known, n=1, cutoff=0.85)
        ):
            yield f"the variable {name} sets nothing; did you mean {near[0]}?"


def settings_of(context: typer.Context, keys: Mapping[str, Key]) -> list[Setting]:
    """Each key's value in `context`, and its source in words."""
    return [Setting(key, context.params.get(name), _source(context, key)) for name, key in keys.items()]


def fixed_keys(context: typer.Context, keys: Mapping[str, Key]) -> frozenset[str]:
    """Keys that a flag or a variable set, so that no file can change them."""
    return frozenset(name for name in keys if _source(context, keys[name]) not in CHANGEABLE)


def _source(context: typer.Context, key: Key) -> str:
    # By its name: versions of the library differ in where its type is.
    layer = context.get_parameter_source(key.name)
    match layer.name if layer else "":
        case "COMMANDLINE":
            return "flag"
        case "ENVIRONMENT":
            return key.variable
        case "DEFAULT_MAP" if is_chosen(context, key.name):
            return "models use"
        case "DEFAULT_MAP" if is_from_profile(context, key.name):
            return "profile"
        case "DEFAULT_MAP" if key.several and _variable(key):
            return key.variable
        case "DEFAULT_MAP":
            return "credential" if key.name in CREDENTIALS and credential(key.name) else "file"
    return "default"


def _variable(key: Key) -> str:
    return os.environ.get(key.variable, "").strip()


def _raw(value: Any) -> Any:
    return value if isinstance(value, bool | int | float | list) else as_text(value)
