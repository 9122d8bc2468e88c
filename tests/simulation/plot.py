"""What the policy does on a link, drawn."""

from collections.abc import Sequence
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from edge_vsr.rung import Rung
from tests.simulation.measures import BUSY
from tests.simulation.policies import Ladder
from tests.simulation.simulate import Sent, simulate
from tests.simulation.traces import Trace

COLOURS = {Rung.STILL: "#b0b0b0", Rung.LOW: "#8fc1e3", Rung.NATIVE: "#3f88c5", Rung.ENHANCED: "#1b4f72"}
LINK = "#c0392b"
LEAST = 4.0
"""kbit/s at the bottom of the scale, which has no place for an outage's zero."""


def plot(traces: Sequence[Trace], path: Path) -> None:
    """Link and bit rate above, seconds of video that wait below; a column for each trace."""
    figure = Figure(figsize=(5.2 * len(traces), 5.0), layout="constrained")
    axes = figure.subplots(2, len(traces), sharex="col", squeeze=False, height_ratios=(2, 1))
    for column, trace in enumerate(traces):
        sent = simulate(trace, Ladder(), lambda _: BUSY)
        _rates(axes[0][column], trace, sent)
        _backlog(axes[1][column], trace, sent)
    axes[0][0].set_ylabel("kbit/s")
    axes[1][0].set_ylabel("video that waits, s")
    keys = [Patch(color=colour, label=rung.value) for rung, colour in COLOURS.items()]
    axes[0][0].legend(handles=[*keys, Line2D([], [], color=LINK, label="link")], loc="lower left", fontsize="small")
    figure.savefig(path, dpi=110)


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
    axes.fill_between([one.time for one in sent], [one.waiting for one in sent], step="post", color="#e59866")
    axes.set_xlim(0, trace.seconds)
    axes.set_ylim(0)
    axes.set_xlabel("seconds")
