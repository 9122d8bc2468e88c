"""Measure a quantized model and, if it keeps what its float original promises, release it.

`python -m models.recipe.release RECIPE CHECKPOINT STORE --sets FOLDER...`

Every figure goes through the code that users run, `restore`'s own, for the float network too. The model's files,
its card and its line in the manifest are written only if the gate lets it pass.
"""

import json
import math
import shutil
import subprocess
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import torch
import typer
from numpy.typing import NDArray
from rich.progress import track

from edge_vsr.frame import Plane
from edge_vsr.restoring.picture import restore_picture
from edge_vsr.sr.engines import RUNTIMES, open_runtime, usable_cpus
from edge_vsr.sr.network import padding
from edge_vsr.sr.store import FORMAT, MANIFEST, ModelStore
from edge_vsr.sr.upscaler import BicubicUpscaler, NetworkUpscaler, Upscaler
from models.recipe.card import Figures, write_card
from models.recipe.config import Recipe
from models.recipe.data import read_pictures, shrink_bgr
from models.recipe.fold import fold
from models.recipe.network import Network, load_network

MOST_LOSS = 0.05
"""dB that INT8 may lose against its float original, on any set."""
MOST_APART = 0.02
"""dB between the two runtimes."""
LEAST_GAIN = 1.5
"""dB over bicubic on the first set."""


class FloatUpscaler:
    """The float network behind the interface of the released ones."""

    def __init__(self, network: Network) -> None:
        self.name = "float"
        self.scale = network.recipe.scale
        self._network = network
        self._align = 2 * network.recipe.coarse

    @torch.no_grad()
    def luma(self, y: Plane) -> Plane:
        rows, columns = (padding(n, self._align) for n in y.shape)
        padded = torch.from_numpy(np.pad(y, (rows, columns), "edge")[None, None].astype(np.float32))
        out = self._network(padded).clamp(0, 255).round()[0, 0].numpy().astype(np.uint8)
        top, left = rows[0] * self.scale, columns[0] * self.scale
        inside: Plane = out[top : top + y.shape[0] * self.scale, left : left + y.shape[1] * self.scale]
        return inside


def psnr_y(a: NDArray[np.uint8], b: NDArray[np.uint8], border: int) -> float:
    """PSNR in dB of two BGR pictures' limited-range BT.601 luma, `border` pixels left out."""
    weights = np.array([24.966, 128.553, 65.481]) / 255
    difference = (a.astype(np.float64) - b.astype(np.float64))[border:-border, border:-border] @ weights
    return 20 * math.log10(255) - 10 * math.log10(float(np.mean(difference**2)))


def mean_psnr_y(upscaler: Upscaler, folder: Path, name: str) -> float:
    """Mean PSNR-Y in dB over the folder's pictures, made small by antialiased bicubic."""
    figures = []
    for bgr in track(list(read_pictures(folder)), f"{folder.name} {name}"):
        low = shrink_bgr(bgr, upscaler.scale)
        high = bgr[: low.shape[0] * upscaler.scale, : low.shape[1] * upscaler.scale]
        figures.append(psnr_y(restore_picture(low, upscaler), high, upscaler.scale))
    return float(np.mean(figures))


def check_gate(figures: list[Figures]) -> None:
    """Ends the release with a line that says why, if the model is not good enough."""
    for row in figures:
        loss = row.float_network - min(row.int8.values())
        apart = max(row.int8.values()) - min(row.int8.values())
        if loss > MOST_LOSS:
            raise SystemExit(f"not released: INT8 loses {loss:.3f} dB on {row.name}; {MOST_LOSS} are allowed")
        if apart > MOST_APART:
            raise SystemExit(f"not released: the runtimes are {apart:.3f} dB apart on {row.name}")
    gain = min(figures[0].int8.values()) - figures[0].bicubic
    if gain < LEAST_GAIN:
        raise SystemExit(f"not released: only {gain:.2f} dB over bicubic on {figures[0].name}")


def _revision() -> str:
    """The last commit that touched the recipe, in short."""
    command = ["git", "log", "-1", "--format=%h", "--", "models/recipe"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def release(
    recipe_file: Annotated[Path, typer.Argument(exists=True)],
    checkpoint: Annotated[Path, typer.Argument(exists=True)],
    store_folder: Annotated[Path, typer.Argument(exists=True, help="what `quantize` wrote")],
    sets: Annotated[list[Path], typer.Option(exists=True, help="folders of test pictures; the first is gated")],
    out: Annotated[Path, typer.Option(help="store to release into")] = Path("models"),
) -> None:
    """Measure, gate, write."""
    recipe = Recipe.load(recipe_file)
    network = load_network(recipe, checkpoint)
    store = ModelStore(store_folder)
    int8 = {name: NetworkUpscaler(store, recipe.name, open_runtime(name), usable_cpus()) for name in RUNTIMES}
    figures = [
        Figures(
            name=folder.name,
            bicubic=mean_psnr_y(BicubicUpscaler(recipe.scale), folder, "bicubic"),
            float_network=mean_psnr_y(FloatUpscaler(network), folder, "float"),
            int8={name: mean_psnr_y(upscaler, folder, name) for name, upscaler in int8.items()},
        )
        for folder in sets
    ]
    check_gate(figures)
    steps = torch.load(checkpoint, map_location="cpu")["step"]
    entry: dict[str, Any] = json.loads((store_folder / MANIFEST).read_text())["models"][0]
    entry["recipe"] = _revision()
    entry["metrics"] = {row.name: round(row.int8["onnxruntime"], 3) for row in figures}
    target = out / recipe.name
    shutil.copytree(store_folder / recipe.name, target, dirs_exist_ok=True)
    _merge(out / MANIFEST, entry)
    write_card(target / "README.md", recipe, fold(network), figures, entry, steps)


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
