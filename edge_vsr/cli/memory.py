"""`--memory`, which two commands have."""

from typing import Annotated

import typer

from edge_vsr.errors import UsageError
from edge_vsr.memory import Machine, parse_bytes
from edge_vsr.sr.budget import Budget, Carried

MemoryFlag = Annotated[
    str | None,
    typer.Option(
        metavar="SIZE", help="Memory for the whole process, such as 256M or 1.5G; by what is free if left out."
    ),
]


def memory_of(text: str | None) -> int | None:
    """The flag in bytes; None if it was left out. Raises UsageError."""
    if text is None:
        return None
    try:
        return parse_bytes(text)
    except ValueError as error:
        raise UsageError(f"--memory: {error}") from error


def budget_of(asked: int | None, carried: Carried) -> Budget | None:
    """As much as was asked for, else what is there; None where nothing limits."""
    total = asked or Machine().usable()
    return Budget(total, carried) if total else None
