"""`edge-vsr models`: what networks there are."""

from rich.console import Console
from rich.table import Table

from edge_vsr.errors import ModelError
from edge_vsr.sr.store import Model, ModelStore, bundled_store
from edge_vsr.sr.upscaler import BICUBIC


def command() -> None:
    """List the networks, their quality, and whether their files are as released."""
    store = bundled_store()
    table = Table(title=f"models in {store.folder}", title_justify="left", box=None, pad_edge=False)
    for column in ("name", "scale", "trained on", "parameters", "PSNR-Y", "licence", "state"):
        table.add_column(column)
    table.add_row(BICUBIC, "x2", "", "0", "", "", "always there")
    states = {model.name: _state(store, model) for model in store.models.values()}
    for model in store.models.values():
        figures = ", ".join(f"{name} {value:.2f}" for name, value in model.metrics.items())
        row = (model.name, f"x{model.scale}", model.source, f"{model.parameters:,}", figures, model.licence)
        table.add_row(*row, states[model.name])
    Console(soft_wrap=True).print(table)
    damaged = [state for state in states.values() if state != "verified"]
    if damaged:
        raise ModelError(damaged[0])


def _state(store: ModelStore, model: Model) -> str:
    try:
        store.verify(model)
    except ModelError as error:
        return str(error)
    return "verified"
