"""Measure a quantized model and, if it keeps what its float original promises, release it.

`python -m models.recipe.release RECIPE CHECKPOINT STORE --sets FOLDER...`

Every figure goes through the code that users run, `restore`'s own, for the float network too. The model's files, its
line in the manifest, the record of its figures and its card are written only if the gate lets it pass. Speed is
measured by a command of its own, when nothing else runs.
"""

import json
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import torch
import typer
from numpy.typing import NDArray
from rich.progress import track

from edge_vsr.calibration.folded import Conv, Folded
from edge_vsr.restoring.picture import restore_picture
from edge_vsr.sr.engines import RUNTIMES, open_runtime, usable_cpus
from edge_vsr.sr.store import FORMAT, MANIFEST, ModelStore
from edge_vsr.sr.upscaler import BicubicUpscaler, NetworkUpscaler, Upscaler
from models.recipe.card import write_card
from models.recipe.clips import sent
from models.recipe.config import Recipe
from models.recipe.data import luma_of, read_pictures, shrink_bgr
from models.recipe.evaluate import FloatUpscaler, psnr
from models.recipe.fold import fold
from models.recipe.network import load_network
from models.recipe.record import STORE, Quality, Record, times_before

Bgr = NDArray[np.uint8]

MOST_LOSS = 0.05
"""dB that INT8 may lose against its float original, on any set."""
MOST_APART = 0.02
"""dB between the two runtimes."""
LEAST_GAIN = {2: 1.5, 4: 1.0}
"""dB over bicubic on the first set, by scale: half of what FSRCNN gains there. Less is a run that went wrong."""
LEAST_LOSSY_GAIN = 0.5
"""The same of pictures that went through a codec, which leaves little to gain."""
LIMITED_LUMA = np.array([24.966, 128.553, 65.481]) / 255
"""Of BGR: BT.601's luma, as papers have it."""


def macs_a_sample(net: Folded) -> float:
    """Multiply-accumulates for each low-resolution luma sample, the fixed bicubic included."""
    coarse, fine = net.layout.coarse, net.layout.fine

    def cost(conv: Conv, cell: int) -> float:
        return conv.weight.size / cell**2

    return (
        cost(net.conv64, coarse)
        + cost(net.conv256, 2 * coarse)
        + cost(net.spatial, 2 * coarse)
        + sum(cost(conv, fine) for conv in (net.join, *net.blocks, net.tail, net.skip))
    )


def psnr_y(a: Bgr, b: Bgr, border: int) -> float:
    """PSNR in dB of two BGR pictures' limited-range BT.601 luma, `border` pixels left out."""
    return psnr((a.astype(np.float64) - b.astype(np.float64)) @ LIMITED_LUMA, border)


