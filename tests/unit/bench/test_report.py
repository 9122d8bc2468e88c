"""The file, the tables, the comparison."""

import csv
import functools
import io
import json
import operator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from edge_vsr.bench.advice import Advice
from edge_vsr.bench.compare import missing, pairs, verdict
from edge_vsr.bench.jobs import Found, Job, Pipeline, Row, Stage
from edge_vsr.bench.report import FORMAT, Report, check_writable
from edge_vsr.bench.session import without_speeds
from edge_vsr.bench.table import CSV_COLUMNS, as_csv, failures, peaks_table, pipeline_line, pipeline_table, rows_table
from edge_vsr.bench.times import Times
from edge_vsr.errors import InputError, OutputError
from tests.unit.bench.rows import BOX, failed, network, peak, report

PIPELINE = Row(
    Job("pipeline", "small", "openvino", 4),
    Found(peak_mib=200.0, pipeline=Pipeline(15.0, 14.8, 60, 1, 3.2, 1.5, (Stage("encode", 4.0, 0.06),))),
    celsius=(50.0, 61.5),
)
ADVICE = Advice("small", "openvino", 4, "whole", "still", "enhanced", 20.0, ("why",))
FULL = report(
    peak(100, 25),
    Row(Job("resize", "lanczos"), Found(times=Times.of([0.001] * 10))),
    network("small", 20),
    failed("small", "crashed: SIGILL"),
    PIPELINE,
    load=0.1,
    drift=1.02,
    advice=ADVICE,
)


def shown(*renderables: object) -> str:
    console = Console(width=300, file=io.StringIO(), markup=False)
    for one in renderables:
        console.print(one)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_a_report_survives_its_file(tmp_path: Path) -> None:
    FULL.save(tmp_path / "a.json")
    assert Report.load_from(tmp_path / "a.json") == FULL


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "is not a report"),
        ("[]", "is not a report"),
        ("[" * 100_000, "is not a report"),
        ("{}", "is not a report"),
        (json.dumps({"format": FORMAT}), "is not a report"),
        (json.dumps({"format": FORMAT + 1}), "has format 2; this edge-vsr reads format 1"),
    ],
)
def test_another_file_is_refused(tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "a.json").write_text(text)
    with pytest.raises(InputError, match=says):
        Report.load_from(tmp_path / "a.json")
    with pytest.raises(InputError, match="cannot be read"):
        Report.load_from(tmp_path / "none.json")


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("load",), "x"),
        (("drift",), [1]),
        (("rows", 1, "found", "times", "p50"), "x"),
        (("rows", 1, "found", "times", "p25"), None),
        (("rows", 1, "job", "model"), [1]),
        (("rows", 1, "job", "threads"), "2"),
        (("rows", 1, "job", "kind"), "other"),
        (("box", "runtimes"), {"openvino": 1}),
    ],
)
def test_a_value_of_another_kind_is_refused(tmp_path: Path, place: tuple[Any, ...], value: object) -> None:
    table = json.loads(json.dumps({"format": FORMAT, **asdict(FULL)}))
    *way, last = place
    functools.reduce(operator.getitem, way, table)[last] = value
    (tmp_path / "a.json").write_text(json.dumps(table))
    with pytest.raises(InputError, match="is not a report"):
        Report.load_from(tmp_path / "a.json")


def test_a_share_is_of_the_machine_s_best_peak() -> None:
    both = report(peak(100, 25), peak(50, 30, runtime="onnxruntime"), peak(900, 900, threads=1), network("small", 20))
    assert both.peak(4) == (100, 30)
    assert both.peak(2) is None
    # 1 GMAC in 20 ms are 50 GMAC/s.
    (line,) = (line for line in shown(rows_table(both)).splitlines() if line.startswith("small"))
    assert [cell for cell in line.split() if cell.endswith("%")][-2:] == ["50%", "167%"]


def test_a_quiet_machine_leaves_no_doubt() -> None:
    assert FULL.doubts() == ()


