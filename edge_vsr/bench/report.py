"""Everything that a benchmark found, and the file that holds it: JSON, one report a file.

The format's number changes when an old reader would misunderstand a new file; what a reader does not know it refuses.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

from edge_vsr.bench.advice import Advice
from edge_vsr.bench.jobs import Job, Row
from edge_vsr.bench.machine import Box
from edge_vsr.errors import InputError, OutputError
from edge_vsr.restoring.whole import whole_file
from edge_vsr.typed import typed

FORMAT = 1
STEADY = 0.1
"""Share by which the peak may differ from beginning to end on a machine that has nothing else to do."""
LOADED = 0.5
"""Load average of a machine that has other work."""
FEW = 10
"""Frames, below which the ninth of ten says little."""
MOST_BYTES = 16 << 20


@dataclass(frozen=True, slots=True)
class Report:
    """One benchmark of one box."""

    made: str
    """UTC, ISO 8601."""
    box: Box
    mode: str
    size: str
    fps: float
    """Wanted of the camera."""
    rows: tuple[Row, ...]
    load: float | None = None
    """Load average before the start."""
    drift: float | None = None
    """The INT8 peak at the end over that at the beginning; None if it was not taken twice."""
    advice: Advice | None = None

    def of_kind(self, kind: str) -> tuple[Row, ...]:
        return tuple(row for row in self.rows if row.job.kind == kind)

    def peak(self, threads: int) -> tuple[float, float] | None:
        """The machine's best in INT8 and in single precision, in any runtime, on so many threads, in GMAC/s."""
        found = [row.found for row in self.of_kind("peak") if row.job.threads == threads and not row.found.error]
        int8 = max((one.int8_peak or 0.0 for one in found), default=0.0)
        fp32 = max((one.fp32_peak or 0.0 for one in found), default=0.0)
        return (int8, fp32) if int8 and fp32 else None

    def doubts(self) -> tuple[str, ...]:
        """Why not to trust the figures, in words; empty on a quiet and cool machine."""
        doubts = []
        if self.load is not None and self.load > LOADED:
            doubts.append(f"other work was on the machine (load average {self.load:.1f} before)")
        if self.drift is not None and abs(self.drift - 1) > STEADY:
            doubts.append(f"the INT8 peak was {self.drift:.2f} times as high at the end as at the beginning")
        timed = [row.found.times for row in self.rows if row.found.times]
        if noisy := sum(1 for times in timed if times.noisy):
            doubts.append(f"the times of {noisy} of {len(timed)} rows are spread widely")
        if few := sum(1 for times in timed if times.frames < FEW):
            doubts.append(f"{few} of {len(timed)} rows had time for fewer than {FEW} frames (--quick has the least)")
        if any(row.throttled for row in self.rows):
            doubts.append("the processor was slowed down by heat")
        if any(row.under_voltage for row in self.rows):
            doubts.append("the power supply is too weak")
        return tuple(doubts)

    def save(self, path: Path) -> None:
        """Whole or not at all. Raises OutputError."""
        with whole_file(path) as part:
            part.write_text(json.dumps({"format": FORMAT, **asdict(self)}, indent=1) + "\n", "utf-8")

    @classmethod
    def load_from(cls, path: Path) -> Self:
        """Raises InputError for a file that is no report."""
        try:
            data = path.read_bytes()[: MOST_BYTES + 1]
        except OSError as error:
            raise InputError(f"{path} cannot be read: {error.strerror}") from error
        try:
            table = json.loads(data)
            if (number := table.pop("format")) != FORMAT:
                raise InputError(f"{path} has format {number!r}; this edge-vsr reads format {FORMAT}")
            return typed(cls, table, "a report")
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            raise InputError(f"{path} is not a report of `edge-vsr bench --json`") from None


def key(job: Job) -> tuple[object, ...]:
    """What makes two rows of two reports the same measurement."""
    return job.kind, job.model, job.runtime, job.threads, job.tile, job.size


def check_writable(path: Path) -> None:
    """Raises OutputError for a file that could not be written: better before a benchmark than after."""
    if path.is_dir():
        raise OutputError(f"{path} is a folder; give a file")
    if not path.parent.is_dir():
        raise OutputError(f"folder {path.parent} does not exist; make it first")
    try:
        with whole_file(path.with_name(f"{path.name}.probe")) as part:
            part.touch()
    finally:
        path.with_name(f"{path.name}.probe").unlink(missing_ok=True)
