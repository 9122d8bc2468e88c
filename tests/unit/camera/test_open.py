import threading
from fractions import Fraction
from pathlib import Path

import pytest

from edge_vsr.camera import CaptureWish, open_camera, status_of
from edge_vsr.camera import open as door
from edge_vsr.camera.fake import FakeCamera, gray_frame
from edge_vsr.clock import FakeClock
from edge_vsr.errors import CameraNotFound, UsageError
from edge_vsr.frame import Frame, Size
from tests.unit.restoring.videos import write_video


def read_one(spec: str, wish: CaptureWish | None = None) -> Frame:
    camera = open_camera(spec, wish or CaptureWish(), FakeClock(), threading.Event())
    try:
        frame = camera.read()
    finally:
        camera.close()
    assert frame is not None
    return frame


def test_demo_has_the_wished_size() -> None:
    assert read_one("demo", CaptureWish(Size(320, 180), Fraction(10))).size == Size(320, 180)


def test_an_index_is_a_v4l2_device_where_libcamera_has_no_camera(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "libcamera_has_camera", lambda: False)
    with pytest.raises(CameraNotFound, match="/dev/video83"):
        read_one("83")


def test_an_index_is_a_picamera_where_libcamera_has_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "libcamera_has_camera", lambda: True)
    monkeypatch.setattr(door, "open_picamera", lambda index, wish, clock: FakeCamera([gray_frame(luma=40 + index)]))
    assert read_one("2").y[0, 0] == 42


def test_a_usb_camera_is_supervised_and_conformed(monkeypatch: pytest.MonkeyPatch) -> None:
    openings = iter([[gray_frame(0)], [gray_frame(0)]])
    monkeypatch.setattr(door, "open_v4l2", lambda target, name, wish, clock: FakeCamera(next(openings), name=name))
    camera = open_camera("/dev/video0", CaptureWish(Size(20, 10)), FakeClock(), threading.Event())
    frames = [camera.read(), camera.read()]
    camera.close()
    assert [(frame.number, frame.size) for frame in frames if frame] == [(0, Size(20, 10)), (1, Size(20, 10))]
    assert status_of(camera).reopened == 1
    assert camera.name == "/dev/video0"


def test_a_slip_is_raised_at_once() -> None:
    with pytest.raises(UsageError):
        read_one("ftp://host/x")


@pytest.mark.parametrize(
    ("wish", "seconds"),
    [
        (CaptureWish(), 10),
        (CaptureWish(rate=Fraction(30)), 10),
        (CaptureWish(rate=Fraction(1, 6)), 30),
        (CaptureWish(rate=Fraction(2), patience=1), 2.5),
    ],
)
def test_patience_grows_for_slow_cameras(wish: CaptureWish, seconds: float) -> None:
    assert wish.longest_silence() == seconds


@pytest.mark.parametrize(
    ("spec", "wish", "lossy"),
    [
        ("demo", CaptureWish(), False),
        ("picamera:0", CaptureWish(), False),
        ("rtsp://camera/a", CaptureWish(), True),
        ("http://camera/a.mjpg", CaptureWish(), True),
        ("/dev/video0", CaptureWish(), True),
        ("/dev/video0", CaptureWish(Size(1280, 720)), True),
        ("/dev/video0", CaptureWish(Size(640, 360), Fraction(15)), False),
        ("0", CaptureWish(), True),
    ],
)
def test_what_loses_something_before_it_comes_here(
    spec: str, wish: CaptureWish, lossy: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(door, "libcamera_has_camera", lambda: False)
    assert door.is_lossy(spec, wish) is lossy


def test_an_index_that_libcamera_has_loses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "libcamera_has_camera", lambda: True)
    assert not door.is_lossy("0", CaptureWish())


@pytest.mark.parametrize(("codec", "lossy"), [("libx264", True), ("ffv1", False)])
def test_a_file_is_what_its_codec_is(codec: str, lossy: bool, tmp_path: Path) -> None:
    assert door.is_lossy(str(write_video(tmp_path / "a.mkv", 3, codec=codec)), CaptureWish()) is lossy
