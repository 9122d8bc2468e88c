"""Two reports, row by row: of two boxes, or of two versions on one. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass

from edge_vsr.bench.jobs import Job
from edge_vsr.bench.report import Report, key
from edge_vsr.bench.times import Ratio, ratio


@dataclass(frozen=True, slots=True)
class Pair:
    """One measurement in both."""

    job: Job
    before: float
    """Median in ms a frame; of a peak, GMAC/s."""
    after: float
    took: Ratio | None
    """What the second took over what the first took, below 1 is faster. Of a peak None: the best of many is one
    figure and has no spread."""


def pairs(before: Report, after: Report) -> Iterator[Pair]:
    """Of what was measured in both, in the order of the second."""
    known = {key(row.job): row.found for row in before.rows}
    for row in after.rows:
        was, now = known.get(key(row.job)), row.found
        if was is None:
            continue
        if was.times and now.times:
            yield Pair(row.job, was.times.p50, now.times.p50, ratio(was.times, now.times))
        elif was.int8_peak and now.int8_peak:
            yield Pair(row.job, was.int8_peak, now.int8_peak, None)


def missing(before: Report, after: Report) -> Iterator[str]:
    """What only one of both measured, in a line each, and why the other did not where it knows: an engine that crashes
    is neither faster nor slower."""
    for one, other, name in ((before, after, "B"), (after, before, "A")):
        theirs = {key(row.job): row.found for row in other.rows}
        for row in one.rows:
            if row.found.error:
                continue
            found = theirs.get(key(row.job))
            if found is None:
                yield f"{row.job.label}: not measured in {name}"
            elif found.error:
                yield f"{row.job.label}: no result in {name}: {found.error}"


def verdict(pair: Pair) -> str:
    """In a word or two."""
    if pair.took is None:
        return f"peak x{pair.after / pair.before:.2f}" if pair.before else ""
    if not pair.took.certain:
        return "no difference that can be told"
    return "faster" if pair.took.middle < 1 else "slower"
