"""A model's card: what it is, what it was measured at, what it is bad at."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.recipe.config import Recipe
from models.recipe.fold import Conv, Folded


@dataclass(frozen=True, slots=True)
class Figures:
    """PSNR-Y in dB on one set of test pictures."""

    name: str
    bicubic: float
    float_network: float
    int8: Mapping[str, float]
    """By runtime."""


def macs_a_pixel(net: Folded) -> float:
    """Multiply-accumulates for each low-resolution luma sample, the fixed bicubic included."""
    coarse, fine = net.recipe.coarse, net.recipe.fine

    def cost(conv: Conv, cell: int) -> float:
        return conv.weight.size / cell**2

    return (
        cost(net.conv64, coarse)
        + cost(net.conv256, 2 * coarse)
        + cost(net.spatial, 2 * coarse)
        + sum(cost(conv, fine) for conv in (net.join, *net.blocks, net.tail, net.skip))
    )


def write_card(
    path: Path, recipe: Recipe, net: Folded, figures: list[Figures], entry: dict[str, Any], steps: int
) -> None:
    """Write the card as Markdown."""
    gmac = macs_a_pixel(net) * 960 * 540 / 1e9
    rows = "\n".join(
        f"| {row.name} | {row.bicubic:.2f} | {row.float_network:.3f} | {row.int8['onnxruntime']:.3f} "
        f"| {row.int8['openvino']:.3f} |"
        for row in figures
    )
    path.write_text(
        f"""# {recipe.name}

Luma x{recipe.scale}, INT8, {entry["parameters"]:,} parameters, {gmac:.1f} GMAC for one 960x540 frame.

| PSNR-Y, dB | bicubic | float | INT8, ONNX Runtime | INT8, OpenVINO |
|---|---|---|---|---|
{rows}

Measured through `restore`'s own code on pictures made small by antialiased bicubic; BT.601 luma, a border of
{recipe.scale} pixels left out. The test pictures were never trained or calibrated on.

- Parts: 3x3x64 and 3x3x256 extractor at 1/{recipe.coarse} and 1/{2 * recipe.coarse} of the size, channel and spatial
  attention over the whole frame, {recipe.blocks} residual blocks of {recipe.width} channels at 1/{recipe.fine}.
- Trained {steps:,} steps of {recipe.batch} patches of {recipe.patch}x{recipe.patch} by
  `models/recipe/{recipe.name}.toml` (revision {entry["recipe"]}), on clean pictures:
  CID22 (CC BY-SA 4.0), CLIC 2025 (Unsplash licence), Debian's Lomiri wallpapers (CC BY, CC BY-SA), Kodak
  (unrestricted). Half of the patches are in limited range.
- Calibrated on the frames in `calibration/`. Weights 8 bits by output channel, activations uint8.
- Global pooling saw patches of {recipe.patch}x{recipe.patch} in training and sees whole frames here; what that
  costs was not measured yet.
- Bad at: compressed video, whose artifacts it sharpens, and sensor noise; it was shown neither.
- Licence of the weights: {entry["licence"]}.
"""
    )
