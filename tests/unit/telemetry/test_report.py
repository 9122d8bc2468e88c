"""What a run leaves for `edge-vsr status`."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from edge_vsr.camera.status import CameraState
from edge_vsr.clock import FakeClock
from edge_vsr.heat import FakeHeat
from edge_vsr.part import PartStatus
from edge_vsr.pipeline import RunStatus
from edge_vsr.telemetry.report import Report
from edge_vsr.telemetry.state import LARGEST, NAME, RunState, read_states
from edge_vsr.uplink.disk import SpoolState

WELL = RunStatus(15.0, 15.0, None, 90.0, 0, CameraState.OPEN, "up", encoded=9, captured=9)


def told(status: RunStatus, folder: Path) -> RunState:
    report = Report(
        "demo to out", FakeClock(), FakeHeat(), listen=None, folder=folder / "front", words=lambda _: "", pid=1
    )
    with report:
        report.show(status)
        (state,) = dict(read_states(folder)).values()
    return state


def test_a_run_that_is_well_has_nothing_to_tell(tmp_path: Path) -> None:
    state = told(WELL, tmp_path)
    assert (state.well, state.errors) == (True, [])
    assert not list(read_states(tmp_path)), "it is left behind"


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (
            WELL.beside(PartStatus("camera", "away", "gone", "gone", 7, 21.4)),
            "camera away: gone (failures: 7, next try in 21 s)",
        ),
        (
            WELL.beside(PartStatus("encoder", "failed", "why", "why", 2, 0.4)),
            "encoder failed: why (failures: 2, next try now)",
        ),
        (replace(WELL, spool=SpoolState.UNKNOWN_FILES), "spool: unknown-files"),
        (replace(WELL, hanging=("encode",)), "encode hangs"),
    ],
)
def test_what_is_not_well_is_told_with_its_next_try(tmp_path: Path, status: RunStatus, error: str) -> None:
    state = told(status, tmp_path)
    assert (state.well, state.errors) == (False, [error])
    assert [PartStatus(**part) for part in state.parts] == list(status.parts)


def test_a_state_that_could_not_be_written_is_written_again(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    clock, folder = FakeClock(), tmp_path / "front"
    folder.write_text("in the way")
    report = Report("demo to out", clock, FakeHeat(), listen=None, folder=folder, words=lambda _: "", pid=1)
    with report:
        for _ in range(3):
            report.show(WELL)
            clock.advance(1.0)
        assert len(caplog.records) == 1
        folder.unlink()
        report.show(WELL)
        assert dict(read_states(tmp_path)).keys() == {"front"}


def test_a_service_that_was_broken_into_neither_holds_up_who_looks_nor_fills_the_memory(tmp_path: Path) -> None:
    told(WELL, tmp_path)
    paths = [tmp_path / name / NAME for name in ("pipe", "link", "large", "parts")]
    for path in paths:
        path.parent.mkdir()
    pipe, link, large, parts = paths
    os.mkfifo(pipe)
    link.symlink_to("/dev/zero")
    with large.open("wb") as file:
        file.truncate(LARGEST << 20)
    fields = '"name": "", "pid": 1, "at": 1, "well": true, "words": "", "reason": null, "errors": [], "metrics": null'
    parts.write_text(f'{{{fields}, "figures": {{}}, "parts": [{{}}]}}')
    assert not list(read_states(tmp_path))
