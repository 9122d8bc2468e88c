"""The released models: a manifest, and files that are what it says."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

from edge_vsr.errors import ModelError
from edge_vsr.sr.cells import samples, together
from edge_vsr.sr.runtime import StageFile

STAGES = ("extractor", "attention", "reconstruction")
"""In the order that a frame passes them."""
MANIFEST = "manifest.json"
FORMAT = 3
REINSTALL = "reinstall edge-vsr"
"""What to do about released files that are not as they should be."""
HIDDEN = 64
"""Channels of the extractor's first convolution."""
CHANNELS = 256
"""Of the features."""
LOSSY, CLEAN = "lossy", "clean"
"""What a network was trained on: video that was coded, or pictures that were not."""
_KINDS = {
    **dict.fromkeys(("name", "source", "licence", "recipe"), str),
    **dict.fromkeys(("scale", "coarse", "fine", "width", "extractor_halo", "reconstruction_halo", "parameters"), int),
    "metrics": dict,
}

_FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)?")


@dataclass(frozen=True, slots=True)
class FileEntry:
    """A file below the store's folder."""

    file: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Provenance:
    """How a box made a released model its own, with frames that it saw."""

    parent: str
    """The released model."""
    parent_sha256: str
    """Of its float original."""
    frames: int
    """That the ranges are from."""
    held_back: int
    """That the figures are from."""
    source: str
    """Of the frames; without secrets."""
    made: str
    """Date and time, ISO 8601."""
    versions: Mapping[str, str]
    """Of what made it."""
    decibels: float
    """PSNR against the float network."""
    rival: str
    """The best of the models that there were."""
    rival_decibels: float
    """Its PSNR on the same frames."""


