import threading
from fractions import Fraction
from pathlib import Path

import av
import pytest

from edge_vsr.camera.base import CaptureWish
from edge_vsr.camera.status import CameraState
from edge_vsr.camera.supervisor import SupervisedCamera
from edge_vsr.camera.v4l2 import capture_plans, explain, open_v4l2
from edge_vsr.camera.whereabouts import Whereabouts
from edge_vsr.clock import FakeClock
from edge_vsr.errors import CameraNotFound
from edge_vsr.frame import Size


def formats(wish: CaptureWish) -> list[str | None]:
    return [plan.get("input_format") for plan in capture_plans(wish)]


def test_a_large_picture_is_asked_for_as_mjpeg() -> None:
    assert formats(CaptureWish(Size(1280, 720), Fraction(30))) == ["mjpeg", "yuyv422", None, None]


def test_a_small_picture_is_asked_for_uncompressed() -> None:
    assert formats(CaptureWish(Size(640, 480), Fraction(30))) == ["yuyv422", "mjpeg", None, None]


def test_a_slow_large_picture_is_asked_for_uncompressed() -> None:
    assert formats(CaptureWish(Size(1280, 720), Fraction(10)))[0] == "yuyv422"


def test_without_a_wish_the_camera_chooses_its_size() -> None:
    assert capture_plans(CaptureWish()) == [{"input_format": "mjpeg"}, {"input_format": "yuyv422"}, {}]


def test_size_and_rate_are_asked_for_until_the_last_plan() -> None:
    *plans, last = capture_plans(CaptureWish(Size(960, 540), Fraction(30000, 1001)))
    assert all((plan["video_size"], plan["framerate"]) == ("960x540", "30000/1001") for plan in plans)
    assert last == {}


@pytest.mark.parametrize(
    ("target", "says"),
    [
        ("97", r"no camera /dev/video97; .* ls /dev/v4l/by-id"),
        ("/dev/v4l/by-id/usb-gone", "no camera /dev/v4l/by-id/usb-gone"),
        ("/dev/null", "/dev/null is not a capture device"),
        ("/dev", "/dev is not a device"),
    ],
)
def test_what_is_no_camera_is_named(target: str, says: str) -> None:
    with pytest.raises(CameraNotFound, match=says):
        open_v4l2(Whereabouts(target, FakeClock()), target, CaptureWish(), FakeClock())


@pytest.mark.parametrize(
    ("number", "says"),
    [
        (13, "group video"),
        (1, "group video"),
        (16, "in use"),
        (19, "replug"),
        (25, "not a capture device"),
        (5, "boom"),
    ],
)
def test_every_refusal_says_what_to_do(number: int, says: str) -> None:
    assert says in explain(Path("/dev/video0"), OSError(number, "boom"))


def test_a_camera_that_is_replugged_under_another_number_comes_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The link by its id leads to another device then; two character devices of every machine stand for them."""
    clip = tmp_path / "clip.mkv"
    with av.open(str(clip), "w") as out:
        stream = out.add_stream("libx264", rate=25)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for packet in (*stream.encode(av.VideoFrame(64, 48, "yuv420p")), *stream.encode(None)):
            out.mux(packet)
    link, opened, really_open = tmp_path / "usb-camera-index0", list[str](), av.open
    link.symlink_to("/dev/null")

    def open_device(device: str, **_: object) -> object:
        opened.append(str(Path(device).resolve()))
        return really_open(str(clip))

    monkeypatch.setattr("edge_vsr.camera.v4l2.av.open", open_device)
    clock = FakeClock()
    where = Whereabouts(str(link), clock)
    camera = SupervisedCamera(lambda: open_v4l2(where, "usb", CaptureWish(), clock), clock, threading.Event())
    assert camera.read() is not None
    link.unlink()
    waited = clock.wait

    def wait(stop: threading.Event, seconds: float) -> bool:
        if len(clock.waits) == 20:
            link.symlink_to("/dev/zero")
        return waited(stop, seconds)

    monkeypatch.setattr(clock, "wait", wait)
    assert camera.read() is not None
    assert opened == ["/dev/null", "/dev/zero"]
    assert (camera.status.reopened, camera.status.state) == (1, CameraState.OPEN)
    camera.close()
