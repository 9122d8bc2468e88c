"""What `bench --save` kept, as defaults of a command's flags: whatever else sets a flag counts before it."""

import logging
from typing import Any

import typer
from typer.core import TyperCommand

from edge_vsr import __version__
from edge_vsr.bench.machine import processor_here
from edge_vsr.bench.profile import Here, Search, find
from edge_vsr.config import SuperResolution
from edge_vsr.errors import ModelError
from edge_vsr.sr.engines import installed_runtimes, usable_cpus
from edge_vsr.sr.store import bundled_store

log = logging.getLogger(__name__)

FOUND, OVERRIDDEN = "edge_vsr.profile", "edge_vsr.overridden"
"""Of a context's `meta`: the search, and the keys that a file or a credential sets."""
CHOICES = ("model", "runtime", "threads", "rung")
"""Who sets one of these knows better than the profile whether to super-resolve."""


class ProfiledCommand(TyperCommand):
    """A command whose defaults are the profile's."""

    def make_context(self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any) -> Any:
        here = _here()
        found = find(here) if here else Search()
        if found.profile:
            extra["default_map"] = {**found.profile.settings(), **(extra.get("default_map") or {})}
        context = super().make_context(info_name, args, parent, **extra)
        context.meta[FOUND] = found
        return context


def from_profile(context: typer.Context) -> dict[str, Any]:
    """What of the profile counts in `context`, by flag."""
    found: Search = context.meta.get(FOUND, Search())
    if found.profile is None:
        return {}
    return {name: value for name, value in found.profile.settings().items() if is_from_profile(context, name)}


def is_from_profile(context: typer.Context, name: str) -> bool:
    """Whether nothing but the profile set `name`."""
    source = context.get_parameter_source(name)
    # By its name: versions of the library differ in where its type is.
    from_map = source is not None and source.name == "DEFAULT_MAP"
    return from_map and name not in context.meta.get(OVERRIDDEN, ())


def sr_of(context: typer.Context, sr: SuperResolution) -> SuperResolution:
    """`sr`; but a profile's word against super-resolution is about its own model, not for who asks for another."""
    chosen = any(_is_set(context, name) for name in CHOICES)
    return SuperResolution.AUTO if chosen and is_from_profile(context, "sr") else sr


def tell_profile(context: typer.Context) -> None:
    """Log which profile is in use, and which were passed over."""
    found: Search = context.meta.get(FOUND, Search())
    for line in found.ignored:
        log.warning("%s", line)
    if settings := from_profile(context):
        words = ", ".join(f"{name} {value}" for name, value in settings.items())
        log.info("profile %s: %s", found.path, words)


def _is_set(context: typer.Context, name: str) -> bool:
    source = context.get_parameter_source(name)
    return source is not None and source.name != "DEFAULT" and not is_from_profile(context, name)


def _here() -> Here | None:
    """None without models: what is wrong with them is said when one is asked for."""
    try:
        models = tuple(bundled_store().models)
    except ModelError:
        return None
    return Here(__version__, processor_here(), usable_cpus(), installed_runtimes(), models)
