"""One training run, described by a TOML file."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Literal

from edge_vsr.calibration.folded import Layout

Loss = Literal["mean", "rms", "log"]
"""Mean absolute error; or the root of each patch's mean square, or its logarithm, which is what PSNR counts."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """Every choice of one run; a file beside this module names them all."""

    name: str
    """Name of the released model."""
    scale: int
    """Upscaling factor: 2 or 4."""
    lossy: bool
    """Whether it learns from pictures as an uplink or a camera codes them; else from clean ones."""
    coarse: int
    """Space-to-depth factor before the extractor; its 256 channels sit at 1 / (2 * coarse)."""
    fine: int
    """Space-to-depth factor of the reconstruction; with 1 it works on pixels."""
    width: int
    """Channels of the reconstruction blocks."""
    blocks: int
    """Residual blocks of the reconstruction."""
    steps: int
    """Optimiser steps."""
    batch: int
    """Patches a step."""
    patch: int
    """Side of a low-resolution patch; a multiple of 2 * coarse."""
    scenes: float
    """Share of the patches that come from scenes by night, blurred, or with text, if there are any. They are soon
    learnt, and what more of them takes from the others is seen in those."""
    flat: float
    """Share of the patches that are of one level. Pictures have few that are quite flat, and coded ones leave a network
    free to brighten those."""
    context: int
    """Low-resolution samples on each side of a patch that only its features see, a multiple of 2 * coarse: features
    that see padding wherever they are learn to lean on it, and a frame has none inside."""
    start: str
    """Name of the recipe whose trained weights this one starts from, wherever names and shapes agree; or empty."""
    teachers: tuple[str, ...]
    """Names of the models, released ones or runs of their own, whose results, the mean of them for several views of a
    picture, it learns to make; or none, for the pictures themselves."""
    loss: Loss
    optimiser: Literal["adam", "muon"]
    """Muon learns more a step, in the convolutions of the reconstruction above all."""
    learning_rate: float
    """Peak rate."""
    warmup: int
    """Steps of linear warm-up."""
    cooldown: float
    """Share of the steps after the warm-up, at the end, over which the rate falls to 1 % of its peak (cosine)."""
    freeze_statistics: float
    """Share of the steps after which batch normalisation uses its running statistics."""
    features_from: float
    """Share of the steps before which the reconstruction learns from the luma alone: features cost a third of a small
    network's step, and what they add is learnt soon."""
    half_precision: float
    """Share of the steps that are computed in bfloat16: about twice as many a second, and as good as long as the rate
    is high. If there are any, fine-tuning multiplies gradients in it too."""
    ema: float
    """Decay of the averaged weights that are released."""
    seed: int
    finetune_steps: int
    """Steps with everything rounded as INT8 rounds it."""
    finetune_loss: Loss
    finetune_rate: float
    """Peak rate of Adam in them."""

    @property
    def layout(self) -> Layout:
        """What of it the exported network goes by."""
        return Layout(self.scale, self.coarse, self.fine)

    @property
    def window(self) -> int:
        """Side of what the features of a patch are made from, in low-resolution samples."""
        return self.patch + 2 * self.context

    @classmethod
    def load(cls, path: Path) -> "Recipe":
        """Read a recipe; a missing or an unknown key is an error."""
        table = tomllib.loads(path.read_text())
        names = {field.name for field in fields(cls)}
        if table.keys() != names:
            raise SystemExit(f"{path}: missing {sorted(names - table.keys())}, unknown {sorted(table.keys() - names)}")
        return cls.of(table)

    @classmethod
    def of(cls, table: Mapping[str, Any]) -> "Recipe":
        """From a table as TOML and JSON have it."""
        return cls(**{**table, "teachers": tuple(table["teachers"])})
