"""Opening that can be given up: with real threads, since that is what it is about."""

import threading
import time
from collections.abc import Callable, Iterator

import pytest

from edge_vsr.camera.aside import opened_aside
from edge_vsr.camera.base import Camera
from edge_vsr.camera.fake import FakeCamera
from edge_vsr.camera.supervisor import SupervisedCamera
from edge_vsr.clock import SystemClock
from edge_vsr.errors import CameraLost, CameraNotFound

FOR_EVER = 60.0
"""Seconds that nobody waits for."""


def always() -> bool:
    return True


class MuteCamera:
    """Takes for ever to open, and is there once it is `answered`."""

    def __init__(self) -> None:
        self.asked, self.answered, self.camera = threading.Event(), threading.Event(), FakeCamera([])

    def __call__(self) -> Camera:
        self.asked.set()
        self.answered.wait(FOR_EVER)
        return self.camera


def once_asked(mute: MuteCamera, act: Callable[[], None]) -> None:
    """Do something while it is being opened."""

    def wait_and_act() -> None:
        mute.asked.wait(FOR_EVER)
        act()

    threading.Thread(target=wait_and_act).start()


def closed_soon(camera: FakeCamera) -> bool:
    end = time.monotonic() + FOR_EVER
    while not camera.closed and time.monotonic() < end:
        time.sleep(0.01)
    return camera.closed == 1


def test_what_opens_is_handed_over() -> None:
    camera = FakeCamera([])
    assert opened_aside(lambda: camera, always) is camera
    assert not camera.closed


@pytest.mark.parametrize("error", [CameraNotFound("gone"), TimeoutError("late"), ValueError("odd")])
def test_what_fails_is_raised_as_it_is(error: Exception) -> None:
    def factory() -> Camera:
        raise error

    with pytest.raises(type(error), match=str(error)):
        opened_aside(factory, always)


def test_one_that_opens_once_it_is_given_up_is_closed() -> None:
    mute = MuteCamera()
    assert opened_aside(mute, lambda: not mute.asked.is_set()) is None
    assert not mute.camera.closed
    mute.answered.set()
    assert closed_soon(mute.camera), "it keeps its device though nobody wants it"


def test_a_stop_ends_a_first_opening_that_hangs() -> None:
    mute, stop = MuteCamera(), threading.Event()
    once_asked(mute, stop.set)
    began = time.monotonic()
    with pytest.raises(CameraNotFound, match="the end came before the camera was open"):
        SupervisedCamera(mute, SystemClock(), stop, patient=True)
    assert time.monotonic() - began < FOR_EVER / 2, "it waited for the camera"
    mute.answered.set()


def test_close_ends_a_reopening_that_hangs() -> None:
    mute = MuteCamera()
    factories: Iterator[Callable[[], Camera]] = iter([lambda: FakeCamera([CameraLost("pulled out")]), mute])
    camera = SupervisedCamera(lambda: next(factories)(), SystemClock(), threading.Event())
    once_asked(mute, camera.close)
    began = time.monotonic()
    assert camera.read() is None
    assert time.monotonic() - began < FOR_EVER / 2, "it waited for the camera"
    mute.answered.set()
    assert closed_soon(mute.camera)
