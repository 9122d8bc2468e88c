"""`--model`, which two commands have."""

import logging
from collections.abc import Callable
from typing import Annotated

import typer

from edge_vsr.cli.profile import is_chosen, is_from_profile
from edge_vsr.sr.choice import AUTO, Choice, choose
from edge_vsr.sr.store import bundled_store

log = logging.getLogger(__name__)

ModelFlag = Annotated[
    str, typer.Option(help="Network; see `edge-vsr models`. auto: one that learnt on sources of this kind.")
]


def asked_model(context: typer.Context, model: str) -> tuple[str, str | None]:
    """What to open, and the network of a profile, which tells how much the box can do and not what the source is."""
    if is_from_profile(context, "model") and not is_chosen(context, "model"):
        return AUTO, model
    return model, None


def chosen_model(name: str, like: str | None, is_lossy: Callable[[], bool]) -> Choice:
    """`name`, or what `auto` comes to; `is_lossy` is asked then only. Raises ModelError, and what `is_lossy` raises."""
    if name != AUTO:
        return Choice(name, "as asked")
    return choose(bundled_store().models.values(), lossy=is_lossy(), like=like)


def tell_model(asked: str, choice: Choice) -> None:
    """Log what `auto` came to, once it is open: what cannot be is one line."""
    if asked == AUTO:
        log.info("model %s: %s", choice.name, choice.reason)
