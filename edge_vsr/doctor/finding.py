"""What a check found."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum


class Level(IntEnum):
    """How bad it is; the worst of all findings is the exit code."""

    OK = 0
    NOTE = 1
    """Good to know; nothing to be done."""
    WARNING = 2
    """It works, and not as well as it could."""
    ERROR = 3
    """Something that was asked for will not work."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report."""

    name: str
    """What was looked at, in a word or two."""
    level: Level
    text: str
    """What was found, without secrets."""
    fix: str = ""
    """What to do, where there is something to be done."""


def ok(name: str, text: str) -> Finding:
    return Finding(name, Level.OK, text)


def note(name: str, text: str, fix: str = "") -> Finding:
    return Finding(name, Level.NOTE, text, fix)


def warning(name: str, text: str, fix: str) -> Finding:
    return Finding(name, Level.WARNING, text, fix)


def error(name: str, text: str, fix: str) -> Finding:
    return Finding(name, Level.ERROR, text, fix)


def worst(findings: Iterable[Finding]) -> Level:
    return max((finding.level for finding in findings), default=Level.OK)
