"""`python -m tests.soak`: an hour by default; exit code 1 if something is lost or grows."""

import argparse
import sys
import tempfile
from pathlib import Path

from tests.soak.soak import Report, soak

FLAT = {"resident": 4e6, "threads": 1, "descriptors": 2}
"""What each may grow by, from the second to the last third of a process's life: bytes, and numbers."""


def main() -> int:
    flags = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    flags.add_argument("--minutes", type=float, default=60.0, help="of the soak's own time")
    flags.add_argument("--speed", type=float, default=10.0, help="of that time against the machine's")
    flags.add_argument("--seed", type=int, default=1, help="of the faults")
    wanted = flags.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        report = soak(Path(folder), seed=wanted.seed, seconds=60.0 * wanted.minutes, speed=wanted.speed)
    print(described(report))  # noqa: T201  it is what the program is for
    flat = all(growth.after - growth.before <= FLAT[name] for name, growth in report.growth.items())
    return 0 if report.accounted_for and report.growth and flat else 1


def described(report: Report) -> str:
    """For people."""
    lines = [
        f"seed {report.seed}: {report.seconds / 60:.0f} minutes in {report.real_seconds / 60:.1f}",
        f"{report.kills} kills; {', '.join(f'{count} x {name}' for name, count in report.faults.items())}",
        f"camera reopened {report.reopened} times in the {report.lifetime / 60:.0f} minutes of the last process",
        f"{report.stored} segments stored, {report.arrived} at the far end, {report.given_up} given up for room; "
        f"{len(report.lost)} lost, {len(report.damaged)} damaged, {len(report.unlisted)} unlisted, "
        f"{len(report.stray)} given up on their way, {report.out_of_order} out of order, {report.left} left",
        *(f"look at {name}" for name in (*report.lost, *report.damaged, *report.unlisted)),
    ]
    for name, growth in report.growth.items():
        unit, scale = ("MB", 1e6) if name == "resident" else ("", 1)
        before, after, most = (value / scale for value in (growth.before, growth.after, growth.most))
        lines.append(
            f"{name}: {before:.1f}{unit} in the second third, {after:.1f}{unit} in the last, {most:.1f}{unit} at most"
        )
    return "\n".join(lines)


sys.exit(main())
