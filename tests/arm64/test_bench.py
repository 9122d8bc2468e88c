"""`edge-vsr bench` on ARM64: all of it runs, and what an emulator takes is nowhere shown as a speed."""

import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from edge_vsr.bench.jobs import Found
from edge_vsr.bench.report import Report

BENCH = (sys.executable, "-c", "from edge_vsr.cli import main; main()", "bench", "--quick")
BRIEF = ("--model", "ear-s-x2", "--size", "64x64", "--threads", "1", "--fps", "1", "--seconds", "15")
PLAN = ["resize", "resize", "network", "pipeline"]
"""Without the machine's peak, which is nothing but a speed."""
TOO_SLOW = "the box made too few frames"
"""For whoever sits in an emulator on a busy machine; the pipeline ran all the same."""


@pytest.mark.parametrize("runtime", ["onnxruntime", "openvino"])
def test_bench_runs_everything_and_shows_no_speed(runtime: str, tmp_path: Path) -> None:
    files = ("--json", str(tmp_path / "a.json"), "--csv", str(tmp_path / "a.csv"))
    done = subprocess.run([*BENCH, *BRIEF, "--runtime", runtime, *files], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    report = Report.load_from(tmp_path / "a.json")
    assert report.box.emulated
    assert [row.job.kind for row in report.rows] == PLAN, done.stdout
    *rows, whole = (row.found for row in report.rows)
    for found in rows:
        assert found == Found(scale=found.scale, gmac=found.gmac), done.stdout
    assert replace(whole, error=None) == Found(scale=whole.scale), done.stdout
    assert whole.error is None or whole.error.startswith(TOO_SLOW), done.stdout
    assert (report.advice, report.drift, report.doubts()) == (None, None, ())
    assert "this processor is emulated" in done.stdout
    ran = re.findall(r"^(?:bicubic|lanczos|ear-s-x2) .* ran *$", done.stdout, re.MULTILINE)
    assert len(ran) == 3, done.stdout
    assert not re.search(r"frames/s,|advice|saved", done.stdout)


def test_an_emulator_s_speed_is_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    done = subprocess.run([*BENCH, "--save"], capture_output=True, text=True, check=False)
    assert done.returncode == 2, done.stderr
    assert "no speed to save" in done.stderr
    assert not list(tmp_path.iterdir())
