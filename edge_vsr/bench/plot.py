"""A report as a picture. matplotlib is an extra; nothing else needs it."""

import io

from edge_vsr.bench.report import Report
from edge_vsr.errors import MissingDependency, OutputError

HEIGHT, ROW_HEIGHT = 1.6, 0.32
"""Inches: of the frame around the bars, and of each."""


def check_plotting() -> None:
    """Raises MissingDependency, before an hour is spent on what cannot be drawn."""
    try:
        import matplotlib  # noqa: F401  whether it starts is the question
    except ImportError as error:
        raise MissingDependency("--plot needs matplotlib; run: pip install 'edge-vsr[plot]'") from error


def plot(report: Report) -> bytes:
    """A PNG: a bar a row, median ms a frame, with the middle half and the slowest tenth. Raises OutputError if there is
    nothing to draw."""
    check_plotting()
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    rows = [(row.job.label, times) for row in report.rows if (times := row.found.times)]
    if not rows:
        raise OutputError("nothing ran, so there is nothing to draw")
    figure = Figure(figsize=(9, HEIGHT + ROW_HEIGHT * len(rows)), dpi=110, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    places = range(len(rows))
    middle = [times.p50 for _, times in rows]
    below = [times.p50 - times.p25 for _, times in rows]
    above = [times.p90 - times.p50 for _, times in rows]
    axes.barh(places, middle, xerr=(below, above), capsize=2, color="#4878a8", ecolor="#303030")
    axes.axvline(1000 / report.fps, color="#b04030", linestyle="--", label=f"{report.fps:g} frames/s")
    axes.set_yticks(places, [label for label, _ in rows])
    axes.invert_yaxis()
    axes.set_xscale("log")
    axes.set_xlabel(f"ms for one luma frame of {report.size}: median, with p25 and p90")
    axes.set_title(f"{report.box.processor}, edge-vsr {report.box.version}, {report.made[:10]}", fontsize=10)
    axes.legend()
    out = io.BytesIO()
    figure.savefig(out, format="png")
    return out.getvalue()
