"""Fill the table of docs/hardware.md from the reports in docs/hardware: `python docs/make_hardware.py`."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from edge_vsr.bench.jobs import Row
from edge_vsr.bench.report import Report
from edge_vsr.bench.times import Times
from edge_vsr.errors import InputError

PAGE = Path(__file__).with_name("hardware.md")
REPORTS = Path(__file__).with_name("hardware")
BEGIN, END = "<!-- table -->\n", "<!-- end -->\n"
NAME = re.compile(r"[A-Za-z0-9-]+")
NOTHING = "No box was measured yet.\n"
COLUMNS = (
    *("box", "processor", "network", "runtime", "frame", "threads", "ms p50", "p90", "frames/s", "GMAC/s"),
    *("of INT8 peak", "INT8 over float", "MiB", "°C", "edge-vsr", "doubts"),
)


def table(reports: Iterable[tuple[str, Report]]) -> str:
    """Markdown; by the boxes' names. Raises SystemExit for a report that has no speeds."""
    rows = [_cells(name, report) for name, report in sorted(reports, key=lambda pair: pair[0])]
    if not rows:
        return NOTHING
    return "".join(f"| {' | '.join(cells)} |\n" for cells in (COLUMNS, ["---"] * len(COLUMNS), *rows))


def with_table(page: str, made: str) -> str:
    """`page` with another table."""
    before, _, rest = page.partition(BEGIN)
    return f"{before}{BEGIN}{made}{END}{rest.partition(END)[2]}"


def reports(folder: Path = REPORTS) -> Iterator[tuple[str, Report]]:
    """The boxes' names and reports. Raises SystemExit for a file that is none."""
    for path in folder.glob("*.json"):
        if not NAME.fullmatch(path.stem):
            raise SystemExit(f"{path.name}: name it after the box, with letters, digits and dashes")
        try:
            yield path.stem, Report.load_from(path)
        except InputError as error:
            raise SystemExit(str(error)) from None


def _cells(name: str, report: Report) -> list[str]:
    row, times = _advised(name, report)
    found, peak = row.found, report.peak(row.job.threads)
    share = f"{row.gmacs / peak[0]:.0%}" if row.gmacs and peak else ""
    return [
        *(
            name,
            report.box.processor,
            row.job.model,
            f"{row.job.runtime} {report.box.runtimes.get(row.job.runtime, '')}",
        ),
        *(report.size, str(row.job.threads), f"{times.p50:.1f}", f"{times.p90:.1f}", f"{times.fps:.1f}"),
        *(_number(row.gmacs, 1), share, _number(found.float_ratio, 2), _number(found.peak_mib, 0)),
        f"{row.celsius[0]:.0f}..{row.celsius[1]:.0f}" if row.celsius else "",
        *(report.box.version, "; ".join(report.doubts())),
    ]


def _number(value: float | None, digits: int) -> str:
    return "" if value is None else f"{value:.{digits}f}"


def _advised(name: str, report: Report) -> tuple[Row, Times]:
    advice = report.advice
    if advice and not report.box.emulated:
        wanted = (advice.model, advice.runtime, advice.threads, advice.tile)
        for row in report.of_kind("network"):
            if row.found.times and (row.job.model, row.job.runtime, row.job.threads, row.job.tile) == wanted:
                return row, row.found.times
    raise SystemExit(f"{name} has no speeds: an emulator's, or nothing ran; leave it out")


def main() -> None:
    PAGE.write_text(with_table(PAGE.read_text(), table(reports())))


if __name__ == "__main__":
    main()