def test_each_reason_for_doubt_is_said() -> None:
    spread = replace(network("small", 20), found=Found(times=Times.of([0.01, 0.02, 0.04])))
    doubtful = report(replace(spread, throttled=True, under_voltage=True), load=2.0, drift=0.7)
    assert [line.split(" (")[0] for line in doubtful.doubts()] == [
        "other work was on the machine",
        "the INT8 peak was 0.70 times as high at the end as at the beginning",
        "the times of 1 of 1 rows are spread widely",
        "1 of 1 rows had time for fewer than 10 frames",
        "the processor was slowed down by heat",
        "the power supply is too weak",
    ]


def test_a_row_that_failed_is_shown_and_explained() -> None:
    text = shown(rows_table(FULL))
    assert "see below" in text
    assert list(failures(FULL)) == ["small, onnxruntime, 4 threads: crashed: SIGILL"]


def test_the_tables_hold_what_was_found() -> None:
    text = shown(rows_table(FULL), peaks_table(FULL), pipeline_table(PIPELINE), pipeline_line(PIPELINE))
    for part in ("A processor", "lanczos", "x2.50", "4.00", "encode", "14.8 of 15 frames/s", "after 3.2 s"):
        assert part in text


def test_csv_has_a_line_a_row() -> None:
    lines = list(csv.DictReader(io.StringIO(as_csv(FULL))))
    assert len(lines) == len(FULL.rows)
    assert set(lines[0]) == set(CSV_COLUMNS)
    assert [line["ms_p50"] for line in lines] == ["", "1.0", "20.0", "", ""]
    assert [line["error"] for line in lines] == ["", "", "", "crashed: SIGILL", ""]
    assert (lines[-1]["celsius_most"], lines[-1]["fps"], lines[-1]["dropped"]) == ("61.5", "14.8", "1")


def test_an_emulated_box_has_no_speeds() -> None:
    emulated = without_speeds(replace(FULL, box=replace(BOX, emulated=True)))
    assert all(row.found.times is None and row.found.int8_peak is None for row in emulated.rows)
    assert all(row.found.pipeline is None and row.found.load_s is None for row in emulated.rows)
    assert (emulated.advice, emulated.drift, emulated.load) == (None, None, None)
    (line,) = (line for line in shown(rows_table(emulated)).splitlines() if line.split()[:2] == ["small", "openvino"])
    assert line.split() == ["small", "openvino", "4", "whole", "ran"]


@given(st.floats(0.1, 1000), st.floats(0.1, 1000))
def test_a_comparison_knows_which_is_faster(before: float, after: float) -> None:
    (pair,) = pairs(report(network("small", before)), report(network("small", after)))
    assert pair.took is not None
    assert pair.took.middle == pytest.approx(after / before, rel=0.01)
    if abs(after - before) > 0.01 * before:
        assert verdict(pair) == ("faster" if after < before else "slower")


def test_only_the_same_measurement_is_compared() -> None:
    other = report(
        network("small", 20, threads=2),
        network("small", 20, size="320x180"),
        network("large", 20),
        failed("small", "no", runtime="openvino"),
    )
    assert not list(pairs(FULL, other))
    (pair,) = pairs(FULL, report(peak(200, 25)))
    assert verdict(pair) == "peak x2.00"


def test_what_one_report_lacks_is_said_with_the_reason() -> None:
    before = report(network("small", 20), network("large", 90), failed("slow", "stopped after 9 s"))
    after = report(failed("small", "crashed: SIGILL", runtime="openvino"), network("other", 5))
    assert list(missing(before, after)) == [
        "small, openvino, 4 threads: no result in B: crashed: SIGILL",
        "large, openvino, 4 threads: not measured in B",
        "other, openvino, 4 threads: not measured in A",
    ]
    assert not list(missing(FULL, FULL))


def test_a_file_that_cannot_be_written_is_told_before_the_benchmark(tmp_path: Path) -> None:
    check_writable(tmp_path / "a.json")
    assert not list(tmp_path.iterdir()), "the check leaves nothing behind"
    for path in (tmp_path, tmp_path / "none" / "a.json"):
        with pytest.raises(OutputError):
            check_writable(path)
