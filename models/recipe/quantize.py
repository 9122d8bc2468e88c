"""A trained network as INT8 graphs for both runtimes.

`python -m models.recipe.quantize RECIPE FINETUNED --out STORE`

Writes a model store of its own (files and manifest), which `release` measures and copies to `models/`.
"""

import hashlib
import json
from pathlib import Path
from typing import Annotated, Any

import onnx
import openvino as ov
import typer

from edge_vsr.sr.store import FORMAT, MANIFEST
from models.recipe import export
from models.recipe.config import Recipe
from models.recipe.finetune import Quantizable, load
from models.recipe.fold import Folded


def write_stages(made: Quantizable, folder: Path) -> dict[str, Any]:
    """Write each stage's graphs to `folder`; returns the manifest's `stages`."""
    folder.mkdir(parents=True, exist_ok=True)
    stages = {}
    for make in (export.extractor, export.attention, export.reconstruction):
        stage = make.__name__
        graph = folder / f"{stage}.onnx"
        onnx.save(make(made.net, made.grids), graph)
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


def reconstruction_halo(recipe: Recipe) -> int:
    """Luma samples: a cell for each 3x3 convolution."""
    return recipe.fine * (recipe.blocks + 2)


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
    finetuned: Annotated[Path, typer.Argument(exists=True, help="what `finetune` wrote")],
    out: Annotated[Path, typer.Option(help="model store to write")],
    revision: Annotated[str, typer.Option(help="what the manifest says of the recipe")] = "unreleased",
) -> None:
    """Write both runtimes' graphs and a manifest."""
    recipe = Recipe.load(recipe_file)
    made = load(finetuned, recipe)
    entry = {
        "name": recipe.name,
        "scale": recipe.scale,
        "coarse": recipe.coarse,
        "fine": recipe.fine,
        "width": recipe.width,
        "extractor_halo": 2 * recipe.coarse,
        "reconstruction_halo": reconstruction_halo(recipe),
        "source": "lossy" if recipe.lossy else "clean",
        "licence": "Apache-2.0",
        "recipe": revision,
        "parameters": parameters(made.net),
        "metrics": {},
        "stages": write_stages(made, out / recipe.name),
    }
    (out / MANIFEST).write_text(json.dumps({"format": FORMAT, "models": [entry]}, indent=1) + "\n")


if __name__ == "__main__":
    typer.run(quantize)
