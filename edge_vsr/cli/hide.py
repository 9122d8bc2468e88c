"""Addresses off the command line, where every user of the machine can read them."""

import os
import re
import sys
from collections.abc import Mapping, Sequence

VARIABLES = {"--camera": "EDGE_VSR_CAMERA", "--uplink": "EDGE_VSR_UPLINK", "--mqtt": "EDGE_VSR_MQTT"}

PLACE = "EDGE_VSR_PLACE_"
PLACEHOLDER = "env:"
_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")


def shown_again(word: str) -> str:
    """The address that `hide_addresses` left this word for; else the word."""
    return os.environ.get(word.removeprefix(PLACEHOLDER), word) if word.startswith(PLACEHOLDER + PLACE) else word


def hide_addresses() -> None:
    """Start this program anew, in the same process, if an address is on its command line: it goes to the
    environment, which the user and root alone can read."""
    hidden = without_addresses(sys.orig_argv)
    if hidden is not None:
        words, variables = hidden
        os.execve(sys.executable, [sys.executable, *words[1:]], {**os.environ, **variables})  # noqa: S606  no shell


def without_addresses(words: Sequence[str]) -> tuple[list[str], Mapping[str, str]] | None:
    """`words` without the flags that give an address, and the variables that stand for them; None without such."""
    left: list[str] = []
    found: dict[str, list[str]] = {}
    places: dict[str, str] = {}
    rest = iter(words)
    for word in rest:
        flag, equals, value = word.partition("=")
        if flag not in VARIABLES:
            if "restore" in left and _ADDRESS.match(word):
                variable = f"{PLACE}{len(places) + 1}"
                places[variable] = word
                word = PLACEHOLDER + variable
            left.append(word)
            continue
        if not equals and (following := next(rest, None)) is not None:
            value = following
        elif not equals:
            return None
        found.setdefault(flag, []).append(value)
    if not places and not any("://" in value for values in found.values() for value in values):
        return None
    return left, places | {VARIABLES[flag]: _in_one(flag, values) for flag, values in found.items()}


def _in_one(flag: str, values: Sequence[str]) -> str:
    """Two far ends are both meant; of another flag that was given twice the last counts."""
    return "\n".join(values) if flag == "--uplink" else values[-1]
