"""What `bench --save` and `models use` kept, as defaults of a command's flags: whatever else sets one counts before."""

import logging
from typing import Any

import typer
from typer.core import TyperCommand

from edge_vsr import __version__
from edge_vsr.bench.machine import processor_here
from edge_vsr.bench.profile import Here, Search, find
from edge_vsr.calibration.chosen import Choice, find_choice
from edge_vsr.config import SuperResolution
from edge_vsr.errors import ModelError
from edge_vsr.sr.choice import choose
from edge_vsr.sr.engines import installed_runtimes, usable_cpus
from edge_vsr.sr.library import Library, open_library
from edge_vsr.sr.upscaler import BICUBIC

log = logging.getLogger(__name__)

FOUND, CHOICE, SETTINGS = "edge_vsr.profile", "edge_vsr.choice", "edge_vsr.defaults"
"""Of a context's `meta`: the search for a profile, that for a chosen model, and what they come to."""
OVERRIDDEN = "edge_vsr.overridden"
"""The keys that a file or a credential sets."""
CHOICES = ("model", "runtime", "threads", "rung")
"""Who sets one of these knows better than the profile whether to super-resolve."""


class ProfiledCommand(TyperCommand):
    """A command whose defaults are the profile's."""

    def make_context(self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any) -> Any:
        library = _library()
        here = _here(library)
        found = find(here) if here else Search()
        choice = find_choice((BICUBIC, *library.models)) if library else Choice()
        settings = defaults(found, choice, library)
        extra["default_map"] = {**settings, **(extra.get("default_map") or {})}
        context = super().make_context(info_name, args, parent, **extra)
        context.meta.update({FOUND: found, CHOICE: choice, SETTINGS: settings})
        return context


def defaults(found: Search, choice: Choice, library: Library | None) -> dict[str, Any]:
    """What the profile says, and the model of `models use` before the profile's; tile and rungs that were found for
    another network then do not count."""
    settings = found.profile.settings() if found.profile else {}
    if choice.model is None or library is None:
        return settings
    if "model" in settings and library.parent_of(choice.model) != library.parent_of(settings["model"]):
        settings = {name: value for name, value in settings.items() if name not in ("tile", "sr")}
    return {**settings, "model": choice.model}


def models_in_use(library: Library) -> tuple[str, ...]:
    """What `run` and `restore` take, unless a file, a variable or a flag says another: the one that `models use` named;
    or what `auto` comes to, for sources coded with loss and for others."""
    choice = find_choice((BICUBIC, *library.models))
    if choice.model is not None:
        return (choice.model,)
    here = _here(library)
    profile = find(here).profile if here else None
    released = library.stores[0].models.values()
    return tuple(choose(released, lossy=lossy, like=profile.model if profile else None).name for lossy in (True, False))


def from_profile(context: typer.Context) -> dict[str, Any]:
    """What of the profile counts in `context`, by flag."""
    settings: dict[str, Any] = context.meta.get(SETTINGS, {})
    return {name: value for name, value in settings.items() if is_from_profile(context, name)}


def is_chosen(context: typer.Context, name: str) -> bool:
    """Whether nothing but `models use` set `name`."""
    return name == "model" and context.meta.get(CHOICE, Choice()).model is not None and is_from_profile(context, name)


def is_from_profile(context: typer.Context, name: str) -> bool:
    """Whether nothing but the profile, or `models use`, set `name`."""
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
    choice: Choice = context.meta.get(CHOICE, Choice())
    for line in (*found.ignored, *choice.ignored):
        log.warning("%s", line)
    chosen = {name for name in ("model",) if is_chosen(context, name)}
    if settings := {name: value for name, value in from_profile(context).items() if name not in chosen}:
        words = ", ".join(f"{name} {value}" for name, value in settings.items())
        log.info("profile %s: %s", found.path, words)
    if chosen:
        log.info("model %s, by `edge-vsr models use` (%s)", choice.model, choice.path)


def _is_set(context: typer.Context, name: str) -> bool:
    source = context.get_parameter_source(name)
    return source is not None and source.name != "DEFAULT" and not is_from_profile(context, name)


def _library() -> Library | None:
    """None without models: what is wrong with them is said when one is asked for."""
    try:
        return open_library()
    except ModelError:
        return None


def _here(library: Library | None) -> Here | None:
    if library is None:
        return None
    return Here(__version__, processor_here(), usable_cpus(), installed_runtimes(), tuple(library.models))
