"""Small recipes, and networks that look trained."""

import json
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

import models.recipe
from edge_vsr.frame import Plane
from models.recipe.config import Recipe
from models.recipe.network import Network
from tests.unit.sr.pictures import demo_frame

RELEASED = Path(models.recipe.__file__).with_name("ear-s-x2.toml")


def table(**changes: Any) -> dict[str, Any]:
    """The released network's recipe, made small."""
    small = {"name": "tiny", "width": 8, "blocks": 2, "steps": 6, "batch": 2, "warmup": 2, "seed": 5}
    patches = {"patch": 16, "context": 16, "start": ""}
    return {**tomllib.loads(RELEASED.read_text()), **small, **patches, **changes}


def tiny(**changes: Any) -> Recipe:
    return Recipe.of(table(**changes))


def write_recipe(path: Path, values: dict[str, Any]) -> Path:
    path.write_text("".join(f"{key} = {json.dumps(value)}\n" for key, value in values.items()))
    return path


def network(recipe: Recipe, seed: int = 1) -> Network:
    """Random weights, those of the features too, and batch normalisation with statistics of its own, in eval mode."""
    torch.manual_seed(seed)
    made = Network(recipe)
    nn.init.kaiming_normal_(made.reconstruction.context.weight, nonlinearity="relu")
    for module in made.modules():
        if isinstance(module, nn.BatchNorm2d):
            assert module.running_mean is not None
            assert module.running_var is not None
            nn.init.normal_(module.running_mean, 0.0, 0.3)
            nn.init.uniform_(module.running_var, 0.5, 2.0)
            nn.init.uniform_(module.weight, 0.3, 0.8)
            nn.init.normal_(module.bias, 0.1, 0.1)
    return made.eval()


def luma(height: int = 64, width: int = 96) -> Plane:
    """Of the demo camera; the sides must be multiples of 8."""
    return np.ascontiguousarray(demo_frame(width, height).y)


def as_tensor(plane: Plane) -> torch.Tensor:
    return torch.from_numpy(plane[None, None].astype(np.float32))