@dataclass(frozen=True, slots=True)
class Model:
    """One model of the manifest."""

    name: str
    scale: int
    """Upscaling factor."""
    coarse: int
    """Side of the extractor's cells, in luma samples; its features sit at 1 / (2 * coarse)."""
    fine: int
    """Side of the reconstruction's cells, in luma samples; 1 where it works on pixels."""
    width: int
    """Channels of the reconstruction."""
    extractor_halo: int
    """Luma samples around a tile that its features depend on, a multiple of `align`."""
    reconstruction_halo: int
    """Luma samples around a tile that its restored luma depends on, given the features; a multiple of `fine`."""
    source: str
    """LOSSY or CLEAN."""
    licence: str
    recipe: str
    """Revision of the recipe that made it."""
    parameters: int
    metrics: Mapping[str, float]
    """PSNR-Y in dB by test set, in INT8."""
    stages: Mapping[str, Mapping[str, Mapping[str, FileEntry]]]
    """Stage, then runtime, then part, to file."""
    original: FileEntry | None = None
    """What it was quantized from, in float; of released models."""
    calibrated: Provenance | None = None
    """Of a model that a box made its own."""

    @property
    def files(self) -> tuple[FileEntry, ...]:
        """All of them."""
        of_stages = (parts.values() for runtimes in self.stages.values() for parts in runtimes.values())
        return (*chain.from_iterable(of_stages), *((self.original,) if self.original else ()))

    @property
    def align(self) -> int:
        """The padded frame's sides are multiples of this: a feature's side in luma samples."""
        return 2 * self.coarse

    @property
    def halo(self) -> int:
        """Luma samples around a tile that the reconstruction is given: `reconstruction_halo`, up to whole cells of what
        it yields."""
        cell = self.fine * together(self.fine, self.scale)
        return -(-self.reconstruction_halo // cell) * cell

    @property
    def context(self) -> int:
        """Channels of the attended features at the reconstruction's resolution."""
        return CHANNELS * self.fine**2 // self.align**2

    @property
    def joint(self) -> int:
        """Channels that the reconstruction begins with: attended features and luma."""
        return self.context + samples(self.fine)

    @property
    def blocks(self) -> int:
        """Residual blocks. Each 3x3 sees one cell farther than the last; the first and the last are none of them, and
        pixels come with those around them."""
        return self.reconstruction_halo // self.fine - 2 - (self.fine == 1)

    @property
    def restored(self) -> int:
        """Restored samples of a position."""
        return (self.fine * self.scale) ** 2


class ModelStore:
    """A folder with a manifest."""

    def __init__(self, folder: Path, remedy: str = REINSTALL) -> None:
        """`remedy` is what errors advise."""
        self.folder = folder
        self._remedy = remedy
        self.models = _read_manifest(folder / MANIFEST, remedy)

    def find(self, name: str) -> Model:
        """The model called `name`. Raises ModelError with the names that there are."""
        if name not in self.models:
            raise ModelError(
                f"model {name!r} is not in {self.folder}; there are: {', '.join(['bicubic', *self.models])}"
            )
        return self.models[name]

    def read(self, model: Model, stage: str, runtime: str) -> StageFile:
        """One stage's files, verified. What is loaded is the very bytes that were verified."""
        parts = model.stages[stage].get(runtime)
        if parts is None:
            raise ModelError(f"model {model.name} has no {stage} for {runtime}")
        return StageFile(f"{model.name}/{stage}", {part: self._verified(entry) for part, entry in parts.items()})

    def read_original(self, model: Model) -> bytes:
        """What `model` was quantized from, verified. Raises ModelError, also where there is none."""
        if model.original is None:
            raise ModelError(f"model {model.name} has no float original")
        return self._verified(model.original)

    def verify(self, model: Model) -> None:
        """Check every file of `model`. Raises ModelError at the first that is not as released."""
        for entry in model.files:
            self._verified(entry)

    def size(self, model: Model) -> int:
        """Bytes of its files; those that are missing count nothing."""
        paths = [self.folder / entry.file for entry in model.files]
        return sum(path.stat().st_size for path in paths if path.is_file())

    def _verified(self, entry: FileEntry) -> bytes:
        path = self.folder / entry.file
        try:
            data = path.read_bytes()
        except OSError as error:
            raise ModelError(f"model file {path} cannot be read ({error.strerror}); {self._remedy}") from error
        if hashlib.sha256(data).hexdigest() != entry.sha256:
            raise ModelError(f"model file {path} is damaged: its SHA-256 is not the manifest's; {self._remedy}")
        return data


def bundled_store() -> ModelStore:
    """The models that came with the package: inside a wheel, or beside the package in a checkout."""
    package = Path(__file__).resolve().parents[1]
    inside = package / "models"
    return ModelStore(inside if inside.is_dir() else package.parent / "models")


def _read_manifest(path: Path, remedy: str) -> dict[str, Model]:
    try:
        table = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise ModelError(f"no models: {path} cannot be read ({error.strerror}); {remedy}") from error
    except (ValueError, RecursionError) as error:
        raise ModelError(f"{path} is damaged ({error}); {remedy}") from error
    try:
        if table["format"] != FORMAT:
            raise ModelError(f"{path} has format {table['format']}; this edge-vsr reads format {FORMAT}")
        models = [_read_model(entry) for entry in table["models"]]
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise ModelError(f"{path} is damaged ({type(error).__name__}: {error}); {remedy}") from error
    return {model.name: model for model in models}


def _read_model(entry: dict[str, Any]) -> Model:
    stages = {
        stage: {
            runtime: {part: FileEntry(_inside(f["file"]), f["sha256"]) for part, f in parts.items()}
            for runtime, parts in entry["stages"][stage].items()
        }
        for stage in STAGES
    }
    for key, kind in _KINDS.items():
        if type(entry[key]) is not kind:
            raise TypeError(f"{key} is {entry[key]!r}")
    original, calibrated = entry.get("original"), entry.get("calibrated")
    parts = {
        "stages": stages,
        "original": original and FileEntry(_inside(original["file"]), original["sha256"]),
        "calibrated": calibrated and Provenance(**calibrated),
    }
    return Model(**{**entry, **parts})


def _inside(name: str) -> str:
    if not _FILE_NAME.fullmatch(name):
        raise ValueError(f"{name!r} is not a file of the store")
    return name
