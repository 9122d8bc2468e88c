"""`edge-vsr models`: what networks there are."""

import sys

from rich.console import Console
from rich.table import Table

from edge_vsr.errors import ModelError
from edge_vsr.sr.store import Model, ModelStore, bundled_store
from edge_vsr.sr.upscaler import BICUBIC

WIDE = 500
"""Columns, where no terminal sets them."""


def command() -> None:
    """List the networks, their quality, and whether their files are as released."""
    store = bundled_store()
    table = Table(box=None, pad_edge=False)
    for column in ("name", "scale", "trained on", "parameters", "PSNR-Y", "licence", "state"):
        table.add_column(column)
    table.add_row(BICUBIC, "x2", "", "0", "", "", "always there")
    errors = [_error(store, model) for model in store.models.values()]
    for model, error in zip(store.models.values(), errors, strict=True):
        figures = ", ".join(f"{name} {value:.2f}" for name, value in model.metrics.items())
        row = (model.name, f"x{model.scale}", model.source, f"{model.parameters:,}", figures, model.licence)
        table.add_row(*row, "damaged" if error else "verified")
    # In a pipe one line a model, however long.
    console = Console(width=None if sys.stdout.isatty() else WIDE)
    console.print(f"models in {store.folder}", soft_wrap=True, markup=False, highlight=False)
    console.print(table)
    for error in filter(None, errors):
        raise error


def _error(store: ModelStore, model: Model) -> ModelError | None:
    try:
        store.verify(model)
    except ModelError as error:
        return error
    return None
