"""Our adapter over a real Picamera2() over libcamera's virtual camera; `run` beside this file makes the machine."""

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import libcamera_virtual  # type: ignore[import-not-found]  # beside this file
import numpy as np
import pytest

import edge_vsr
from edge_vsr.camera.base import Camera, CaptureWish
from edge_vsr.camera.open import open_camera
from edge_vsr.camera.status import status_of
from edge_vsr.clock import SystemClock
from edge_vsr.errors import CameraNotFound
from edge_vsr.frame import Frame, Matrix, Range, Size

# picamera2's own: an old call, and a pipe left open by a camera that could not be opened
pytestmark = [
    pytest.mark.filterwarnings("ignore:setDaemon"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

VGA, HD = Size(640, 480), Size(1280, 720)

libcamera_virtual.accept_virtual_camera()


@contextmanager
def opened(spec: str = "picamera:0", wish: CaptureWish | None = None) -> Iterator[Camera]:
    with closing(open_camera(spec, wish or CaptureWish(), SystemClock(), threading.Event())) as camera:
        yield camera


def frames_from(camera: Camera, count: int) -> list[Frame]:
    frames = [camera.read() for _ in range(count)]
    assert None not in frames
    return [frame for frame in frames if frame is not None]


@pytest.fixture
def stamps(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """SensorTimestamp of each picture taken, in seconds."""
    from picamera2.request import CompletedRequest

    seen: list[float] = []
    get_metadata = CompletedRequest.get_metadata

    def get_and_note(self: Any) -> dict[str, Any]:
        metadata: dict[str, Any] = get_metadata(self)
        seen.append(metadata["SensorTimestamp"] / 1e9)
        return metadata

    monkeypatch.setattr(CompletedRequest, "get_metadata", get_and_note)
    return seen


def test_the_package_is_the_installed_one() -> None:
    assert Path(edge_vsr.__file__).is_relative_to(sys.prefix)


@pytest.mark.parametrize(("size", "matrix"), [(VGA, Matrix.BT601), (HD, Matrix.BT709)], ids=str)
def test_pictures_have_the_size_and_the_colour_of_the_camera(size: Size, matrix: Matrix) -> None:
    with opened(wish=CaptureWish(size)) as camera:
        assert (camera.name, camera.live, camera.rate) == ("picamera:0", True, Fraction(30))
        frames = frames_from(camera, 5)
    for frame in frames:
        assert frame.size == size
        assert (frame.matrix, frame.range) == (matrix, Range.LIMITED)
        assert frame.y.shape == (size.height, size.width)
        assert frame.u.shape == frame.v.shape == (size.height // 2, size.width // 2)
        for plane in (frame.y, frame.u, frame.v):
            assert plane.dtype == np.uint8
            assert plane.strides[0] >= plane.shape[1]
            assert plane.strides[1] == 1
        blue, red = (np.unravel_index(plane.argmax(), plane.shape)[1] * 2 for plane in (frame.u, frame.v))
        assert frame.y[0, blue] < frame.y[0, red] < frame.y.max(), "these are not the colour bars"


def test_a_size_that_the_camera_does_not_have_is_made() -> None:
    with opened(wish=CaptureWish(Size(502, 300))) as camera:
        assert {frame.size for frame in frames_from(camera, 3)} == {Size(502, 300)}


def test_numbers_go_up_and_times_are_the_sensors(stamps: list[float]) -> None:
    """Here the clock that counts the time asleep is an hour ahead; see `run`."""
    clock = SystemClock()
    began = clock.monotonic()
    with opened(wish=CaptureWish(VGA)) as camera:
        frames = frames_from(camera, 100)
        ended = clock.monotonic()
        apart = clock.wall() - clock.monotonic()
    for before, after in pairwise(frames):
        assert after.number > before.number
        assert after.time > before.time
    for frame in frames:
        assert began <= frame.time <= ended
        assert np.abs(np.array(stamps) - frame.time).min() < 1e-6
        assert frame.wall - frame.time == pytest.approx(apart, abs=0.1)


def test_the_first_camera_is_libcameras() -> None:
    with opened("0") as camera:
        assert camera.name == "picamera:0"
        frames_from(camera, 3)


def test_a_closed_camera_can_be_opened_again() -> None:
    for size in (VGA, HD) * 3:
        with opened(wish=CaptureWish(size)) as camera:
            assert {frame.size for frame in frames_from(camera, 3)} == {size}
        assert camera.read() is None


def test_a_camera_in_use_is_named_with_the_reason() -> None:
    with opened() as camera:
        with pytest.raises(CameraNotFound) as caught, opened():
            pass
        frames_from(camera, 3)
    assert str(caught.value) == (
        "picamera:0 cannot be opened: Failed to acquire camera: Device or resource busy; is another program using it?"
    )


def test_an_unknown_camera_is_answered_with_those_there_are() -> None:
    with pytest.raises(CameraNotFound) as caught, opened("picamera:3"):
        pass
    assert str(caught.value) == "no picamera:3; there is picamera:0 (Virtual Video Device)"


def fall_silent(device: Any) -> None:
    device.process_requests = lambda preview: None


def fail(device: Any) -> None:
    device.camera.stop()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
@pytest.mark.parametrize("happens", [fall_silent, fail])
def test_a_lost_camera_is_let_go_and_comes_back(happens: Callable[[Any], None]) -> None:
    from picamera2 import Picamera2

    with opened(wish=CaptureWish(patience=1)) as camera:
        earlier = frames_from(camera, 3)
        happens(Picamera2._cm.cameras[0])
        later = frames_from(camera, 20)
        assert status_of(camera).reopened == 1
    assert later[0].number > earlier[-1].number
    assert all(after.time >= before.time for before, after in pairwise(earlier + later))


@pytest.mark.parametrize("spec", ["picamera:0", "0"])
def test_a_run_makes_segments_that_play(spec: str, tmp_path: Path) -> None:
    options = ["--camera", spec, "--uplink", tmp_path / "out", "--spool", tmp_path / "spool", "--seconds", "5"]
    command = [sys.executable, libcamera_virtual.__file__, "run", *map(str, options), "--sr", "off"]
    run = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60, check=False)
    assert run.returncode == 0, run.stdout
    assert "picamera:0 to" in run.stdout
    segments = sorted((tmp_path / "out").glob("*.ts"))
    assert len(segments) >= 2, run.stdout
    counts = [pictures_in(segment) for segment in segments]
    assert all(counts), counts
    [playlist] = (tmp_path / "out").glob("*.m3u8")
    assert pictures_in(playlist) == sum(counts)


def pictures_in(video: Path) -> int:
    with av.open(f"file:{video}") as container:
        pictures = list(container.decode(video=0))
    assert {(picture.width, picture.height) for picture in pictures} == {(HD.width, HD.height)}
    assert all(after > before for before, after in pairwise(picture.pts or 0 for picture in pictures))
    return len(pictures)
