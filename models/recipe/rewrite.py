"""The graphs of the released models, written anew from their float originals: `python -m models.recipe.rewrite`.

For a change of how a network is laid out as a graph, which must not change what it makes: a model is only replaced if
both runtimes yield the same bytes as before on every calibration frame. Nothing is learnt, and no figure of quality
moves; speeds want measuring again. A change that moves roundings must say by how many `--levels`, and `remeasure` says
what they are worth.
"""

import json
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from edge_vsr.calibration.original import Original
from edge_vsr.calibration.stages import write_stages
from edge_vsr.sr.store import MANIFEST, ModelStore
from models.recipe.data import CALIBRATION, read_lumas
from models.recipe.pairs import Luma
from models.recipe.record import STORE
from models.recipe.release import int8_upscalers


def rewrite(
    store: Annotated[Path, typer.Option(exists=True, help="store to write anew")] = STORE,
    calibration: Annotated[Path, typer.Option(exists=True, help="frames on which nothing may change")] = CALIBRATION,
    levels: Annotated[int, typer.Option(min=0, help="by which a sample of them may change all the same")] = 0,
) -> None:
    """Write the graphs of every model anew."""
    frames = list(read_lumas(calibration))
    manifest = store / MANIFEST
    table: dict[str, Any] = json.loads(manifest.read_text())
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "store"
        shutil.copytree(store, made, ignore=shutil.ignore_patterns("recipe"))
        for entry in table["models"]:
            entry["stages"] |= _changed(ModelStore(store), entry["name"], made, Path(folder) / "new")
        (made / MANIFEST).write_text(json.dumps(table, indent=1) + "\n")
        for entry in table["models"]:
            check_same(store, made, entry["name"], frames, levels)
        shutil.copytree(made, store, dirs_exist_ok=True)


def check_same(before: Path, after: Path, name: str, frames: Sequence[Luma], levels: int) -> None:
    """Ends the command with a line that says where, if what the model in the two stores makes is more than so many
    levels apart."""
    olds, news = (int8_upscalers(ModelStore(store), name) for store in (before, after))
    for runtime, old in olds.items():
        for number, frame in enumerate(frames):
            apart = np.abs(np.subtract(old.luma(frame), news[runtime].luma(frame), dtype=np.int16))
            if (most := apart.max()) > levels:
                others = np.count_nonzero(apart)
                raise SystemExit(
                    f"not written: {name} in {runtime} makes another picture of frame {number}, "
                    f"{others} samples differ by up to {most} levels"
                )


def _changed(store: ModelStore, name: str, made: Path, new: Path) -> dict[str, Any]:
    """Put the stages whose graphs are others now into the store in `made`; returns what the manifest says of them. The
    rest stays as it is: OpenVINO numbers its nodes otherwise each time."""
    original = Original.from_bytes(store.read_original(store.find(name)), name)
    stages = write_stages(original.net, original.grids, new / name)
    for stage, runtimes in list(stages.items()):
        graph = runtimes["onnxruntime"]["graph"]["file"]
        if (new / graph).read_bytes() == (made / graph).read_bytes():
            del stages[stage]
            continue
        for part in (part for parts in runtimes.values() for part in parts.values()):
            shutil.copy(new / part["file"], made / part["file"])
    return stages


if __name__ == "__main__":
    typer.run(rewrite)
