"""`python -m tests.simulation` prints the table of docs/policy.md."""

import sys

from tests.simulation.measures import BUSY, Measures, measures
from tests.simulation.policies import Fixed, Ladder, QueueSteps
from tests.simulation.simulate import simulate
from tests.simulation.traces import TRACES


def main() -> None:
    rows = ["| trace | used | changes a minute | delay: median, longest | fixed 600 kbit/s | queue-based steps |"]
    rows.append("|---|---|---|---|---|---|")
    for trace in TRACES:
        ours, *others = (
            measures(trace, simulate(trace, policy, lambda _: BUSY)) for policy in (Ladder(), Fixed(), QueueSteps())
        )
        cells = [trace.name, f"{ours.used:.0%}", f"{ours.changes:.1f}", *map(_delays, (ours, *others))]
        rows.append(f"| {' | '.join(cells)} |")
    sys.stdout.write("\n".join(rows) + "\n")


def _delays(found: Measures) -> str:
    return f"{found.median:.1f} s, {found.longest:.0f} s" + (f", {found.lost} lost" if found.lost else "")


main()
