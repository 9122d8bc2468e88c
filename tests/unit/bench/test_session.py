"""A benchmark from beginning to end, with jobs that take no time but that of a clock."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from edge_vsr.bench.jobs import Found, Job, Pipeline, Row
from edge_vsr.bench.machine import Box
from edge_vsr.bench.plan import PACES, Mode
from edge_vsr.bench.report import Report
from edge_vsr.bench.session import Session, Wish
from edge_vsr.bench.times import Times
from edge_vsr.clock import FakeClock
from edge_vsr.frame import Size
from edge_vsr.heat import FakeHeat, HeatSensor
from edge_vsr.sr.engines import RUNTIMES
from edge_vsr.sr.store import bundled_store
from tests.unit.bench.rows import BOX

MODELS = {"ear-s-x2": bundled_store().find("ear-s-x2")}
WISH = Wish(Mode.QUICK, MODELS, tuple(RUNTIMES), (2,), Size(640, 360), 15.0, "ear-s-x2")


class Engine:
    """Finds something at once, and takes the time that it is told to take for a job."""

    def __init__(self, clock: FakeClock, takes: float = 1.0) -> None:
        self.clock = clock
        self.takes = takes
        self.asked: list[Job] = []
        self.peaks = iter([100.0, 50.0, 80.0])

    def __call__(self, job: Job, sensor: HeatSensor, most: float, tick: Callable[[], None]) -> Row:
        self.asked.append(job)
        if self.takes > most:
            self.clock.advance(most)
            return Row(job, Found(error=f"stopped after {most:.0f} s"))
        self.clock.advance(self.takes)
        tick()
        match job.kind:
            case "peak":
                return Row(job, Found(int8_peak=next(self.peaks), fp32_peak=10.0))
            case "pipeline":
                return Row(job, Found(pipeline=Pipeline(15.0, 15.0, 60, 0, 3.0, 1.0)))
        return Row(job, Found(times=Times.of([0.01] * 3), gmac=1.0))


def benchmark(takes: float = 1.0, wish: Wish = WISH) -> tuple[Report, Engine]:
    clock = FakeClock()
    engine = Engine(clock, takes)
    return Session(wish, FakeHeat(), lambda *_: None, clock, measure=engine).report(), engine


def test_the_highest_peak_is_looked_at_again_and_the_pipeline_runs_what_is_advised() -> None:
    report, engine = benchmark()
    kinds = [job.kind for job in engine.asked]
    assert kinds == ["peak", "peak", "resize", "resize", "network", "network", "peak", "pipeline"]
    assert report.drift == 0.8
    assert engine.asked[-2].runtime == "onnxruntime"
    assert report.advice is not None
    assert (engine.asked[-1].model, engine.asked[-1].runtime) == ("ear-s-x2", report.advice.runtime)
    assert report.advice.because[-1].startswith("the whole pipeline made 15.0 of 15")


@pytest.mark.parametrize("takes", [0.5, 5.0, 12.0, 100.0])
def test_quick_is_over_in_time_however_slow_the_box(takes: float) -> None:
    report, engine = benchmark(takes)
    assert engine.clock.monotonic() - FakeClock().monotonic() <= (PACES[Mode.QUICK].total or 0)
    planned = [row for row in report.rows if row.job.kind != "pipeline"]
    assert len(planned) == 6, "what there was no time for is a row as well"
    if takes >= 12:
        assert any("left out: no time" in (row.found.error or "") for row in planned)


def test_without_quick_everything_is_measured_for_as_long_as_it_takes() -> None:
    report, _ = benchmark(takes=300, wish=replace(WISH, mode=Mode.USUAL))
    assert not [row.found.error for row in report.rows if row.found.error]


def test_a_runtime_that_is_not_installed_is_a_row_that_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edge_vsr.sr.engines.installed_runtimes", lambda: ("onnxruntime",))
    report, engine = benchmark()
    missing = [row for row in report.rows if row.job.runtime == "openvino"]
    assert missing
    assert all("pip install 'edge-vsr[openvino]'" in (row.found.error or "") for row in missing)
    assert "openvino" not in [job.runtime for job in engine.asked]
    assert report.advice is not None
    assert report.advice.runtime == "onnxruntime"


def test_an_emulated_box_gets_no_advice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Box, "this", classmethod(lambda cls: replace(BOX, emulated=True)))
    report, engine = benchmark(takes=100)
    assert report.advice is None
    assert all(row.found.times is None for row in report.rows)
    assert not [row.found.error for row in report.rows if row.found.error], "an emulator keeps no minute"
    assert [job.kind for job in engine.asked] == ["resize", "resize", "network", "network", "pipeline"]


def test_a_model_of_the_box_is_looked_for_where_it_is() -> None:
    _, engine = benchmark(wish=replace(WISH, folders={"ear-s-x2": "/its/own"}))
    assert {job.store for job in engine.asked if job.kind in ("network", "pipeline")} == {"/its/own"}


def test_a_pipeline_that_fails_is_a_row_and_no_advice_to_super_resolve() -> None:
    def measure(job: Job, sensor: HeatSensor, most: float, tick: Callable[[], None]) -> Row:
        return Row(job, Found(error="crashed: SIGILL")) if job.kind == "pipeline" else engine(job, sensor, most, tick)

    clock = FakeClock()
    engine = Engine(clock)
    report = Session(WISH, FakeHeat(), lambda *_: None, clock, measure=measure).report()
    assert report.rows[-1].found.error == "crashed: SIGILL"
    assert report.advice is not None
    assert report.advice.most == "native"
