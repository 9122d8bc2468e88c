"""`edge-vsr models`: what networks there are, and which one is taken."""

import sys
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from edge_vsr.calibration import chosen
from edge_vsr.calibration.own import own_models
from edge_vsr.cli.profile import models_in_use
from edge_vsr.errors import ModelError, UsageError
from edge_vsr.sr.choice import AUTO
from edge_vsr.sr.library import open_library
from edge_vsr.sr.store import Model, ModelStore
from edge_vsr.sr.upscaler import BICUBIC

WIDE = 500
"""Columns, where no terminal sets them."""
COLUMNS = ("name", "scale", "trained on", "made", "size", "parameters", "PSNR-Y", "licence", "in use", "state")

app = typer.Typer(
    invoke_without_command=True, help="List the networks; check them, choose one, remove one of the box's own."
)


@app.callback()
def _listed(context: typer.Context) -> None:
    if context.invoked_subcommand is None:
        list_models()


@app.command("list")
def list_models() -> None:
    """List the networks: where they are from, their quality, which is in use, and whether their files are whole."""
    library = open_library()
    in_use = models_in_use(library)
    table = Table(box=None, pad_edge=False)
    for column in COLUMNS:
        table.add_column(column)
    table.add_row(BICUBIC, "x2", "", "", "", "0", "", "", _mark(in_use, BICUBIC), "always there")
    errors = list(library.problems)
    for store in library.stores:
        for model in store.models.values():
            error = _error(store, model)
            errors += [error] if error else []
            table.add_row(*_row(store, model), _mark(in_use, model.name), "damaged" if error else "verified")
    # In a pipe one line a model, however long.
    console = Console(width=None if sys.stdout.isatty() else WIDE)
    folders = " and ".join(str(store.folder) for store in library.stores)
    console.print(f"models in {folders}", soft_wrap=True, markup=False, highlight=False)
    console.print(table)
    for error in errors:
        raise error


@app.command()
def verify(
    names: Annotated[list[str] | None, typer.Argument(metavar="NAME", help="Models; all if left out.")] = None,
) -> None:
    """Read every file of the networks and compare its SHA-256 with the manifest's."""
    library = open_library()
    for name in names or library.models:
        store = library.store_of(name)
        store.verify(store.models[name])
        typer.echo(f"{name}: {len(store.models[name].files)} files are as they should be")
    if not names:
        for problem in library.problems:
            raise problem


@app.command()
def use(name: Annotated[str, typer.Argument(help="A network, bicubic, or auto for what suits the source.")]) -> None:
    """Make a network the default of `run` and `restore`, for this user; as root for the machine, services included.

    Flags, variables and configuration files count before it.
    """
    library = open_library()
    if name == AUTO:
        for path in chosen.choices():
            chosen.forget(path)
        typer.echo("`run` and `restore` take what suits the source from now on")
        return
    if name != BICUBIC:
        store = library.store_of(name)
        store.verify(store.models[name])
    path = chosen.choose(name)
    typer.echo(f"`run` and `restore` take {name} from now on ({path})")


@app.command()
def remove(name: Annotated[str, typer.Argument(help="A network that this box made its own.")]) -> None:
    """Remove a network that `edge-vsr calibrate` made."""
    library = open_library()
    if name == BICUBIC or library.is_released(name):
        raise UsageError(f"{name} came with edge-vsr and stays; `edge-vsr models use` takes another instead")
    folder = library.store_of(name).folder
    choice = chosen.find_choice((BICUBIC, *library.models))
    with own_models(folder) as own:
        own.remove(name)
    if choice.model == name and choice.path:
        chosen.forget(choice.path)
        typer.echo(f"{name} is removed from {folder}; `run` and `restore` take what suits the source again")
    else:
        typer.echo(f"{name} is removed from {folder}")


def _row(store: ModelStore, model: Model) -> tuple[str, ...]:
    figures = ", ".join(f"{name} {value:.2f}" for name, value in model.metrics.items())
    made = "released"
    if own := model.calibrated:
        made = f"of {own.parent}, {own.made[:10]}, {own.frames} frames of {own.source}"
        figures = f"{own.decibels:.2f} from float ({own.rival} {own.rival_decibels:.2f})"
    size = f"{store.size(model) / 1e6:.1f} MB"
    return model.name, f"x{model.scale}", model.source, made, size, f"{model.parameters:,}", figures, model.licence


def _mark(in_use: tuple[str, ...], name: str) -> str:
    return ("in use" if len(in_use) == 1 else AUTO) if name in in_use else ""


def _error(store: ModelStore, model: Model) -> ModelError | None:
    try:
        store.verify(model)
    except ModelError as error:
        return error
    return None
