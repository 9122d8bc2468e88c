"""Whatever becomes of a job, there is a row. Real processes, that do what a broken engine does."""

import json
import sys
from dataclasses import asdict

import pytest

from edge_vsr.bench.jobs import Found, Job, Row
from edge_vsr.bench.process import run
from edge_vsr.bench.times import Times
from edge_vsr.heat import FakeHeat, Heat
from edge_vsr.typed import typed

JOB = Job("network", "ear-s-x2", "openvino", 2)
FOUND = Found(times=Times.of([0.01, 0.02]), load_s=1.0, peak_mib=100.0, scale=2, gmac=3.0, float_ratio=2.0)


def outcome(program: str, seconds: float = 60.0, sensor: FakeHeat | None = None) -> Row:
    return run(JOB, sensor or FakeHeat(), seconds, lambda: None, (sys.executable, "-c", program))


def test_what_a_job_found_becomes_its_row() -> None:
    row = outcome(f"print({json.dumps(asdict(FOUND))!r})")
    assert (row.job, row.found) == (JOB, FOUND)
    assert row.gmacs == pytest.approx(200)


@pytest.mark.parametrize(
    ("program", "says"),
    [
        ("import os; os.kill(os.getpid(), 4)", "crashed: SIGILL"),
        ("import os; os.abort()", "crashed: SIGABRT"),
        ("raise SystemExit('no such instruction')", "crashed: exit code 1; no such instruction"),
        ("print('hello')", "it answered nothing that can be read"),
        ("", "it answered nothing that can be read"),
        ("import time; time.sleep(600)", "stopped after 1 s"),
    ],
)
def test_a_job_that_fails_is_a_row_that_says_so(program: str, says: str) -> None:
    row = outcome(program, seconds=1.0 if "sleep" in program else 60.0)
    assert row.found == Found(error=says)


def test_heat_over_a_job_is_in_its_row() -> None:
    hot = FakeHeat(Heat(celsius=81.0, limit=80.0, throttled=True, under_voltage=True))
    row = outcome("", sensor=hot)
    assert (row.celsius, row.throttled, row.under_voltage) == ((81.0, 81.0), True, True)


def test_a_row_survives_json() -> None:
    row = outcome(
        f"print({json.dumps(asdict(FOUND))!r})", sensor=FakeHeat(Heat(50.0, 80.0, throttled=False, under_voltage=False))
    )
    assert typed(Row, json.loads(json.dumps(asdict(row))), "a row") == row
