"""`edge-vsr bench` as a user runs it, on frames so small and for so short that no figure means anything."""

import csv
import json
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from edge_vsr.bench.macs import gmac
from edge_vsr.bench.plan import PACES, Mode
from edge_vsr.bench.report import Report
from edge_vsr.frame import Size
from edge_vsr.sr.store import bundled_store
from tests.integration.command import Outcome, edge_vsr, started

pytestmark = pytest.mark.timeout(900)

# Without --quick: a busy machine would need its minute for the engines' start alone. test_session holds it to that
# minute by a clock.
SHORT = ("--size", "96x64", "--frames", 3, "--seconds", 0.2, "--threads", 1)
RUNTIME = "onnxruntime"
"""The one that is there on every machine."""


class Benchmark:
    """One benchmark, that all tests look at."""

    def __init__(self, folder: Path) -> None:
        self.state, self.json, self.csv, self.png = (folder / name for name in ("state", "a.json", "a.csv", "a.png"))
        files = ("--json", self.json, "--csv", self.csv, "--plot", self.png)
        arguments = ("bench", *SHORT, "--runtime", RUNTIME, "--model", "ear-s-x2", "--fps", 2, *files, "--save")
        with started(*arguments, state=self.state) as command:
            self.outcome = command.ended(seconds=600)
        assert self.outcome.code == 0, self.outcome.output
        self.report = Report.load_from(self.json)


@pytest.fixture(scope="module")
def benchmark(tmp_path_factory: pytest.TempPathFactory) -> Benchmark:
    return Benchmark(tmp_path_factory.mktemp("bench"))


def test_it_measures_everything(benchmark: Benchmark) -> None:
    report = benchmark.report
    kinds = [row.job.kind for row in report.rows]
    assert kinds == ["peak", "resize", "resize", "network", "pipeline"]
    assert not [row.found.error for row in report.rows if row.found.error], benchmark.outcome.output
    (network,) = report.of_kind("network")
    found = network.found
    assert found.times is not None
    assert found.times.frames == 3
    assert found.gmac == pytest.approx(gmac(bundled_store().find("ear-s-x2"), Size(96, 64)), rel=1e-3)
    assert all(figure and figure > 0 for figure in (found.load_s, found.peak_mib, found.float_ratio, network.gmacs))
    (peak,) = report.of_kind("peak")
    assert (peak.found.int8_peak or 0) > 0
    (whole,) = report.of_kind("pipeline")
    assert whole.found.pipeline is not None
    stages = {stage.name for stage in whole.found.pipeline.stages}
    assert stages == {"capture", "prepare", "super-resolution", "encode", "store"}
    assert whole.found.pipeline.frames > 0


def test_it_shows_a_table_and_advice(benchmark: Benchmark) -> None:
    output = benchmark.outcome.output
    for part in ("ms p50", "bicubic", "lanczos", "of INT8 peak", "stage of the pipeline", "advice for 96x64 at 2"):
        assert part in output
    assert benchmark.report.advice is not None
    assert benchmark.report.advice.model == "ear-s-x2"


def test_its_files_are_what_their_names_say(benchmark: Benchmark) -> None:
    with benchmark.csv.open() as file:
        assert [line["kind"] for line in csv.DictReader(file)] == [row.job.kind for row in benchmark.report.rows]
    assert benchmark.png.read_bytes().startswith(b"\x89PNG")


def test_two_reports_are_compared(benchmark: Benchmark) -> None:
    compared = edge_vsr("bench", "--compare", benchmark.json, benchmark.json, state=benchmark.state)
    assert compared.code == 0, compared.output
    (line,) = (line for line in compared.output.splitlines() if line.startswith("ear-s-x2"))
    assert "1.00 (" in line
    assert "no difference that can be told" in line


def test_run_uses_what_was_saved(benchmark: Benchmark, tmp_path: Path) -> None:
    run = ("run", "--camera", "demo", "--uplink", tmp_path / "out", "--seconds", 0.5, "--size", "96x64")
    quiet = ("--metrics", "off", "--rung", "native", "--log-format", "text")
    outcome = edge_vsr(*run, *quiet, state=benchmark.state)
    assert outcome.code == 0, outcome.output
    assert f"profile.json: model ear-s-x2, runtime {RUNTIME}, threads 1" in outcome.output


def test_a_flag_counts_before_what_was_saved(benchmark: Benchmark, tmp_path: Path) -> None:
    outcome = restored(benchmark.state, tmp_path, "--model", "bicubic")
    assert f"profile.json: runtime {RUNTIME}, threads 1" in outcome.output


def test_a_profile_of_another_version_is_ignored_in_one_line(benchmark: Benchmark, tmp_path: Path) -> None:
    there = benchmark.state / "edge-vsr" / "profile.json"
    here = tmp_path / "state" / "edge-vsr" / "profile.json"
    here.parent.mkdir(parents=True)
    here.write_text(json.dumps({**json.loads(there.read_text()), "version": "0.0.1"}))
    outcome = restored(tmp_path / "state", tmp_path)
    lines = [line for line in outcome.output.splitlines() if "profile" in line]
    assert len(lines) == 1
    assert f"the profile {here} is ignored: it is of edge-vsr 0.0.1" in lines[0]


def restored(state: Path, folder: Path, *flags: object) -> Outcome:
    """A small picture, restored."""
    cv2.imwrite(str(folder / "in.png"), np.full((8, 8), 90, np.uint8))
    outcome = edge_vsr("restore", folder / "in.png", folder / "out.png", *flags, state=state)
    assert outcome.code == 0, outcome.output
    assert (folder / "out.png").exists()
    return outcome


@pytest.fixture
def nothing_left(tmp_path: Path) -> Iterator[Path]:
    """A folder that must be as empty after a refusal as before."""
    yield tmp_path
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("--quick", "--full"), 2, "give one"),
        (("--size", "97x64"), 2, "sides must be even and at least 64"),
        (("--size", "large"), 2, "is not of the form"),
        (("--model", "ear-xl"), 6, "there are: "),
        (("--model", "bicubic"), 2, "it is measured in any case"),
        (("--runtime", "tflite"), 2, "runtime 'tflite' is unknown"),
        (("--runtime", "auto"), 2, "choose onnxruntime or openvino, or none for both"),
        (("--plot", "a.txt"), 2, "give a name that ends in .png"),
        (("--json", "/proc/none/a.json"), 5, "does not exist; make it first"),
        (("--save",), 5, "cannot save the profile"),
        (("--compare", "/none.json", "/none.json"), 4, "cannot be read"),
    ],
)
def test_what_cannot_work_is_refused_before_anything_is_measured(
    nothing_left: Path, arguments: tuple[str, ...], code: int, says: str
) -> None:
    outcome = edge_vsr("bench", *arguments, state=Path("/dev/null"), cwd=nothing_left)
    assert (outcome.code, outcome.output.count("\n")) == (code, 1), outcome.output
    assert says in outcome.output


def test_quick_stops_within_a_minute() -> None:
    # What is left is for the program's own start and for writing what was asked for.
    assert (PACES[Mode.QUICK].total or 60) <= 50
