"""A trained network as INT8 graphs for both runtimes.

`python -m models.recipe.quantize RECIPE CHECKPOINT --out STORE`

Writes a model store of its own (files and manifest), which `release` measures and copies to `models/`.
"""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import onnx
import openvino as ov
import typer
from numpy.typing import NDArray

from edge_vsr.sr.store import FORMAT, MANIFEST
from models.recipe import export
from models.recipe.config import Recipe
from models.recipe.data import read_lumas
from models.recipe.fold import Folded, fold
from models.recipe.network import load_network
from models.recipe.ranges import find_grids

CALIBRATION = Path("calibration")


def calibration_frames(folder: Path, align: int) -> Iterator[NDArray[np.uint8]]:
    """The pictures' luma as it is, sides cropped to a multiple of `align`."""
    for luma in read_lumas(folder):
        yield luma[: luma.shape[0] // align * align, : luma.shape[1] // align * align]


def write_stages(net: Folded, calibration: Path, folder: Path) -> dict[str, Any]:
    """Write each stage's graphs to `folder`; returns the manifest's `stages`."""
    grids = find_grids(net, calibration_frames(calibration, 2 * net.recipe.coarse))
    folder.mkdir(parents=True, exist_ok=True)
    stages = {}
    for make in (export.extractor, export.attention, export.reconstruction):
        stage = make.__name__
        graph = folder / f"{stage}.onnx"
        onnx.save(make(net, grids), graph)
        # Uncompressed: half-precision constants would move the quantizers' scales.
        ov.save_model(ov.Core().read_model(graph), folder / f"{stage}.xml", compress_to_fp16=False)
        parts = {"onnxruntime": {"graph": ".onnx"}, "openvino": {"graph": ".xml", "weights": ".bin"}}
        stages[stage] = {
            runtime: {part: _entry(folder / (stage + suffix)) for part, suffix in suffixes.items()}
            for runtime, suffixes in parts.items()
        }
    return stages


def _entry(path: Path) -> dict[str, str]:
    return {"file": f"{path.parent.name}/{path.name}", "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}


def parameters(net: Folded) -> int:
    """Trained numbers after folding; the fixed bicubic is not counted."""
    convs = (
        net.conv64,
        net.conv256,
        net.squeeze,
        net.excite,
        net.spatial,
        net.join,
        *net.blocks,
        net.tail,
    )
    return sum(conv.weight.size + conv.bias.size for conv in convs)


def quantize(
    recipe_file: Annotated[Path, typer.Argument(exists=True)],
    checkpoint: Annotated[Path, typer.Argument(exists=True)],
    out: Annotated[Path, typer.Option(help="model store to write")],
    calibration: Annotated[Path, typer.Option(exists=True, help="frames for the activations' ranges")] = CALIBRATION,
    revision: Annotated[str, typer.Option(help="what the manifest says of the recipe")] = "unreleased",
) -> None:
    """Fold, find ranges, write both runtimes' graphs and a manifest."""
    recipe = Recipe.load(recipe_file)
    net = fold(load_network(recipe, checkpoint))
    entry = {
        "name": recipe.name,
        "scale": recipe.scale,
        "align": 2 * recipe.coarse,
        "source": "clean",
        "licence": "Apache-2.0",
        "recipe": revision,
        "parameters": parameters(net),
        "metrics": {},
        "stages": write_stages(net, calibration, out / recipe.name),
    }
    (out / MANIFEST).write_text(json.dumps({"format": FORMAT, "models": [entry]}, indent=1) + "\n")


if __name__ == "__main__":
    typer.run(quantize)
