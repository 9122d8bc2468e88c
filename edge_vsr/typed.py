"""What JSON holds, as dataclasses whose every value is of the kind that its field names."""

from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from functools import cache
from itertools import repeat
from sys import float_info
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

SHOWN = 80
"""Letters of a value that is none."""
Kind = TypeVar("Kind")


def typed(kind: type[Kind], found: object, where: str) -> Kind:
    """`found` as a dataclass, its fields others, texts, numbers, truth values, tuples, mappings by text, literals, or
    None as well. Keys whose fields have a default may be missing.

    Raises ValueError that says what is wrong `where`, and what the dataclass raises.
    """
    return kind(**_values(kind, found, where))


def _values(kind: type, found: object, where: str) -> dict[str, Any]:
    if not isinstance(found, dict):
        raise _wrong(found, where)
    kinds, needed = _fields(kind)
    if missing := needed - found.keys():
        raise ValueError(f"{where} lacks {', '.join(sorted(missing))}")
    if unknown := found.keys() - kinds.keys():
        raise ValueError(f"{where} has unknown {', '.join(sorted(unknown))}")
    return {name: _as(kinds[name], one, f"{name} in {where}") for name, one in found.items()}


@cache
def _fields(kind: type) -> tuple[dict[str, Any], frozenset[str]]:
    """What each is of, and which have no default. A spool reads thousands."""
    needed = (field.name for field in fields(kind) if field.default is MISSING and field.default_factory is MISSING)
    return get_type_hints(kind), frozenset(needed)


def _as(kind: Any, found: Any, where: str) -> Any:
    origin, inner = get_origin(kind), get_args(kind)
    if is_dataclass(kind):
        return typed(kind, found, where)  # type: ignore[arg-type]
    if origin is UnionType and NoneType in inner:
        (usual,) = (one for one in inner if one is not NoneType)
        return None if found is None else _as(usual, found, where)
    if origin is tuple and isinstance(found, list):
        kinds = repeat(inner[0], len(found)) if inner[-1] is ... else inner
        if len(found) == len(inner) or inner[-1] is ...:
            return tuple(_as(one, value, where) for one, value in zip(kinds, found, strict=True))
    elif origin is Mapping and isinstance(found, dict):
        return {key: _as(inner[1], value, f"{key} in {where}") for key, value in found.items()}
    elif origin is Literal and found in inner:
        return found
    elif kind is float and type(found) is int and abs(found) <= float_info.max:
        return float(found)
    elif type(found) is kind:
        return found
    raise _wrong(found, where)


def _wrong(found: object, where: str) -> ValueError:
    return ValueError(f"{where} is {found!r:.{SHOWN}}")