def made_small(bgr: Bgr, recipe: Recipe) -> tuple[Bgr, Bgr]:
    """What the model gets and what it should make of it: made small by antialiased bicubic; or, for a model of lossy
    sources, grey, made small by area and coded."""
    if recipe.lossy:
        whole = 2 * recipe.scale
        luma = luma_of(bgr)[: bgr.shape[0] // whole * whole, : bgr.shape[1] // whole * whole]
        small, true = (np.repeat(plane[..., None], 3, axis=2) for plane in (sent(luma, recipe.scale), luma))
        return small, true
    low = shrink_bgr(bgr, recipe.scale)
    return low, bgr[: low.shape[0] * recipe.scale, : low.shape[1] * recipe.scale]


def mean_psnr_y(upscaler: Upscaler, folder: Path, recipe: Recipe) -> float:
    """Mean PSNR-Y in dB over the folder's pictures, made small as the recipe's pictures are."""
    figures = []
    for bgr in track(list(read_pictures(folder)), f"{folder.name} {upscaler.name}"):
        low, high = made_small(bgr, recipe)
        figures.append(psnr_y(restore_picture(low, upscaler), high, upscaler.scale))
    return float(np.mean(figures))


def check_gate(quality: Sequence[Quality], recipe: Recipe) -> None:
    """Ends the release with a line that says why, if the model is not good enough."""
    for row in quality:
        if row.loss > MOST_LOSS:
            raise SystemExit(f"not released: INT8 loses {row.loss:.3f} dB on {row.name}; {MOST_LOSS} are allowed")
        if row.apart > MOST_APART:
            raise SystemExit(f"not released: the runtimes are {row.apart:.3f} dB apart on {row.name}")
    gain = quality[0].least - quality[0].bicubic
    if gain < (LEAST_LOSSY_GAIN if recipe.lossy else LEAST_GAIN[recipe.scale]):
        raise SystemExit(f"not released: only {gain:.2f} dB over bicubic on {quality[0].name}")


def metrics(recipe: Recipe, quality: Sequence[Quality]) -> dict[str, float]:
    """What the manifest says of a model: dB in INT8 by set, with more digits than anyone shows, which would else be
    rounded twice."""
    coded = "coded " if recipe.lossy else ""
    return {coded + row.name: round(row.int8["onnxruntime"], 6) for row in quality}


def int8_upscalers(store: ModelStore, name: str) -> dict[str, NetworkUpscaler]:
    """The model in each runtime, as fast as the machine can."""
    return {runtime: NetworkUpscaler(store, name, open_runtime(runtime), usable_cpus()) for runtime in RUNTIMES}


def _revision() -> str:
    """The last commit that touched the recipe, in short."""
    command = ["git", "log", "-1", "--format=%h", "--", "models/recipe"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def release(
    recipe_file: Annotated[Path, typer.Argument(exists=True)],
    checkpoint: Annotated[Path, typer.Argument(exists=True)],
    store_folder: Annotated[Path, typer.Argument(exists=True, help="what `quantize` wrote")],
    sets: Annotated[list[Path], typer.Option(exists=True, help="folders of test pictures; the first is gated")],
    out: Annotated[Path, typer.Option(help="store to release into")] = STORE,
) -> None:
    """Measure, gate, write."""
    recipe = Recipe.load(recipe_file)
    network = load_network(recipe, checkpoint)
    store = ModelStore(store_folder)
    int8 = int8_upscalers(store, recipe.name)
    quality = [
        Quality(
            name=folder.name,
            bicubic=mean_psnr_y(BicubicUpscaler(recipe.scale), folder, recipe),
            float_network=mean_psnr_y(FloatUpscaler(network), folder, recipe),
            int8={name: mean_psnr_y(upscaler, folder, recipe) for name, upscaler in int8.items()},
        )
        for folder in sets
    ]
    check_gate(quality, recipe)
    entry: dict[str, Any] = json.loads((store_folder / MANIFEST).read_text())["models"][0]
    entry["recipe"] = _revision()
    entry["metrics"] = metrics(recipe, quality)
    target = out / recipe.name
    record = Record(
        recipe=recipe,
        revision=entry["recipe"],
        licence=entry["licence"],
        steps=torch.load(checkpoint, map_location="cpu")["step"],
        parameters=entry["parameters"],
        macs_a_sample=macs_a_sample(fold(network)),
        quality=quality,
        timing=times_before(target, recipe),
    )
    shutil.copytree(store_folder / recipe.name, target, dirs_exist_ok=True)
    _merge(out / MANIFEST, entry)
    record.save(target)
    write_card(target)


def _merge(manifest: Path, entry: dict[str, Any]) -> None:
    """Put `entry` in the place of the model of the same name."""
    table: dict[str, Any] = json.loads(manifest.read_text()) if manifest.exists() else {"format": FORMAT, "models": []}
    if table["format"] != FORMAT:
        raise SystemExit(f"{manifest} has format {table['format']}, not {FORMAT}: release every model anew, with --out")
    others = [model for model in table["models"] if model["name"] != entry["name"]]
    table["models"] = sorted([*others, entry], key=lambda model: str(model["name"]))
    manifest.write_text(json.dumps(table, indent=1) + "\n")


if __name__ == "__main__":
    typer.run(release)
