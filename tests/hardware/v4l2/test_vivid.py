"""Our V4L2 adapter on real devices of the kernel's own test driver, vivid; `run` beside this file makes the machine."""

import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import pytest

from edge_vsr.camera.base import Camera, CaptureWish
from edge_vsr.camera.capabilities import capabilities_of
from edge_vsr.camera.open import open_camera
from edge_vsr.camera.status import CameraState, status_of
from edge_vsr.clock import SystemClock
from edge_vsr.doctor.cameras import check_cameras
from edge_vsr.errors import CameraNotFound
from edge_vsr.frame import Frame, Size

DRIVER = Path("/sys/bus/platform/drivers/vivid")
DEVICE = "vivid.0"
"""One device of the bus with two cameras; pulled out they go both."""
WISH = CaptureWish(Size(320, 180), Fraction(10), patience=60.0)


@contextmanager
def opened(spec: str = "/dev/video0", wish: CaptureWish = WISH) -> Iterator[Camera]:
    with closing(open_camera(spec, wish, SystemClock(), threading.Event())) as camera:
        yield camera


def frames_from(camera: Camera, count: int) -> list[Frame]:
    frames = [camera.read() for _ in range(count)]
    assert None not in frames
    return [frame for frame in frames if frame is not None]


def unplug() -> None:
    (DRIVER / "unbind").write_text(DEVICE)


def plug() -> None:
    (DRIVER / "bind").write_text(DEVICE)


def numbers() -> list[int]:
    """Of the two cameras."""
    folders = (DRIVER / DEVICE / "video4linux").glob("video*")
    return sorted(int(folder.name.removeprefix("video")) for folder in folders)


def load(*numbers: int) -> None:
    """Two cameras with these numbers, and nothing else."""
    words = ["n_devs=2", "node_types=0x1,0x1", "num_inputs=1,1", "input_types=0x0,0x0"]
    subprocess.run(["modprobe", "vivid", *words, f"vid_cap_nr={numbers[0]},{numbers[1]}"], check=True)


def unload() -> None:
    """Once nobody has a camera open any more."""
    for _ in range(600):
        if subprocess.run(["modprobe", "-r", "vivid"], capture_output=True, check=False).returncode == 0:
            return
        time.sleep(0.1)
    raise AssertionError("somebody keeps a camera open")


@pytest.fixture(scope="module", autouse=True)
def cameras() -> Iterator[None]:
    load(0, 1)
    yield
    unload()


@pytest.mark.parametrize("spec", ["0", "/dev/video1"])
def test_a_camera_gives_what_was_asked_for(spec: str) -> None:
    with opened(spec) as camera:
        assert (camera.live, camera.rate) == (True, Fraction(10))
        frames = frames_from(camera, 5)
    assert {frame.size for frame in frames} == {Size(320, 180)}
    assert all(later.time > earlier.time for earlier, later in pairwise(frames))
    assert all(later.number > earlier.number for earlier, later in pairwise(frames))
    assert frames[0].y.std() > 10, "a test picture has bars"


@pytest.mark.parametrize("size", [Size(640, 360), Size(400, 300)])
def test_a_size_that_it_has_and_one_that_it_has_not(size: Size) -> None:
    with opened(wish=CaptureWish(size, Fraction(5), patience=60.0)) as camera:
        assert {frame.size for frame in frames_from(camera, 3)} == {size}


def test_without_a_wish_it_has_a_size_of_its_own() -> None:
    with opened(wish=CaptureWish(patience=60.0)) as camera:
        (frame,) = frames_from(camera, 1)
    assert frame.size.width >= 320


def test_a_camera_in_use_and_one_that_is_not_there_are_named() -> None:
    with opened(), pytest.raises(CameraNotFound, match=r"in use by another program; close it: fuser"), opened():
        pass
    with pytest.raises(CameraNotFound, match=r"no camera /dev/video7; it is unplugged"), opened("7"):
        pass


def came_back(camera: Camera) -> Frame:
    """The first frame after a loss."""
    for _ in range(1000):
        (frame,) = frames_from(camera, 1)
        if status_of(camera).reopened:
            return frame
    raise AssertionError("it never was away")


def later(action: Callable[[], None]) -> threading.Timer:
    timer = threading.Timer(2.0, action)
    timer.start()
    return timer


def test_a_camera_that_is_pulled_out_and_put_back_recovers() -> None:
    with opened() as camera:
        before = frames_from(camera, 3)[-1]
        unplug()
        timer = later(plug)
        after = came_back(camera)
        timer.join()
        assert status_of(camera).state is CameraState.OPEN
    assert after.number > before.number
    assert after.time > before.time


def test_a_camera_that_comes_back_under_another_number_recovers() -> None:
    with opened() as camera:
        frames_from(camera, 3)
        unplug()

        def back_as_others() -> None:
            unload()
            load(4, 5)

        timer = later(back_as_others)
        came_back(camera)
        timer.join()
        assert numbers() == [4, 5]
        with pytest.raises(CameraNotFound, match="in use"), opened("/dev/video4"):
            pass
        with opened("/dev/video5") as other:
            frames_from(other, 1)
    unload()
    load(0, 1)


def test_what_it_can_do_is_told() -> None:
    capabilities = capabilities_of(Path("/dev/video0"))
    assert capabilities is not None
    assert capabilities.name == "vivid"
    (mode,) = [one for one in capabilities.formats["YUYV"] if one.largest == (320, 180)]
    assert len(mode.rates) > 1
    findings = [finding for finding in check_cameras() if finding.name == "video0"]
    assert "YUYV 320x180 at " in findings[0].text
