"""A model's card: what it is, what it was measured at, what it is bad at.

`python -m models.recipe.card [NAME...]` writes the cards of released models anew, from their records alone.
"""

from pathlib import Path
from typing import Annotated

import typer

from models.recipe.clips import CRF, QUALITY, TEST_CRF
from models.recipe.config import Recipe
from models.recipe.record import RUNTIMES, STORE, Pooling, Record, Timing, released

CARD = "README.md"


def card(record: Record) -> str:
    """The card as Markdown."""
    recipe, frame = record.recipe, f"{record.frame} to {record.frame.times(record.recipe.scale)}"
    return f"""# {recipe.name}

Luma x{recipe.scale}, INT8: {record.parameters:,} parameters, {record.gmac:.1f} GMAC for one frame of {frame}.

![bicubic, {recipe.name} and the original](../../docs/before-after/{recipe.name}.png)

*A piece of the demo camera's own scene: sent {_sent(recipe)} and enlarged bicubically (left), restored
by `{recipe.name}` (middle), and as it was (right).*

## Quality

| PSNR-Y, dB | bicubic | float | INT8, ONNX Runtime | INT8, OpenVINO | INT8 loses |
|---|---|---|---|---|---|
{_quality(record)}

Measured through `restore`'s own code on {_tested_on(recipe)};
BT.601 luma, a border of {recipe.scale} pixels left out. The test pictures were never trained or calibrated on.

{_referee(record)}

## Speed

{_speed(record.timing, record)}

## How it was made

- Parts: 3x3x64 and 3x3x256 extractor at 1/{recipe.coarse} and 1/{2 * recipe.coarse} of the size, channel and spatial
  attention over the whole frame, {recipe.blocks} residual blocks of {recipe.width} channels {_where(recipe)}.
- Trained by `models/recipe/{recipe.name}.toml` (revision {record.revision}), {_training(recipe, record.steps)}.
- On {"lossy" if recipe.lossy else "clean"} pictures: CID22 (CC BY-SA 4.0), CLIC 2025 (Unsplash licence), Debian's
  Lomiri wallpapers (CC BY, CC BY-SA) and Kodak (unrestricted); and on {_made_of_them(recipe)}.
  Half of the patches are in limited range.
- Calibrated on the frames in `calibration/`. Weights 8 bits by output channel, activations uint8; fine-tuned for
  {recipe.finetune_steps:,} steps with everything rounded as INT8 rounds it.
- Global pooling: {_pooling(recipe, record.pooling)}
- Licence of the weights: {record.licence}.

## What it is bad at

{_weaknesses(recipe)}
- What the small picture no longer holds: print of a few pixels and bars near the limit stay unread, as the picture
  above shows.
- Colour, which is enlarged bicubically.
"""


def _where(recipe: Recipe) -> str:
    return "at full size" if recipe.fine == 1 else f"at 1/{recipe.fine}"


def _sent(recipe: Recipe) -> str:
    return f"at 1/{recipe.scale} of the size" + (", coded by x264," if recipe.lossy else "")


def _tested_on(recipe: Recipe) -> str:
    if recipe.lossy:
        return f"grey pictures made small by area and coded by x264 in a keyframe at CRF {TEST_CRF:g}"
    return "pictures made small by antialiased bicubic"


def _made_of_them(recipe: Recipe) -> str:
    if recipe.lossy:
        return f"""clips made of them that stand still, pan
  or zoom while something moves across: with a sensor's noise, made small by area, and coded as `run` codes its `low`
  rung (x264, CRF {CRF[0]:g}..{CRF[1]:g} or at a rate) or as MJPEG (quality {QUALITY[0]}..{QUALITY[1]})"""
    return """scenes made of them by night, out of focus,
  moving, or under text and overlays rendered with DejaVu (Bitstream Vera licence), FreeFont (GPL-3+ with font
  exception) and Liberation (OFL 1.1)"""


