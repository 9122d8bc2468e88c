"""INT8 figures of released models, measured anew: `python -m models.recipe.remeasure --sets FOLDER... [NAME...]`.

For a change of the graphs that moves roundings and teaches nothing: what the float network makes is as it was.
Manifest, record and card follow, if the gate lets the model pass.
"""

import json
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from edge_vsr.sr.store import MANIFEST, ModelStore
from models.recipe.card import write_card
from models.recipe.record import STORE, Record, amend, released
from models.recipe.release import check_gate, int8_upscalers, mean_psnr_y, metrics


def main(
    sets: Annotated[list[Path], typer.Option(exists=True, help="folders of test pictures; all that the record has")],
    names: Annotated[list[str] | None, typer.Argument(help="models; all if left out")] = None,
    store: Annotated[Path, typer.Option(exists=True)] = STORE,
) -> None:
    """Measure, gate, write."""
    for record in released(store, names):
        remeasure(store, record, {folder.name: folder for folder in sets})


def remeasure(store: Path, record: Record, folders: dict[str, Path]) -> None:
    """Ends the command with a line that says why, if a set is missing or the model is not good enough any more."""
    recipe, folder = record.recipe, store / record.recipe.name
    if missing := [row.name for row in record.quality if row.name not in folders]:
        raise SystemExit(f"{recipe.name} was measured on {', '.join(missing)} too: name the folder with --sets")
    int8 = int8_upscalers(ModelStore(store), recipe.name)
    quality = [
        replace(row, int8={runtime: mean_psnr_y(one, folders[row.name], recipe) for runtime, one in int8.items()})
        for row in record.quality
    ]
    check_gate(quality, recipe)
    manifest = store / MANIFEST
    table: dict[str, Any] = json.loads(manifest.read_text())
    for entry in table["models"]:
        if entry["name"] == recipe.name:
            entry["metrics"] = metrics(recipe, quality)
    manifest.write_text(json.dumps(table, indent=1) + "\n")
    amend(folder, quality=quality)
    write_card(folder)
    for before, row in zip(record.quality, quality, strict=True):
        typer.echo(f"{recipe.name} {row.name}: {before.least:.3f} dB before, {row.least:.3f} now")


if __name__ == "__main__":
    typer.run(main)
