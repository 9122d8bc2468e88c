from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

import pytest

from edge_vsr.typed import typed


@dataclass(frozen=True)
class Wheel:
    size: float
    kind: Literal["steel", "wood"] = "steel"


@dataclass(frozen=True)
class Cart:
    name: str
    wheels: tuple[Wheel, ...]
    place: tuple[int, float] | None = None
    sound: bool = True
    notes: Mapping[str, str] = field(default_factory=dict)


GOOD = Cart("a", (Wheel(1.5), Wheel(2.0, "wood")), (3, 4.0), sound=False, notes={"b": "c"})


def table(**changes: Any) -> dict[str, Any]:
    return {**asdict(GOOD), "wheels": [asdict(wheel) for wheel in GOOD.wheels], "place": [3, 4], **changes}


def test_what_was_written_is_read() -> None:
    assert typed(Cart, table(), "a cart") == GOOD
    assert typed(Cart, {"name": "a", "wheels": []}, "a cart") == Cart("a", ())


@pytest.mark.parametrize(
    ("found", "says"),
    [
        (None, "a cart is None"),
        ([], r"a cart is \[\]"),
        ({"wheels": []}, "a cart lacks name"),
        (table(colour=1), "a cart has unknown colour"),
        (table(name=1), "name in a cart is 1"),
        (table(sound=1), "sound in a cart is 1"),
        (table(place=[True, 4]), "place in a cart is True"),
        (table(place=[3]), r"place in a cart is \[3\]"),
        (table(place={}), r"place in a cart is \{\}"),
        (table(wheels={}), r"wheels in a cart is \{\}"),
        (table(wheels=[{"size": "x"}]), "size in wheels in a cart is 'x'"),
        (table(wheels=[{"size": 10**400}]), "size in wheels in a cart is 1000"),
        (table(wheels=[{"size": 1, "kind": "glass"}]), "kind in wheels in a cart is 'glass'"),
        (table(notes={"b": None}), "b in notes in a cart is None"),
        (table(name=[1] * 1000), r"name in a cart is .{80}$"),
    ],
)
def test_what_is_of_another_kind_is_named(found: object, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        typed(Cart, found, "a cart")
