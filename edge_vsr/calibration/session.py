"""One calibration: ranges from some frames, a new model, and whether it is nearer to its float original than others."""

import importlib.metadata
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from edge_vsr import __version__
from edge_vsr.calibration.measure import FloatNetwork, decibels_from
from edge_vsr.calibration.original import Original
from edge_vsr.calibration.own import OwnModels
from edge_vsr.calibration.ranges import find_grids
from edge_vsr.calibration.stages import write_stages
from edge_vsr.frame import Plane
from edge_vsr.sr.engines import installed_runtimes, open_runtime
from edge_vsr.sr.network import mirrored
from edge_vsr.sr.store import FORMAT, MANIFEST, Model, ModelStore, Provenance
from edge_vsr.sr.upscaler import NetworkUpscaler

PACKAGES = ("numpy", "onnx", "onnxruntime", "openvino")


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be made."""

    name: str
    """Of the new model."""
    source: str
    """Where the frames are from, for people; without secrets."""
    made: str
    """Date and time, ISO 8601."""
    stamp: str
    """The same, as part of a file name."""
    threads: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it."""

    decibels: float
    """PSNR against the float network on the frames that were held back, in the runtime that is worse off."""
    rival: str
    """The best of the models that there were."""
    rival_decibels: float

    @property
    def better(self) -> bool:
        """By what people are shown."""
        return round(self.decibels, 2) > round(self.rival_decibels, 2)


def calibrate(
    own: OwnModels,
    parent: Model,
    store: ModelStore,
    rivals: Mapping[str, ModelStore],
    wish: Wish,
    used: Sequence[Plane],
    held_back: Sequence[Plane],
    tell: Callable[[str], None],
) -> Outcome:
    """Make `parent`, a released model of `store`, anew with the ranges of the frames `used`; measure it on those held
    back, and keep it in `own` if it is better than all its rivals, each in a store.

    `tell` hears what goes on. Raises ModelError, and OSError for a place that cannot be written.
    """
    original = Original.from_bytes(store.read_original(parent), f"the float original of {parent.name}")
    tell(f"ranges from {len(used)} frames")
    net = original.as_learnt()
    grids = find_grids(net, (mirrored(frame, parent.align) for frame in used), threads=wish.threads)
    with own.candidate() as folder:
        tell("graphs for ONNX Runtime and OpenVINO")
        stages = write_stages(net, grids, folder / f"{wish.name}.{wish.stamp}")
        entry = {**_of_parent(parent), "name": wish.name, "stages": stages}
        _write(folder, entry)
        tell(f"{len(held_back)} frames that were held back, in INT8 and in float")
        made = _opened(ModelStore(folder), wish.name, wish.threads)
        others = [_opened(one, name, wish.threads) for name, one in rivals.items()]
        mine, *theirs = decibels_from(FloatNetwork(net, original.grids, wish.threads), held_back, [made, *others])
        rival, decibels = max(zip(rivals, theirs, strict=True), key=lambda pair: pair[1])
        outcome = Outcome(mine, rival, decibels)
        if outcome.better:
            _write(
                folder, {**entry, "calibrated": asdict(_provenance(parent, wish, len(used), len(held_back), outcome))}
            )
            own.keep(folder)
    return outcome


def _opened(store: ModelStore, name: str, threads: int) -> list[NetworkUpscaler]:
    """On every runtime that there is."""
    return [NetworkUpscaler(store, name, open_runtime(runtime), threads) for runtime in installed_runtimes()]


def _of_parent(parent: Model) -> dict[str, Any]:
    """What a model has of the one that it is made of: not its figures, and not the original, which stays there."""
    return {key: value for key, value in asdict(parent).items() if key not in ("original", "calibrated")} | {
        "metrics": {}
    }


def _provenance(parent: Model, wish: Wish, used: int, held_back: int, outcome: Outcome) -> Provenance:
    return Provenance(
        parent=parent.name,
        parent_sha256=parent.original.sha256 if parent.original else "",
        frames=used,
        held_back=held_back,
        source=wish.source,
        made=wish.made,
        versions={"edge-vsr": __version__, **{name: importlib.metadata.version(name) for name in PACKAGES}},
        decibels=round(outcome.decibels, 3),
        rival=outcome.rival,
        rival_decibels=round(outcome.rival_decibels, 3),
    )


def _write(folder: Path, entry: dict[str, Any]) -> None:
    (folder / MANIFEST).write_text(json.dumps({"format": FORMAT, "models": [entry]}, indent=1) + "\n", "utf-8")
