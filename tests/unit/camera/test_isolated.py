import contextlib
import gc
import threading
import time
import weakref
from fractions import Fraction

import pytest

from edge_vsr.camera.fake import FakeCamera, gray_frame
from edge_vsr.camera.isolated import IsolatedCamera
from edge_vsr.errors import CameraLost, CameraNotFound
from edge_vsr.frame import Frame


class HangingCamera(FakeCamera):
    """Delivers its script, then hangs until `wake` is set, whatever is done to it."""

    def __init__(self, *frames: Frame) -> None:
        super().__init__(frames)
        self.wake = threading.Event()

    def read(self) -> Frame | None:
        frame = super().read()
        if frame is None:
            self.wake.wait(10)
        return frame


class LostCamera(FakeCamera):
    """Fails with an error that nothing else holds."""

    def read(self) -> Frame | None:
        raise CameraLost("cam: reset")


def isolate(camera: FakeCamera, silence: float = 30.0) -> IsolatedCamera:
    return IsolatedCamera("cam", lambda: camera, silence=silence)


def test_frames_and_the_end_pass_through() -> None:
    camera = isolate(FakeCamera([gray_frame(0), gray_frame(1)]))
    assert [frame.number for frame in (camera.read(), camera.read()) if frame] == [0, 1]
    with pytest.raises(CameraLost, match="ended"):
        camera.read()


def test_an_error_comes_after_the_frames_before_it() -> None:
    camera = isolate(FakeCamera([gray_frame(0), CameraLost("cam: reset")], rate=Fraction(7)))
    assert camera.rate == 7
    assert camera.read() is not None
    with pytest.raises(CameraLost, match="reset"):
        camera.read()


def test_a_camera_that_failed_leaves_nothing_for_the_garbage_collector() -> None:
    inner = LostCamera([])
    left, camera = weakref.ref(inner), isolate(inner)
    gc.collect()
    gc.disable()
    try:
        with contextlib.suppress(CameraLost):
            camera.read()
        camera.close()
        del inner, camera
        assert left() is None, "each camera that was lost stays until the garbage collector comes, after hours"
    finally:
        gc.enable()


def test_a_driver_that_hangs_is_a_lost_camera() -> None:
    hanging = HangingCamera(gray_frame())
    camera = isolate(hanging, silence=1.0)
    assert camera.read() is not None
    with pytest.raises(CameraLost, match="no frame for 1 s"):
        camera.read()
    hanging.wake.set()
    camera.close()


def test_a_driver_that_hangs_while_opening_is_not_found() -> None:
    wake = threading.Event()
    late = FakeCamera([])

    def factory() -> FakeCamera:
        wake.wait(10)
        return late

    with pytest.raises(CameraNotFound, match="does not open"):
        IsolatedCamera("cam", factory, silence=0.05)
    wake.set()
    end = time.monotonic() + 30.0
    while not late.closed and time.monotonic() < end:
        time.sleep(0.01)
    assert late.closed, "a camera that opens after all must be closed"


def test_close_ends_a_read_under_way() -> None:
    hanging = HangingCamera()
    camera = isolate(hanging)
    threading.Timer(0.05, lambda: camera.close()).start()
    threading.Timer(0.10, hanging.wake.set).start()
    assert camera.read() is None


def test_a_late_reader_gets_the_newest_frames_and_the_count_of_the_others() -> None:
    hanging = HangingCamera(*[gray_frame(n) for n in range(20)])
    camera = isolate(hanging)
    while camera.status.late < 16:
        time.sleep(0.005)
    frame = camera.read()
    assert frame is not None
    assert frame.number == 16
    hanging.wake.set()
    camera.close()


def test_the_error_of_opening_is_raised_as_it_is() -> None:
    def factory() -> FakeCamera:
        raise CameraNotFound("cam: busy")

    with pytest.raises(CameraNotFound, match="busy"):
        IsolatedCamera("cam", factory, silence=5)
