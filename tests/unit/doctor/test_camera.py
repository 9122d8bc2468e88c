"""The camera that a configuration names, as `doctor` finds it."""

from pathlib import Path

import pytest

from edge_vsr.camera.base import CaptureWish
from edge_vsr.camera.fake import FakeCamera, gray_frame
from edge_vsr.doctor import camera as doctor_camera
from edge_vsr.doctor.camera import check_camera
from edge_vsr.doctor.finding import Finding, Level
from edge_vsr.telemetry.state import RunState, write_state

SECRET = "S3CR3T"
WISH = CaptureWish()


def found(spec: str, runs: Path) -> list[Finding]:
    return list(check_camera(spec, WISH, runs=runs, patience=0.2))


def test_the_demo_is_always_there(tmp_path: Path) -> None:
    assert found("demo", tmp_path) == []


@pytest.mark.parametrize(
    ("spec", "says", "fix"),
    [
        (f"rtsp://u:{SECRET}@127.0.0.1:9/cam", "rtsp://***@127.0.0.1:9/cam: nothing listens there", "the port"),
        ("/dev/no-camera", "no camera /dev/no-camera", "ls /dev/v4l/by-id"),
        ("picamera:0", "is missing", "sudo apt install python3-picamera2"),
        (f"ftp://u:{SECRET}@host/x", "ftp:// is not read", "use one of: demo"),
        ("missing.mp4", "no file 'missing.mp4'", "name one of: demo"),
    ],
)
def test_one_that_is_not_there_is_an_error_with_what_to_do(tmp_path: Path, spec: str, says: str, fix: str) -> None:
    (finding,) = found(spec, tmp_path)
    assert (finding.name, finding.level) == ("camera", Level.ERROR)
    assert says in finding.text
    assert fix in finding.fix
    assert SECRET not in finding.text + finding.fix


def test_one_that_gives_pictures_tells_their_size_and_rate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    there = FakeCamera([gray_frame()], name="rtsp://h/cam")
    monkeypatch.setattr(doctor_camera, "open_camera", lambda *_: there)
    (finding,) = found("rtsp://h/cam", tmp_path)
    assert (finding.level, finding.text) == (Level.OK, "rtsp://h/cam gives 64x48 at 25 fps")
    assert there.closed, "the run that comes next cannot have it"


def test_one_that_opens_and_gives_nothing_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor_camera, "open_camera", lambda *_: FakeCamera([], name="picamera:0"))
    (finding,) = found("picamera:0", tmp_path)
    assert (finding.level, finding.text) == (Level.ERROR, "picamera:0 has no picture")


def test_one_that_a_service_has_is_left_to_it(tmp_path: Path) -> None:
    state = RunState("rtsp://***@h/cam to out", 1, 0.0, True, "", None, [], None, {})
    write_state(tmp_path / "front", state)
    (finding,) = found(f"rtsp://u:{SECRET}@h/cam", tmp_path)
    assert (finding.level, finding.text) == (
        Level.OK, "rtsp://***@h/cam is the service's: edge-vsr status front",
    )  # fmt: skip
