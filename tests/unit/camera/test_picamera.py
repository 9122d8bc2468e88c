"""picamera2 itself is not here; a stand-in takes its place in `sys.modules`."""

import importlib
import sys
import types
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from edge_vsr.camera.base import CaptureWish
from edge_vsr.camera.picamera import PiCamera, colour_of, libcamera_has_camera, open_picamera
from edge_vsr.clock import FakeClock
from edge_vsr.errors import CameraLost, CameraNotFound, MissingDependency
from edge_vsr.frame import Matrix, Range, Size


class Request:
    def __init__(self, device: "Picamera2") -> None:
        self.device = device

    def make_buffer(self, name: str) -> Any:
        assert name == "main"
        width, height = self.device.config["main"]["size"]
        rows = np.full((height * 3 // 2, self.device.config["main"]["stride"]), 255, np.uint8)
        rows[:height, :width] = 50
        return rows.reshape(-1)

    def get_metadata(self) -> dict[str, Any]:
        return self.device.metadata

    def release(self) -> None:
        self.device.released += 1


class Picamera2:
    cameras = 1
    fails: Exception | None = None

    def __init__(self, index: int) -> None:
        self.config: dict[str, Any] = {}
        self.metadata: dict[str, Any] = {"SensorTimestamp": 7_000_000_000}
        self.released = 0
        self.calls: list[str] = []
        if self.fails:
            raise self.fails

    @classmethod
    def global_camera_info(cls) -> list[dict[str, Any]]:
        return [{"Num": n, "Model": "imx708"} for n in range(cls.cameras)]

    def create_video_configuration(self, **config: Any) -> dict[str, Any]:
        return config

    def configure(self, config: dict[str, Any]) -> None:
        self.config = config
        config["main"]["stride"] = (config["main"]["size"][0] + 63) // 64 * 64

    def camera_configuration(self) -> dict[str, Any]:
        return self.config

    def start(self) -> None:
        self.calls.append("start")

    def close(self) -> None:
        self.calls.append("close")

    def capture_request(self, wait: float) -> Request:
        return Request(self)


@pytest.fixture
def device_class(monkeypatch: pytest.MonkeyPatch) -> type[Picamera2]:
    class Fresh(Picamera2):
        pass

    module = types.ModuleType("picamera2")
    module.Picamera2 = Fresh  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "picamera2", module)
    return Fresh


def opened(wish: CaptureWish | None = None) -> tuple[PiCamera, Any]:
    camera = open_picamera(0, wish or CaptureWish(), FakeClock())
    return camera, camera._device


@pytest.mark.usefixtures("device_class")
def test_pictures_are_taken_as_they_are_with_the_padding_left_out() -> None:
    camera, device = opened(CaptureWish(Size(100, 60), Fraction(20)))
    frame = camera.read()
    assert frame is not None
    assert frame.size == Size(100, 60)
    assert set(np.unique(frame.y)) == {50}
    assert device.config["main"]["format"] == "YUV420"
    assert device.config["controls"] == {"FrameRate": 20.0}
    assert device.released == 1, "a request that is kept starves the camera"


@pytest.mark.usefixtures("device_class")
def test_the_sensors_clock_is_brought_onto_the_monotonic_one() -> None:
    _, device = opened()
    clock = FakeClock(monotonic=3.0, wall=1_700_000_000.0)
    camera = PiCamera(0, device, Fraction(30), clock, 10.0, boot=lambda: 7.25)
    frame = camera.read()
    assert frame is not None
    assert (frame.time, frame.wall) == (2.75, 1_699_999_999.75)


@pytest.mark.usefixtures("device_class")
def test_a_sensors_clock_that_is_the_monotonic_one_is_taken_as_it_is() -> None:
    _, device = opened()
    asleep = 3600.0
    camera = PiCamera(0, device, Fraction(30), FakeClock(monotonic=7.25), 10.0, boot=lambda: 7.25 + asleep)
    frame = camera.read()
    assert frame is not None
    assert frame.time == 7.0


@pytest.mark.usefixtures("device_class")
def test_a_picture_without_a_time_stamp_has_its_arrivals() -> None:
    camera, device = opened()
    device.metadata = {}
    frame = camera.read()
    assert frame is not None
    assert frame.time == 1000.0


@pytest.mark.usefixtures("device_class")
def test_a_failing_capture_is_a_lost_camera(monkeypatch: pytest.MonkeyPatch) -> None:
    camera, device = opened()

    def fail(wait: float) -> Request:
        raise RuntimeError("Camera frontend has timed out!")

    monkeypatch.setattr(device, "capture_request", fail)
    with pytest.raises(CameraLost, match="picamera:0: Camera frontend"):
        camera.read()


@pytest.mark.usefixtures("device_class")
def test_a_silent_camera_is_lost_and_can_be_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    camera, device = opened(CaptureWish(patience=0.5))

    def wait_in_vain(wait: float) -> Request:
        assert wait == 0.5
        raise TimeoutError

    monkeypatch.setattr(device, "capture_request", wait_in_vain)
    with pytest.raises(CameraLost, match=r"picamera:0: no picture for 0\.5 s"):
        camera.read()
    camera.close()
    assert device.calls == ["start", "close"]


@pytest.mark.usefixtures("device_class")
def test_close_lets_the_device_go_once() -> None:
    camera, device = opened()
    camera.close()
    camera.close()
    assert device.calls == ["start", "close"]
    assert camera.read() is None


def test_a_missing_camera_and_a_busy_one_are_told_apart(device_class: type[Picamera2]) -> None:
    with pytest.raises(CameraNotFound, match=r"no picamera:3; there is picamera:0 \(imx708\)"):
        open_picamera(3, CaptureWish(), FakeClock())
    device_class.fails = RuntimeError("Camera __init__ sequence did not complete.")
    device_class.fails.__cause__ = RuntimeError("Failed to acquire camera: Device or resource busy")
    with pytest.raises(CameraNotFound, match="Device or resource busy; is another program"):
        opened()
    device_class.cameras = 0
    with pytest.raises(CameraNotFound, match="libcamera sees no camera"):
        opened()


def raising(error: Exception) -> Any:
    def import_module(name: str) -> Any:
        raise error

    return import_module


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (ModuleNotFoundError("No module named 'picamera2'", name="picamera2"), "sudo apt install python3-picamera2"),
        (ModuleNotFoundError("No module named 'libcamera'", name="libcamera"), "--system-site-packages"),
        (ModuleNotFoundError("No module named 'pykms'", name="pykms"), "pykms"),
        (ValueError("numpy.dtype size changed"), "numpy.dtype size changed"),
        (ImportError("numpy.core.multiarray failed to import"), "multiarray failed"),
    ],
)
def test_an_import_that_fails_is_named_with_its_cure(
    error: Exception, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib, "import_module", raising(error))
    with pytest.raises(MissingDependency) as caught:
        open_picamera(0, CaptureWish(), FakeClock())
    assert says in str(caught.value)


