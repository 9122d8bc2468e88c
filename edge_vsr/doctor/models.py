"""The networks, as released or not."""

from collections.abc import Callable, Iterator

from edge_vsr.doctor.finding import Finding, error, ok
from edge_vsr.errors import ModelError
from edge_vsr.sr.store import ModelStore, bundled_store


def check_models(open_store: Callable[[], ModelStore] = bundled_store) -> Iterator[Finding]:
    """One finding a model; each file is read and its SHA-256 compared."""
    try:
        store = open_store()
    except ModelError as problem:
        yield error("models", str(problem), "pip install --force-reinstall edge-vsr")
        return
    for model in store.models.values():
        try:
            store.verify(model)
        except ModelError as problem:
            yield error(model.name, str(problem), "pip install --force-reinstall edge-vsr")
        else:
            yield ok(model.name, f"x{model.scale}, verified")
