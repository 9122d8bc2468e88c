"""Quality against time of the released models of clean pictures, as a picture: `python -m models.recipe.plot`.

One for each scale. Other networks are lines across: their quality is known, their time beside ours is not.
"""

from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Annotated

import matplotlib
import typer

matplotlib.use("Agg")

from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.ticker import LogLocator, NullFormatter, ScalarFormatter

from edge_vsr.sr.upscaler import BICUBIC
from models.recipe.peers import PEERS
from models.recipe.record import RUNTIMES, STORE, Record, released

SET = "Set5"
MARKS = {"onnxruntime": "s", "openvino": "o"}
CLOSE = 0.1
"""dB within which peers share a label, so that it can be read."""


def plot(records: Sequence[Record], path: Path) -> None:
    """Write a PNG: INT8 PSNR-Y on Set5 over ms, of timed models of one scale."""
    scale, frame = records[0].recipe.scale, records[0].frame
    figure, axes = plt.subplots(figsize=(8, 4.5), dpi=110)
    for runtime, mark in MARKS.items():
        speeds = [record.timing.runtimes[runtime] for record in records if record.timing]
        spread = [[speed.median - speed.least for speed in speeds], [speed.most - speed.median for speed in speeds]]
        places = [speed.median for speed in speeds], [_psnr(record) for record in records if record.timing]
        axes.errorbar(*places, xerr=spread, fmt=mark, capsize=3, label=f"INT8, {RUNTIMES[runtime]}")
    for record in records:
        if record.timing:
            place = (record.timing.fastest, _psnr(record))
            axes.annotate(record.recipe.name, place, (0, 9), textcoords="offset points", ha="center", weight="bold")
    _draw_peers(axes, scale)
    axes.set_xscale("log")
    axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.xaxis.set_major_formatter(ScalarFormatter())
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.margins(x=0.3, y=0.15)
    axes.set_xlabel(f"ms for one luma frame, {frame} to {frame.times(scale)}: median, least and most")
    axes.set_ylabel(f"PSNR-Y on {SET} x{scale}, dB")
    axes.legend(loc="lower right")
    figure.tight_layout()
    figure.savefig(path)
    plt.close(figure)


def _psnr(record: Record) -> float:
    return next(row.least for row in record.quality if row.name == SET)


def _draw_peers(axes: Axes, scale: int) -> None:
    """A line across for each network; bicubic is too far below to be shown."""
    for group in _groups(scale):
        for psnr in group.values():
            axes.axhline(psnr, color="tab:gray", linewidth=0.8, linestyle=":")
        label = " " + ", ".join(f"{name} {psnr:.2f}" for name, psnr in group.items())
        place = (0.0, max(group.values()))
        axes.text(*place, label, transform=axes.get_yaxis_transform(), color="tab:gray", fontsize=8, va="bottom")


def _groups(scale: int) -> Iterator[dict[str, float]]:
    """Peers by name, those close together at once, from the lowest up."""
    known = {p.name: {**p.paper, **p.measured}[SET] for p in PEERS if p.scale == scale and p.name != BICUBIC}
    group: dict[str, float] = {}
    for name, psnr in sorted(known.items(), key=lambda one: one[1]):
        if group and psnr - min(group.values()) > CLOSE:
            yield group
            group = {}
        group[name] = psnr
    yield group


def main(
    out: Annotated[Path, typer.Option(exists=True, help="folder to write to")] = Path("docs"),
    store: Annotated[Path, typer.Option(exists=True)] = STORE,
) -> None:
    """Draw quality-x2.png and so on."""
    timed = [record for record in released(store) if record.timing and not record.recipe.lossy]
    if not timed:
        raise SystemExit("no released model was timed yet: python -m models.recipe.speed")
    for scale, records in groupby(timed, key=lambda record: record.recipe.scale):
        file = out / f"quality-x{scale}.png"
        plot(list(records), file)
        typer.echo(file)


if __name__ == "__main__":
    typer.run(main)
