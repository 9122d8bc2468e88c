"""A report in words: for a terminal, and as CSV."""

import csv
import io
from collections.abc import Iterator

from rich.table import Table

from edge_vsr.bench.jobs import Row
from edge_vsr.bench.report import Report

COLUMNS = (
    "model",
    "runtime",
    "threads",
    "tile",
    "ms p50",
    "p90",
    "p99",
    "spread",
    "frames/s",
    "GMAC/s",
    "of INT8 peak",
    "of fp32 peak",
    "INT8 over float",
    "MiB",
    "load s",
    "°C",
)
TIMES = ("mean", "least", "p25", "p50", "p75", "p90", "p99", "most")
PIPELINE = ("dropped", "cpus_busy", "first_segment_s")
CSV_COLUMNS = (
    *("kind", "model", "runtime", "threads", "tile", "size", "frames", *(f"ms_{name}" for name in TIMES)),
    *("fps", "gmac", "gmac_s", "int8_peak", "fp32_peak", "float_ratio", "peak_mib", "load_s"),
    *(
        "celsius_before",
        "celsius_most",
        "throttled",
        "under_voltage",
        "dropped",
        "cpus_busy",
        "first_segment_s",
        "error",
    ),
)
NO_ROW = "-"


def rows_table(report: Report) -> Table:
    """The floor and the networks; a row that failed says why."""
    table = Table(box=None, pad_edge=False, title=_title(report), title_justify="left", title_style="")
    for number, column in enumerate(COLUMNS):
        table.add_column(column, justify="left" if number in (0, 1, 3) else "right", no_wrap=number < 4)
    for row in (*report.of_kind("resize"), *report.of_kind("network")):
        table.add_row(*_cells(report, row))
    return table


def peaks_table(report: Report) -> Table:
    """What the machine can do at best, by runtime and number of threads."""
    table = Table(box=None, pad_edge=False)
    for column in ("peak, GMAC/s", "threads", "INT8", "fp32", "INT8 / fp32"):
        table.add_column(column, justify="left" if column == "peak, GMAC/s" else "right")
    for row in report.of_kind("peak"):
        int8, fp32 = row.found.int8_peak, row.found.fp32_peak
        ratio = f"{int8 / fp32:.2f}" if int8 and fp32 else NO_ROW
        table.add_row(row.job.runtime, str(row.job.threads), _number(int8), _number(fp32), ratio)
    return table


def pipeline_table(row: Row) -> Table:
    """Where a frame's time goes; stages run side by side, each in a thread."""
    table = Table(box=None, pad_edge=False)
    for column in ("stage of the pipeline", "ms a frame", "busy"):
        table.add_column(column, justify="left" if column.startswith("stage") else "right")
    for stage in row.found.pipeline.stages if row.found.pipeline else ():
        table.add_row(stage.name, f"{stage.ms:.1f}", f"{stage.share:.0%}")
    return table


def failures(report: Report) -> Iterator[str]:
    """One line for each row without a result."""
    return (f"{row.job.label}: {row.found.error}" for row in report.rows if row.found.error)


def pipeline_line(row: Row) -> str | None:
    """The whole pipeline's figures in one line; None if there are none."""
    found = row.found.pipeline
    if found is None:
        return None
    first = "" if found.first_segment_s is None else f", first segment after {found.first_segment_s:.1f} s"
    return (
        f"{row.job.label}, demo camera {row.job.size}: {found.fps:.1f} of {found.fps_asked:g} frames/s, "
        f"{found.dropped} dropped, {found.cpus_busy:.1f} processors busy{first}"
    )


def as_csv(report: Report) -> str:
    """One line a row, with a head; figures that there are not are left empty."""
    out = io.StringIO()
    writer = csv.DictWriter(out, CSV_COLUMNS, lineterminator="\n")
    writer.writeheader()
    for row in report.rows:
        job, found, times = row.job, row.found, row.found.times
        line: dict[str, object] = {name: getattr(job, name) for name in ("kind", "model", "runtime", "tile", "size")}
        line |= {"threads": job.threads, "error": found.error}
        line |= {name: getattr(found, name) for name in ("gmac", "int8_peak", "fp32_peak", "float_ratio", "peak_mib")}
        line |= {"load_s": found.load_s, "throttled": int(row.throttled), "under_voltage": int(row.under_voltage)}
        if times:
            line |= {f"ms_{name}": getattr(times, name) for name in TIMES}
            line |= {"frames": times.frames, "fps": round(times.fps, 3)}
        if whole := found.pipeline:
            line |= {
                name: getattr(whole, name) for name in ("frames", "fps", "dropped", "cpus_busy", "first_segment_s")
            }
        if row.gmacs is not None:
            line["gmac_s"] = round(row.gmacs, 3)
        if row.celsius:
            line["celsius_before"], line["celsius_most"] = row.celsius
        writer.writerow(line)
    return out.getvalue()


def _title(report: Report) -> str:
    box = report.box
    runtimes = ", ".join(f"{name} {version}" for name, version in box.runtimes.items())
    return (
        f"{box.processor}, {box.cpus} processors, {box.system}\nedge-vsr {box.version}, {runtimes}; luma {report.size}"
    )


def _cells(report: Report, row: Row) -> Iterator[str]:
    job, found, times = row.job, row.found, row.found.times
    yield from (job.model, job.runtime or "opencv", str(job.threads), job.tile)
    if times is None:
        yield _why_not(report, row)
        return
    yield from (f"{times.p50:.1f}", f"{times.p90:.1f}", f"{times.p99:.1f}")
    yield f"{times.spread:.0%}{' !' if times.noisy else ''}"
    yield f"{times.fps:.1f}"
    yield _number(row.gmacs)
    peak = report.peak(job.threads)
    yield from (NO_ROW if row.gmacs is None or peak is None else f"{row.gmacs / most:.0%}" for most in peak or (0, 0))
    yield NO_ROW if found.float_ratio is None else f"x{found.float_ratio:.2f}"
    yield from (_number(found.peak_mib, 0), _number(found.load_s))
    slowed = " throttled" if row.throttled else " under-voltage" if row.under_voltage else ""
    yield (NO_ROW if row.celsius is None else f"{row.celsius[0]:.0f}..{row.celsius[1]:.0f}") + slowed


def _why_not(report: Report, row: Row) -> str:
    if row.found.error:
        return "see below"
    return "ran" if report.box.emulated else NO_ROW


def _number(value: float | None, digits: int = 1) -> str:
    return NO_ROW if value is None else f"{value:.{digits}f}"
