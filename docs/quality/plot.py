"""Rate and quality of each clip, side by side."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from docs.quality.curves import Measure, by_psnr, by_vmaf
from docs.quality.figures import FULL, LANCZOS, ClipFigures, Figures

COLUMNS = 4
MEASURES: Mapping[str, tuple[str, Measure]] = {"psnr": ("PSNR-Y, dB", by_psnr), "vmaf": ("VMAF", by_vmaf)}
COLOURS = ("tab:blue", "tab:orange", "tab:green", "tab:purple")
PLAIN = {LANCZOS: ("tab:gray", "--"), FULL: ("tab:red", "-.")}


def draw(figures: Figures, folder: Path) -> None:
    """One picture a measure."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot
    from matplotlib.ticker import LogLocator, NullFormatter, StrMethodFormatter

    models = {name: (colour, "-") for name, colour in zip(drawn(figures.models), COLOURS, strict=False)}
    rows = -(-len(figures.clips) // COLUMNS)
    for name, (label, measure) in MEASURES.items():
        plot, axes = pyplot.subplots(rows, COLUMNS, figsize=(3.6 * COLUMNS, 3.2 * rows), squeeze=False)
        for axis, clip in zip(axes.flat, figures.clips, strict=False):
            for way, (colour, style) in {**models, **PLAIN}.items():
                points = clip.curves[way]
                rates, values = [one.kbits for one in points], [measure(one) for one in points]
                axis.plot(rates, values, style, color=colour, marker="o", markersize=3, linewidth=1.4, label=way)
            axis.set_title(_title(clip), fontsize=9)
            axis.set_xscale("log")
            axis.xaxis.set_major_locator(LogLocator(10, subs=(1, 2, 5)))
            axis.xaxis.set_major_formatter(StrMethodFormatter("{x:.0f}"))
            axis.xaxis.set_minor_formatter(NullFormatter())
            axis.tick_params(labelsize=8)
            axis.grid(visible=True, alpha=0.3)
        for axis in axes[:, 0]:
            axis.set_ylabel(label)
        for axis in axes.flat[len(figures.clips) - COLUMNS : len(figures.clips)]:
            axis.set_xlabel("kbit/s")
        for axis in axes.flat[len(figures.clips) :]:
            axis.axis("off")
        handles, labels = axes.flat[0].get_legend_handles_labels()
        plot.legend(handles, labels, loc="lower right", fontsize=10, ncols=1, frameon=False)
        plot.tight_layout()
        plot.savefig(folder / f"{name}.png", dpi=80, metadata={"Software": None})
        pyplot.close(plot)


def drawn(models: Sequence[str]) -> list[str]:
    """Networks, without what they do with options, which would hide each other."""
    return [name for name in models if " " not in name][: len(COLOURS)]


def _title(clip: ClipFigures) -> str:
    return f"{clip.name}\n{clip.width}x{clip.height}, {clip.rate:.3g} frames/s"
