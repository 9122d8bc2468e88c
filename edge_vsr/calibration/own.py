"""The models that a box made its own: a store that can be written.

Files of a model lie in a folder that carries the time of its making, so that who reads the manifest while it changes
finds those that it names. Who writes holds a lock, and sweeps what was left behind by who was killed.
"""

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from edge_vsr.places import unwritable
from edge_vsr.sr.library import REMEDY
from edge_vsr.sr.store import FORMAT, MANIFEST, ModelStore
from edge_vsr.uplink.durable import lock_file, make_folder, sync_folder, write_whole

LOCK = ".lock"
WHAT = "models of this box in"
"""For errors."""


class OwnModels:
    """The store in `folder`, held against other writers; see `own_models`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._entries: list[dict[str, Any]] = []
        if (folder / MANIFEST).exists():
            ModelStore(folder, REMEDY)  # raises ModelError for what is damaged
            self._entries = json.loads((folder / MANIFEST).read_bytes())["models"]

    @contextmanager
    def candidate(self) -> Iterator[Path]:
        """A store's folder for a model that may be kept; what was not kept is gone afterwards."""
        with TemporaryDirectory(dir=self.folder, prefix=".new-") as made:
            yield Path(made)

    def keep(self, candidate: Path) -> None:
        """Take the one model of the store in `candidate`, in the place of one of the same name."""
        (entry,) = json.loads((candidate / MANIFEST).read_bytes())["models"]
        files = Path(entry["stages"]["extractor"]["onnxruntime"]["graph"]["file"]).parent
        for path in (candidate / files).iterdir():
            _sync(path)
        sync_folder(candidate / files)
        (candidate / files).rename(self.folder / files)
        self._write([one for one in self._entries if one["name"] != entry["name"]] + [entry])

    def remove(self, name: str) -> None:
        """Forget the model called `name`, which is there, and its files."""
        self._write([one for one in self._entries if one["name"] != name])

    def sweep(self) -> None:
        """Remove folders that no model names."""
        used = {Path(part["file"]).parent.name for entry in self._entries for part in _files(entry)}
        for path in self.folder.iterdir():
            if path.is_dir() and path.name not in used:
                shutil.rmtree(path, ignore_errors=True)

    def _write(self, entries: list[dict[str, Any]]) -> None:
        table = {"format": FORMAT, "models": sorted(entries, key=lambda one: str(one["name"]))}
        # A service reads it as another user.
        write_whole(self.folder / MANIFEST, (json.dumps(table, indent=1) + "\n").encode(), 0o644)
        self._entries = entries
        self.sweep()


@contextmanager
def own_models(folder: Path) -> Iterator[OwnModels]:
    """The store in `folder`, made if it is not there, and held. Raises OutputError where that cannot be written or
    another process is at it, ModelError for a damaged one."""
    try:
        make_folder(folder)
        lock = lock_file(folder / LOCK)
        try:
            own = OwnModels(folder)
            own.sweep()
            yield own
        finally:
            os.close(lock)
    except OSError as error:
        raise unwritable(folder, WHAT, error) from error


def _files(entry: dict[str, Any]) -> Iterator[dict[str, str]]:
    for runtimes in entry["stages"].values():
        for parts in runtimes.values():
            yield from parts.values()


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
