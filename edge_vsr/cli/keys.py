"""The keys of a configuration: one for each flag of `edge-vsr run`, read from where that is defined.

So there is one schema: a flag's type, range, default and help are its key's, and its variable's.
"""

import inspect
import math
import types
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from typer.models import OptionInfo

VARIABLE_PREFIX = "EDGE_VSR"
FILE_KEY = "config"
"""Names the file, and so cannot stand in it."""


class Follows(Enum):
    """How far a run that goes on follows a key that changes, on SIGHUP."""

    NEVER = ""
    """That takes a restart."""
    ITS_SECRETS = "secrets"
    """User, password and query of an address; not what else is in it."""
    ALWAYS = "live"


_ALWAYS = frozenset({"rung", "sr", "spool_mb", "spool_hours", "log_level"}) | frozenset(
    {"uplink_ca", "uplink_cert", "uplink_key", "uplink_token_file", "metrics_token_file", "mqtt_ca"}
)
_ITS_SECRETS = frozenset({"camera", "uplink", "mqtt"})


@dataclass(frozen=True, slots=True)
class Key:
    """One setting. `spool_mb` in a file, `--spool-mb` as a flag, `EDGE_VSR_SPOOL_MB` in the environment."""

    name: str
    kind: Any
    """bool, int, float, str, Path, an Enum, a Literal, or list[str]."""
    help: str
    default: Any
    least: float | None = None
    most: float | None = None

    @property
    def variable(self) -> str:
        return f"{VARIABLE_PREFIX}_{self.name.upper()}"

    @property
    def flag(self) -> str:
        return f"--{self.name.replace('_', '-')}"

    @property
    def several(self) -> bool:
        """Whether it may have more than one value."""
        return get_origin(self.kind) is list

    @property
    def follows(self) -> Follows:
        if self.name in _ALWAYS:
            return Follows.ALWAYS
        return Follows.ITS_SECRETS if self.name in _ITS_SECRETS else Follows.NEVER

    @property
    def choices(self) -> tuple[str, ...]:
        """What it may be, where that is a list of words."""
        if get_origin(self.kind) is Literal:
            return get_args(self.kind)
        return tuple(one.value for one in self.kind) if _is_enum(self.kind) else ()

    @property
    def allowed(self) -> str:
        """What it may be, for people: "1..256", "one of auto, on, off"."""
        if self.choices:
            return f"one of {', '.join(self.choices)}"
        if self.kind is bool:
            return "true or false"
        if self.kind is Path:
            return "a path"
        if self.kind not in (int, float):
            return "a text, or a list of texts" if self.several else "a text"
        number = "a whole number" if self.kind is int else "a number"
        if self.least is not None and self.most is not None:
            return f"{number}, {self.least:g}..{self.most:g}"
        if self.least is not None:
            return f"{number}, {self.least:g} or more"
        return number

    def typed(self, value: object) -> Any:
        """`value`, as TOML gives it, in this key's type. Raises ValueError with what it may be; never repeats it."""
        match value:
            case bool() if self.kind is bool:
                return value
            case int() | float() if not isinstance(value, bool) and self._fits(value):
                return self.kind(value)
            # `camera = 0` and `fps = 15` are meant as they are written.
            case int() | float() if self.kind is str and not isinstance(value, bool):
                return str(value)
            case str() if self.choices and value in self.choices:
                return self.kind(value) if _is_enum(self.kind) else value
            case str() if self.kind in (str, Path) and "\0" not in value and (value or self.kind is str):
                return self.kind(value)
            case str() if self.several:
                return [value]
            case list() if self.several and all(isinstance(one, str) for one in value):
                return value
        raise ValueError(f"give {self.allowed}")

    def _fits(self, value: float) -> bool:
        if self.kind not in (int, float) or not math.isfinite(value):
            return False
        if self.kind is int and not isinstance(value, int):
            return False
        return (self.least is None or value >= self.least) and (self.most is None or value <= self.most)


def keys_of(command: Callable[..., object]) -> dict[str, Key]:
    """By name, in the order in which `command` has its flags."""
    hints = get_type_hints(command, include_extras=True)
    keys = {}
    for name, parameter in inspect.signature(command).parameters.items():
        kind, option = _unpacked(hints[name])
        if option is None or option.hidden or name == FILE_KEY:
            continue
        keys[name] = Key(
            name=name,
            kind=kind,
            help=option.help or "",
            default=None if parameter.default is inspect.Parameter.empty else parameter.default,
            least=option.min,
            most=option.max,
        )
    return keys


def as_text(value: object) -> str:
    """A value as a flag would be given it."""
    if isinstance(value, list | tuple):
        return " and ".join(map(as_text, value))
    return str(value.value) if isinstance(value, Enum) else str(value)


def _unpacked(hint: Any) -> tuple[Any, OptionInfo | None]:
    option = None
    # A flag that two commands share is annotated within.
    while get_origin(hint) is Annotated:
        hint, *more = get_args(hint)
        option = next((one for one in more if isinstance(one, OptionInfo)), option)
    if get_origin(hint) in (Union, types.UnionType):
        (hint,) = (one for one in get_args(hint) if one is not type(None))
    return hint, option


def _is_enum(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, Enum)
