"""What the policy does on a link, drawn."""

from collections.abc import Sequence
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from edge_vsr.rung import Rung
from tests.simulation.measures import BUSY
from tests.simulation.policies import OURS, compared
from tests.simulation.simulate import Sent, simulate
from tests.simulation.traces import Trace

COLOURS = {Rung.STILL: "#b0b0b0", Rung.LOW: "#8fc1e3", Rung.NATIVE: "#3f88c5", Rung.ENHANCED: "#1b4f72"}
LINK = "#c0392b"
WAITS = "#e59866"
LINES = {"fixed 600 kbit/s": "#7f8c8d", "queue-based steps": "#8e44ad"}
MOST_WAITS = 60.0
"""Seconds at the top of the scale of what waits: what a fixed rate piles up goes far beyond."""
COLUMNS = 3
LEAST = 4.0
"""kbit/s at the bottom of the scale, which has no place for an outage's zero."""


def plot(traces: Sequence[Trace], path: Path) -> None:
    """For each trace, COLUMNS side by side: link and bit rate above, seconds of video that wait below."""
    columns = min(COLUMNS, len(traces))
    rows = -(-len(traces) // columns)
    figure = Figure(figsize=(4.4 * columns, 3.4 * rows), layout="constrained")
    axes = figure.subplots(2 * rows, columns, squeeze=False, height_ratios=(2, 1) * rows)
    for place in axes.flat[len(axes.flat) - 2 * columns :]:
        place.set_visible(False)
    for at, trace in enumerate(traces):
        above, below = (axes[2 * (at // columns) + part][at % columns] for part in (0, 1))
        sent = {name: simulate(trace, policy, lambda _: BUSY) for name, policy in compared().items()}
        ours = sent.pop(OURS)
        _rates(above, trace, ours)
        for name, others in sent.items():
            below.step([one.time for one in others], [one.waiting for one in others], color=LINES[name], linewidth=0.9)
        _backlog(below, trace, ours)
        for place in (above, below):
            place.set_visible(True)
        if at % columns == 0:
            above.set_ylabel("kbit/s")
            below.set_ylabel("waits, s")
    keys = [Patch(color=colour, label=rung.value) for rung, colour in COLOURS.items()]
    lines = [Line2D([], [], color=colour, label=f"{name}, what waits") for name, colour in LINES.items()]
    link = Line2D([], [], color=LINK, label="link")
    waits = Patch(color=WAITS, label="what waits")
    figure.legend(handles=[*keys, link, waits, *lines], loc="outside upper center", ncols=8)
    figure.savefig(path, dpi=65)


def _rates(axes: Axes, trace: Trace, sent: Sequence[Sent]) -> None:
    for rung, colour in COLOURS.items():
        shown = [one for one in sent if one.rung is rung]
        heights = [one.spent - LEAST for one in shown]
        axes.bar([one.time for one in shown], heights, rung.seconds, LEAST, align="edge", color=colour)
    times = [since for since, _ in trace.points] + [trace.seconds]
    kbits = [max(LEAST, rate) for _, rate in trace.points]
    axes.step(times, [*kbits, kbits[-1]], where="post", color=LINK, linewidth=1.3)
    axes.set_yscale("log")
    axes.set_ylim(LEAST, 4000)
    axes.set_title(trace.name, fontsize="medium")


def _backlog(axes: Axes, trace: Trace, sent: Sequence[Sent]) -> None:
    axes.fill_between([one.time for one in sent], [one.waiting for one in sent], step="post", color=WAITS)
    axes.set_xlim(0, trace.seconds)
    axes.set_ylim(0, MOST_WAITS)
    axes.set_yscale("symlog", linthresh=4.0)
    axes.set_yticks([0, 2, 4, 20, 60], ["0", "2", "4", "20", "60"])
