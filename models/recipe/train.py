"""Train a network from a recipe: `python -m models.recipe.train RECIPE --data FOLDER --run FOLDER`.

Goes on from the last checkpoint in the run folder. Levels are 0..255: on 0..1 the gradients drown in Adam's epsilon.
"""

import json
import math
import time
from pathlib import Path
from typing import Annotated

import numpy as np
import torch
import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from torch import nn

from models.recipe.allocation import keep_freed_memory
from models.recipe.config import Recipe
from models.recipe.curves import plot_curves
from models.recipe.data import Patches, hold_out, load_pairs
from models.recipe.evaluate import mean_psnr
from models.recipe.loss import loss_of
from models.recipe.network import Network
from models.recipe.optimiser import optimisers
from models.recipe.start import BATCHES, CHECKPOINT, start_from
from models.recipe.teacher import taught

REPORT_EVERY = 250
CHECKPOINT_EVERY = 1000
FOLLOWED = 32
"""Held-out pictures that progress is measured on, at most: of 250 clips that took as long as the steps between."""


def learning_rate(recipe: Recipe, step: int) -> float:
    """Linear warm-up, then the peak, then cosine decay to 1 % of it over the recipe's `cooldown`."""
    if step < recipe.warmup:
        return recipe.learning_rate * (step + 1) / recipe.warmup
    length = recipe.cooldown * (recipe.steps - recipe.warmup)
    done = min(1.0, max(0.0, 1 - (recipe.steps - step) / max(1.0, length)))
    return recipe.learning_rate * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * done)))


def set_training(network: nn.Module, step: int, recipe: Recipe) -> None:
    """Training mode, with batch normalisation frozen for the last part."""
    network.train()
    if step >= recipe.freeze_statistics * recipe.steps:
        for module in network.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.eval()


@torch.no_grad()
def average(ema: nn.Module, network: nn.Module, decay: float) -> None:
    """Move the averaged weights towards the current ones; buffers are copied."""
    torch._foreach_lerp_(list(ema.parameters()), list(network.parameters()), 1 - decay)
    for kept, buffer in zip(ema.buffers(), network.buffers(), strict=True):
        kept.copy_(buffer)


def train(
    recipe_file: Annotated[Path, typer.Argument(exists=True)],
    data: Annotated[Path, typer.Option(exists=True, help="folder of training pictures")],
    run: Annotated[Path, typer.Option(help="folder for checkpoints, log and curves")],
    threads: Annotated[int, typer.Option(min=1)] = 2,
    steps: Annotated[int | None, typer.Option(help="stop early after so many steps; go on by a second call")] = None,
    compiled: Annotated[bool, typer.Option("--compile", help="for faster steps; wants a C++ compiler")] = False,
) -> None:
    """Train, or go on training, one recipe."""
    keep_freed_memory()
    recipe = Recipe.load(recipe_file)
    torch.set_num_threads(threads)
    # What Muon remembers of a channel that is never above zero fades to numbers that take a hundred times as long.
    torch.set_flush_denormal(True)
    torch.manual_seed(recipe.seed)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    run.mkdir(parents=True, exist_ok=True)
    pairs, held_out = hold_out(load_pairs(data, recipe, run.parent))
    followed = held_out[:: math.ceil(len(held_out) / FOLLOWED)]
    patches = Patches(taught(pairs, recipe, run.parent), recipe, recipe.seed)
    network = Network(recipe).to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    checkpoint = run / CHECKPOINT
    if recipe.start and not checkpoint.exists():
        windows = (patches.batch(number, recipe.batch)[0] for number in range(BATCHES))
        start_from(network, run.parent, (torch.from_numpy(low).to(device) for low in windows))
    if compiled:
        network.reconstruction.compile()
    ema = Network(recipe).to(device)
    ema.load_state_dict(network.state_dict())
    moves = optimisers(network, recipe)
    step, log = 0, []
    if checkpoint.exists():
        kept = torch.load(checkpoint, map_location=device)
        network.load_state_dict(kept["network"])
        ema.load_state_dict(kept["ema"])
        moves.load_state_dict(kept["optimisers"])
        step, log = kept["step"], kept["log"]
    last = min(recipe.steps, steps or recipe.steps)
    losses: list[float] = []
    bar = Progress(
        TextColumn(recipe.name),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[note]}"),
    )
    with bar:
        task = bar.add_task("", total=last, completed=step, note="")
        started = time.monotonic()
        while step < last:
            set_training(network, step, recipe)
            low, high = (
                torch.from_numpy(np.ascontiguousarray(x)).to(device) for x in patches.batch(step, recipe.batch)
            )
            with torch.autocast(device.type, torch.bfloat16, step < recipe.half_precision * recipe.steps):
                made = network(low, recipe.context, step >= recipe.features_from * recipe.steps)
            error = loss_of(made, high, recipe.scale, recipe.loss)
            torch.autograd.backward(error)
            nn.utils.clip_grad_norm_(network.parameters(), 20.0)
            moves.step(learning_rate(recipe, step))
            average(ema, network, min(recipe.ema, (step + 1) / (step + 10)))
            losses.append(float(error.detach()))
            step += 1
            bar.update(task, completed=step)
            if step % REPORT_EVERY == 0 or step == last:
                row = {
                    "step": step,
                    "loss": float(np.mean(losses)),
                    "rate": learning_rate(recipe, step),
                    "seconds": round(time.monotonic() - started),
                }
                losses.clear()
                if step % (4 * REPORT_EVERY) == 0 or step == last:
                    row["psnr"] = mean_psnr(ema, followed, recipe.scale)
                    bar.update(task, note=f"PSNR-Y {row['psnr']:.3f} dB")
                log.append(row)
                with (run / "log.jsonl").open("a") as out:
                    out.write(json.dumps(row) + "\n")
            if step % CHECKPOINT_EVERY == 0 or step == last:
                state = {
                    "network": network.state_dict(),
                    "ema": ema.state_dict(),
                    "optimisers": moves.state_dict(),
                    "step": step,
                    "log": log,
                }
                torch.save(state, checkpoint.with_suffix(".part"))
                checkpoint.with_suffix(".part").replace(checkpoint)
                plot_curves(log, run / "curves.png")


if __name__ == "__main__":
    typer.run(train)
