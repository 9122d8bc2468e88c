"""The networks, as released or not."""

from collections.abc import Callable, Iterator

from edge_vsr.doctor.finding import Finding, error, ok
from edge_vsr.errors import ModelError
from edge_vsr.sr.library import Library, open_library

REINSTALL = "pip install --force-reinstall edge-vsr"


def check_models(open_all: Callable[[], Library] = open_library) -> Iterator[Finding]:
    """One finding a model; each file is read and its SHA-256 compared."""
    try:
        library = open_all()
    except ModelError as problem:
        yield error("models", str(problem), REINSTALL)
        return
    for unreadable in library.problems:
        yield error("models", str(unreadable), "edge-vsr calibrate")
    for model in library.models.values():
        try:
            library.store_of(model.name).verify(model)
        except ModelError as problem:
            released = library.is_released(model.name)
            yield error(model.name, str(problem), REINSTALL if released else f"edge-vsr models remove {model.name}")
        else:
            yield ok(model.name, f"x{model.scale}, verified")
