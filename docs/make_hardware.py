"""Fill the table of docs/hardware.md from the reports in docs/hardware: `python docs/make_hardware.py`."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from edge_vsr.bench.jobs import Row
from edge_vsr.bench.report import Report
from edge_vsr.bench.times import Times

PAGE = Path(__file__).with_name("hardware.md")
REPORTS = Path(__file__).with_name("hardware")
BEGIN, END = "<!-- table -->\n", "<!-- end -->\n"
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
    """The boxes' names and reports."""
    return ((path.stem, Report.load_from(path)) for path in folder.glob("*.json"))


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
        *(f"{row.gmacs or 0:.1f}", share, f"{found.float_ratio or 0:.2f}", f"{found.peak_mib or 0:.0f}"),
        f"{row.celsius[0]:.0f}..{row.celsius[1]:.0f}" if row.celsius else "",
        *(report.box.version, "; ".join(report.doubts())),
    ]


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
