"""`python -m tests.simulation` prints the table of docs/policy.md, or that of recorded links, and draws them.

python -m tests.simulation --only "down and up again" --only "60 s of outage" --plot docs/policy.png
"""

import argparse
import sys
from pathlib import Path

from tests.simulation.measures import BUSY, Measures, measures
from tests.simulation.policies import Fixed, Ladder, QueueSteps
from tests.simulation.simulate import simulate
from tests.simulation.traces import TRACES, Trace, read_trace


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description="The policy on simulated links.")
    parser.add_argument("csv", nargs="*", type=Path, help="recorded links, seconds,kbit/s, instead of those here")
    parser.add_argument("--only", action="append", metavar="NAME", help="the one called NAME; may be repeated")
    parser.add_argument("--plot", type=Path, metavar="PNG", help="draw link, rungs and backlog of each besides")
    asked = parser.parse_args()
    try:
        traces = tuple(map(read_trace, asked.csv)) or tuple(
            one for one in TRACES if not asked.only or one.name in asked.only
        )
    except (OSError, ValueError) as error:
        parser.error(str(error))
    if not traces:
        parser.error(f"no such trace; there are {', '.join(one.name for one in TRACES)}")
    table(traces)
    if asked.plot:
        from tests.simulation.plot import plot  # matplotlib loads slowly

        plot(traces, asked.plot)


def table(traces: tuple[Trace, ...]) -> None:
    rows = ["| trace | used | changes a minute | delay: median, longest | fixed 600 kbit/s | queue-based steps |"]
    rows.append("|---|---|---|---|---|---|")
    for trace in traces:
        ours, *others = (
            measures(trace, simulate(trace, policy, lambda _: BUSY)) for policy in (Ladder(), Fixed(), QueueSteps())
        )
        cells = [trace.name, f"{ours.used:.0%}", f"{ours.changes:.1f}", *map(_delays, (ours, *others))]
        rows.append(f"| {' | '.join(cells)} |")
    sys.stdout.write("\n".join(rows) + "\n")


def _delays(found: Measures) -> str:
    return f"{found.median:.1f} s, {found.longest:.0f} s" + (f", {found.lost} lost" if found.lost else "")


if __name__ == "__main__":
    main()
