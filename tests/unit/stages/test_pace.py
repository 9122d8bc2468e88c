import threading

from edge_vsr.camera.fake import FakeCamera, gray_frame
from edge_vsr.clock import FakeClock, SystemClock
from edge_vsr.stages.pace import PacedCamera


def test_frames_of_a_recording_come_when_they_are_due() -> None:
    clock = FakeClock(monotonic=1000.0)
    camera = PacedCamera(FakeCamera([gray_frame(n, time=7.0 + n) for n in range(4)], live=False), clock)
    seen = []
    while camera.read():
        seen.append(clock.monotonic())
    assert seen == [1000.0, 1001.0, 1002.0, 1003.0]
    assert not camera.live


def test_a_reader_that_is_late_does_not_wait_and_misses_nothing() -> None:
    clock = FakeClock()
    camera = PacedCamera(FakeCamera([gray_frame(n) for n in range(50)], live=False), clock)
    camera.read()
    clock.advance(60.0)
    began = clock.monotonic()
    assert len(list(iter(camera.read, None))) == 49
    assert clock.monotonic() == began


def test_close_ends_the_wait() -> None:
    inner = FakeCamera([gray_frame(0, time=0.0), gray_frame(1, time=3600.0)], live=False)
    camera = PacedCamera(inner, SystemClock())
    camera.read()
    threading.Timer(0.1, camera.close).start()
    assert camera.read() is None
    assert inner.closed == 1
