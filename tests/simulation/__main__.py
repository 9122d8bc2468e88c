"""`python -m tests.simulation` prints the tables of docs/policy.md, or those of recorded links, and draws them.

python -m tests.simulation --csv docs/policy.csv --plot docs/policy.png
"""

import argparse
import csv
import sys
from collections.abc import Mapping
from dataclasses import astuple, fields
from pathlib import Path

from tests.simulation.measures import BUSY, Measures, measures
from tests.simulation.policies import OURS, compared
from tests.simulation.simulate import simulate
from tests.simulation.traces import TRACES, Trace, read_trace

Row = Mapping[str, Measures]
"""By policy."""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description="The policy on simulated links.")
    parser.add_argument("recorded", nargs="*", type=Path, help="recorded links, seconds,kbit/s, instead of those here")
    parser.add_argument("--only", action="append", metavar="NAME", help="the one called NAME; may be repeated")
    parser.add_argument("--plot", type=Path, metavar="PNG", help="draw link, rungs and backlog of each besides")
    parser.add_argument("--csv", type=Path, metavar="CSV", help="write all figures down besides")
    asked = parser.parse_args()
    try:
        traces = tuple(map(read_trace, asked.recorded)) or tuple(
            one for one in TRACES if not asked.only or one.name in asked.only
        )
    except (OSError, ValueError) as error:
        parser.error(str(error))
    if not traces:
        parser.error(f"no such trace; there are {', '.join(one.name for one in TRACES)}")
    found = {trace: measured(trace) for trace in traces}
    tell_ours(found)
    tell_apart(found)
    if asked.csv:
        keep(found, asked.csv)
    if asked.plot:
        from tests.simulation.plot import plot  # matplotlib loads slowly

        plot(traces, asked.plot)


def measured(trace: Trace) -> Row:
    return {name: measures(trace, simulate(trace, policy, lambda _: BUSY)) for name, policy in compared().items()}


def tell_ours(found: Mapping[Trace, Row]) -> None:
    tell("trace", "used", "changes a minute", "delay: median", "95 of 100", "longest")
    tell(*["---"] * 6)
    for trace, row in found.items():
        one = row[OURS]
        seconds = (f"{delay:.1f} s" for delay in (one.median, one.most_often, one.longest))
        tell(trace.name, f"{one.used:.0%}", f"{one.changes:.1f}", *seconds)
    sys.stdout.write("\n")


def tell_apart(found: Mapping[Trace, Row]) -> None:
    names = list(next(iter(found.values())))
    tell("trace", *names)
    tell(*["---"] * (1 + len(names)))
    for trace, row in found.items():
        tell(trace.name, *map(_cell, row.values()))


def keep(found: Mapping[Trace, Row], path: Path) -> None:
    with path.open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["trace", "policy", *(field.name for field in fields(Measures))])
        for trace, row in found.items():
            for name, one in row.items():
                writer.writerow([trace.name, name, *(round(value, 3) for value in astuple(one))])


def tell(*cells: str) -> None:
    sys.stdout.write(f"| {' | '.join(cells)} |\n")


def _cell(found: Measures) -> str:
    lost = f", {found.lost} lost" if found.lost else ""
    return f"{found.quality:.1f} dB, {found.median:.1f} s, {found.longest:.0f} s{lost}"


if __name__ == "__main__":
    main()