class ColourSpace:
    def __init__(self, encoding: str, range_: str) -> None:
        self.ycbcrEncoding = encoding
        self.range = range_


@pytest.mark.parametrize(
    ("encoding", "range_", "colour"),
    [
        ("YcbcrEncoding.Rec601", "Range.Full", (Matrix.BT601, Range.FULL)),
        ("YcbcrEncoding.Rec601", "Range.Limited", (Matrix.BT601, Range.LIMITED)),
        ("YcbcrEncoding.Rec709", "Range.Limited", (Matrix.BT709, Range.LIMITED)),
    ],
)
def test_colour_is_the_cameras_own(encoding: str, range_: str, colour: tuple[Matrix, Range]) -> None:
    assert colour_of(ColourSpace(encoding, range_), 540) == colour


def libcamera_with(monkeypatch: pytest.MonkeyPatch, *ids: str) -> None:
    cameras = [types.SimpleNamespace(id=name) for name in ids]
    manager = types.SimpleNamespace(singleton=lambda: types.SimpleNamespace(cameras=cameras))
    monkeypatch.setitem(sys.modules, "libcamera", types.SimpleNamespace(CameraManager=manager))


def test_the_probe_sees_a_sensor_but_leaves_usb_cameras_to_v4l2(monkeypatch: pytest.MonkeyPatch) -> None:
    libcamera_with(monkeypatch, "/base/soc/i2c0mux/i2c@1/imx708@1a")
    assert libcamera_has_camera()
    libcamera_with(monkeypatch, "/base/axi/pcie@120000/rp1/usb@200000-1:1.0-046d:0825")
    assert not libcamera_has_camera()


def test_the_probe_is_false_without_libcamera(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib, "import_module", raising(ImportError("no libcamera")))
    assert not libcamera_has_camera()