def _weaknesses(recipe: Recipe) -> str:
    if recipe.lossy:
        return """- Clean pictures, from which it brings back less than a model that learnt from such.
- Codecs other than H.264 and MJPEG, whose artifacts it has not seen."""
    return """- Compressed video, whose artifacts it sharpens: it was trained on clean pictures.
- Noise, which it enlarges and does not remove: the night scenes that it learnt from are as noisy when large.
- Pictures made small in another way than by antialiased bicubic, which is the only one that it learnt from."""


def _quality(record: Record) -> str:
    return "\n".join(
        f"| {row.name} | {row.bicubic:.2f} | {row.float_network:.3f} "
        + "".join(f"| {row.int8[runtime]:.3f} " for runtime in RUNTIMES)
        + f"| {row.loss:.3f} |"
        for row in record.quality
    )


def _referee(record: Record) -> str:
    if record.recipe.lossy:
        return "What an independent program found on coded videos is in [docs/quality.md](../../docs/quality.md)."
    if not record.referee:
        return "No independent program has measured it yet."
    lines = "\n".join(f"| {name} | `{line}` |" for name, line in record.referee.items())
    command = f"edge-vsr restore {{in}} {{out}} --model {record.recipe.name}"
    return f"""An independent program that makes the small pictures itself and runs `{command}`
on them printed:

| set | |
|---|---|
{lines}

`python -m models.recipe.referee` asks it again."""


def _speed(timing: Timing | None, record: Record) -> str:
    if timing is None:
        return "Not measured yet."
    rows = "\n".join(
        f"| {RUNTIMES[name]} {speed.version} | {speed.median:.1f} ms | {speed.least:.1f}..{speed.most:.1f} ms "
        f"| {speed.peak_rss:.0f} MiB |"
        for name, speed in timing.runtimes.items()
    )
    frames = min(speed.frames for speed in timing.runtimes.values())
    return f"""| one {record.frame} luma frame | median | least..most | peak memory (RSS) |
|---|---|---|---|
{rows}

{timing.threads} threads on {timing.processor}; {frames} frames in each runtime, the first few left out;
the load average before was {timing.load:.2f}. No other hardware was measured.
`python -m models.recipe.speed` measures it again."""


def _training(recipe: Recipe, steps: int) -> str:
    text = f"{steps:,} steps of {recipe.batch} patches of {recipe.patch}x{recipe.patch}"
    if recipe.start:
        text += f"; it began with the weights of `{recipe.start}`"
    if recipe.teachers:
        names = " and ".join(f"`{name}`" for name in recipe.teachers)
        text += f", and learnt what {names} {'make' if len(recipe.teachers) > 1 else 'makes'} of the pictures"
    return text


def _pooling(recipe: Recipe, pooling: Pooling | None) -> str:
    side = recipe.window
    treated = f"training saw windows of {side}x{side} around each patch; here it sees whole frames."
    if pooling is None:
        return f"{treated} What that costs was not measured yet."
    windows = ", ".join(f"{psnr:.3f} dB over windows of {side}x{side}" for side, psnr in pooling.windows.items())
    verdict = f"The shift costs {pooling.shift:.3f} dB" if pooling.shift > 0 else "The shift costs nothing"
    return f"""{treated}
  On {pooling.pictures} whole training pictures the float network has {pooling.whole:.3f} dB with pools over the whole
  picture, {windows}. {verdict}. Without any of the attended features it has {pooling.without:.3f} dB."""


def write_card(folder: Path) -> None:
    """Write the card of the model in `folder`."""
    (folder / CARD).write_text(card(Record.load(folder)))


def main(
    names: Annotated[list[str] | None, typer.Argument(help="models; all if left out")] = None,
    store: Annotated[Path, typer.Option(exists=True)] = STORE,
) -> None:
    """Write the cards."""
    for record in released(store, names):
        write_card(store / record.recipe.name)
        typer.echo(store / record.recipe.name / CARD)


if __name__ == "__main__":
    typer.run(main)
