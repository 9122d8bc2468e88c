"""All the networks that there are on a box: those that came with the package, and those that it made its own."""

from collections.abc import Mapping
from dataclasses import dataclass

from edge_vsr.errors import ModelError
from edge_vsr.places import places
from edge_vsr.sr.store import Model, ModelStore, bundled_store

FOLDER = "models"
"""In a place where a box keeps what is its own."""
REMEDY = "remove it by `edge-vsr models remove`, or the whole folder, and calibrate again"
"""What to do about files of its own that are not as they should be."""


@dataclass(frozen=True)
class Library:
    """Stores, that of the released models first: no other can take their names."""

    stores: tuple[ModelStore, ...]
    problems: tuple[ModelError, ...] = ()
    """Stores that are there and cannot be read."""

    @property
    def models(self) -> Mapping[str, Model]:
        """By name."""
        return {name: model for store in reversed(self.stores) for name, model in store.models.items()}

    def store_of(self, name: str) -> ModelStore:
        """The store that has the model called `name`. Raises ModelError with the names that there are."""
        for store in self.stores:
            if name in store.models:
                return store
        folders = " or ".join(str(store.folder) for store in self.stores)
        names = [name for store in self.stores for name in store.models]
        raise ModelError(f"model {name!r} is not in {folders}; there are: {', '.join(['bicubic', *names])}")

    def is_released(self, name: str) -> bool:
        return name in self.stores[0].models

    def parent_of(self, name: str) -> str:
        """The released model that the one called `name` was made of; itself, if that is one."""
        model = self.models.get(name)
        return model.calibrated.parent if model and model.calibrated else name


def open_library() -> Library:
    """Raises ModelError if the released models are not there; those of the box may be damaged."""
    stores, problems = [bundled_store()], []
    for folder in (place / FOLDER for place in places()):
        try:
            stores.append(ModelStore(folder, REMEDY))
        except ModelError as error:
            if not isinstance(error.__cause__, FileNotFoundError | NotADirectoryError):
                problems.append(error)
    return Library(tuple(stores), tuple(problems))
