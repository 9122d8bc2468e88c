"""A trained network as INT8 graphs for both runtimes, and as its float original.

`python -m models.recipe.quantize RECIPE FINETUNED --out STORE`

Writes a model store of its own (files and manifest), which `release` measures and copies to `models/`.
"""

import json
from pathlib import Path
from typing import Annotated

import typer

from edge_vsr.calibration.original import FILE, Original
from edge_vsr.calibration.stages import file_entry, write_stages
from edge_vsr.sr.store import FORMAT, MANIFEST
from models.recipe.config import Recipe


def quantize(
    recipe_file: Annotated[Path, typer.Argument(exists=True)],
    finetuned: Annotated[Path, typer.Argument(exists=True, help="what `finetune` wrote")],
    out: Annotated[Path, typer.Option(help="model store to write")],
    revision: Annotated[str, typer.Option(help="what the manifest says of the recipe")] = "unreleased",
) -> None:
    """Write both runtimes' graphs, what they are made of, and a manifest."""
    recipe = Recipe.load(recipe_file)
    made = Original.from_bytes(finetuned.read_bytes(), str(finetuned))
    if made.net.layout != recipe.layout or (made.net.width, len(made.net.blocks)) != (recipe.width, recipe.blocks):
        raise SystemExit(f"{finetuned} is of another network than {recipe_file}")
    stages = write_stages(made.net, made.grids, out / recipe.name)
    original = out / recipe.name / FILE
    original.write_bytes(made.to_bytes())
    entry = {
        "name": recipe.name,
        "scale": recipe.scale,
        "coarse": recipe.coarse,
        "fine": recipe.fine,
        "width": recipe.width,
        "extractor_halo": made.net.layout.align,
        "reconstruction_halo": made.net.halo,
        "source": "lossy" if recipe.lossy else "clean",
        "licence": "Apache-2.0",
        "recipe": revision,
        "parameters": made.net.parameters,
        "metrics": {},
        "stages": stages,
        "original": file_entry(original),
    }
    (out / MANIFEST).write_text(json.dumps({"format": FORMAT, "models": [entry]}, indent=1) + "\n")


if __name__ == "__main__":
    typer.run(quantize)
