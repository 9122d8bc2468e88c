import logging
import random
import threading
from collections.abc import Callable
from fractions import Fraction

import pytest

from edge_vsr.backoff import Backoff
from edge_vsr.camera.base import Camera, CaptureWish
from edge_vsr.camera.conform import ConformedCamera
from edge_vsr.camera.fake import FakeCamera, gray_frame
from edge_vsr.camera.status import CameraState
from edge_vsr.camera.supervisor import SupervisedCamera
from edge_vsr.clock import FakeClock
from edge_vsr.errors import CameraLost, CameraNotFound, MissingDependency
from edge_vsr.frame import Frame

LOST = CameraLost("cam: connection reset")
GONE = CameraNotFound("cam: nothing listens there")


def openings(*results: Camera | Exception) -> Callable[[], Camera]:
    """A factory that gives or raises one result after another."""
    left = iter(results)

    def open_next() -> Camera:
        result = next(left)
        if isinstance(result, Exception):
            raise result
        return result

    return open_next


def supervise(*results: Camera | Exception, clock: FakeClock | None = None) -> SupervisedCamera:
    return SupervisedCamera(openings(*results), clock or FakeClock(), threading.Event(), rng=random.Random(1))


def test_a_camera_that_is_lost_comes_back_with_numbers_and_time_going_on() -> None:
    first = FakeCamera([gray_frame(0, 10.0), gray_frame(1, 10.1), LOST])
    second = FakeCamera([gray_frame(0, 9.0), gray_frame(2, 20.0)])
    camera = supervise(first, GONE, GONE, second)
    frames = [camera.read() for _ in range(4)]
    assert [frame.number for frame in frames if frame] == [0, 1, 2, 4]
    assert [frame.time for frame in frames if frame] == [10.0, 10.1, 10.1, 20.0]
    assert first.closed == 1
    status = camera.status
    assert (status.state, status.reopened, status.last_error) == (CameraState.OPEN, 1, str(GONE))


def test_the_first_opening_fails_at_once() -> None:
    with pytest.raises(CameraNotFound):
        supervise(GONE)


def test_a_patient_one_waits_for_a_camera_that_is_away_at_boot() -> None:
    clock, reasons = FakeClock(), list[str]()
    there = FakeCamera([gray_frame()], name="late", rate=Fraction(10))
    camera = SupervisedCamera(
        openings(*[GONE] * 500, there), clock, threading.Event(), patient=True, on_wait=reasons.append
    )
    assert (camera.name, camera.rate, camera.live) == ("late", Fraction(10), True)
    assert camera.read() is not None
    assert camera.status.state is CameraState.OPEN
    assert set(reasons) == {str(GONE)}
    assert sum(clock.waits) > 100, "500 tries must be spread"
    assert max(clock.waits) < 1.0, "the reason must be told again and again"


def test_a_patient_one_that_is_stopped_says_why_there_is_no_camera() -> None:
    stop = threading.Event()
    with pytest.raises(CameraNotFound, match="nothing listens"):
        SupervisedCamera(openings(*[GONE] * 9), StopsWhileWaiting(stop.set), stop, patient=True)


def test_a_patient_one_does_not_wait_for_what_will_not_come() -> None:
    with pytest.raises(MissingDependency):
        SupervisedCamera(openings(MissingDependency("x")), FakeClock(), threading.Event(), patient=True)


def test_what_waiting_cannot_mend_is_raised() -> None:
    camera = supervise(FakeCamera([LOST]), MissingDependency("picamera2 is missing"))
    with pytest.raises(MissingDependency):
        camera.read()


def test_pauses_grow_and_no_pause_is_a_busy_loop() -> None:
    clock = FakeClock()
    backoff = Backoff(first=1.0, most=8.0, floor=0.5)
    camera = SupervisedCamera(
        openings(FakeCamera([LOST]), *[GONE] * 50, FakeCamera([gray_frame()])),
        clock, threading.Event(), backoff=backoff, rng=random.Random(1),
    )  # fmt: skip
    assert camera.read() is not None
    waited = sum(clock.waits)
    assert 51 * 0.5 <= waited <= 51 * 8.0


def test_the_status_counts_what_failed_and_tells_when_the_next_try_is() -> None:
    clock, told = FakeClock(), list[tuple[CameraState, int, float]]()

    def note(_reason: str) -> None:
        status = camera.status
        told.append((status.state, status.failures, status.retry_in))

    backoff = Backoff(first=8.0, most=8.0, floor=8.0)
    camera = SupervisedCamera(
        openings(FakeCamera([LOST]), GONE, FakeCamera([gray_frame()])),
        clock, threading.Event(), backoff=backoff, on_wait=note,
    )  # fmt: skip
    assert camera.read() is not None
    assert {(state, failures) for state, failures, _ in told} == {(CameraState.AWAY, 1), (CameraState.AWAY, 2)}
    assert max(left for _, _, left in told) == pytest.approx(8.0)
    assert min(left for _, _, left in told) == pytest.approx(0.0, abs=1e-6)
    status = camera.status
    assert (status.state, status.failures, status.retry_in) == (CameraState.OPEN, 2, 0.0)


def test_a_camera_that_opens_but_delivers_nothing_keeps_backing_off() -> None:
    clock = FakeClock()
    camera = supervise(
        FakeCamera([LOST]), *[FakeCamera([LOST]) for _ in range(40)], FakeCamera([gray_frame()]), clock=clock
    )
    assert camera.read() is not None
    assert camera.status.reopened == 1
    assert sum(clock.waits) > 100, "the pause must not start small again at each opening"


def test_one_line_when_lost_and_one_when_back(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    camera = supervise(FakeCamera([LOST]), *[GONE] * 20, FakeCamera([gray_frame()]))
    camera.read()
    assert [record.levelname for record in caplog.records] == ["WARNING", "INFO"]
    assert "connection reset" in caplog.records[0].getMessage()
    assert "fake is back" in caplog.records[1].getMessage()


class StopsWhileWaiting(FakeClock):
    """Calls `act` at the third wait."""

    def __init__(self, act: Callable[[], None]) -> None:
        super().__init__()
        self._act = act

    def wait(self, stop: threading.Event, seconds: float) -> bool:
        if len(self.waits) == 2:
            self._act()
        return super().wait(stop, seconds)


def test_stop_ends_the_wait() -> None:
    stop = threading.Event()
    camera = SupervisedCamera(openings(FakeCamera([LOST]), *[GONE] * 9), StopsWhileWaiting(stop.set), stop)
    assert camera.read() is None
    assert camera.status.state is CameraState.AWAY


def test_close_ends_the_wait() -> None:
    clock = StopsWhileWaiting(lambda: camera.close())
    camera = SupervisedCamera(openings(FakeCamera([LOST]), *[GONE] * 9), clock, threading.Event())
    assert camera.read() is None
    assert camera.status.state is CameraState.CLOSED


def test_a_camera_that_opens_after_close_is_closed_too() -> None:
    late = FakeCamera([gray_frame()])
    results = openings(FakeCamera([LOST]), late)

    def factory() -> Camera:
        result = results()
        if result is late:
            camera.close()
        return result

    camera = SupervisedCamera(factory, FakeClock(), threading.Event())
    assert camera.read() is None
    assert late.closed == 1


def shows(luma: int, start: float, seconds: int) -> list[Frame | Exception | None]:
    """One picture a second, always the same."""
    return [gray_frame(n, start + n, luma=luma) for n in range(seconds)]


def test_a_camera_that_shows_one_picture_is_frozen_and_then_reopened(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    stuck = FakeCamera(shows(90, 0.0, 500))
    camera = supervise(stuck, FakeCamera(shows(91, 70.0, 5)))
    states = [camera.status.state for _ in range(62) if camera.read()]
    assert states == [CameraState.OPEN] * 30 + [CameraState.FROZEN] * 30 + [CameraState.AWAY, CameraState.OPEN]
    assert (stuck.closed, camera.status.reopened) == (1, 1)
    assert camera.status.last_error == "fake has shown the same picture for 60 s"
    assert [record.levelname for record in caplog.records] == ["WARNING", "WARNING", "INFO"]


def test_a_frozen_camera_that_goes_on_by_itself_is_open(caplog: pytest.LogCaptureFixture) -> None:
    camera = supervise(FakeCamera([*shows(90, 0.0, 40), *shows(91, 40.0, 1)]))
    states = [camera.status.state for _ in range(41) if camera.read()]
    assert states[-2:] == [CameraState.FROZEN, CameraState.OPEN]
    assert camera.status.reopened == 0


def test_a_test_card_is_reopened_less_and_less_often_and_all_of_it_is_delivered() -> None:
    hours = 6
    seconds = iter(range(hours * 3600))
    cards = [FakeCamera(gray_frame(n, float(n)) for n in seconds) for _ in range(20)]
    camera = supervise(*cards)
    read = sum(camera.read() is not None for _ in range(hours * 3600))
    assert read == hours * 3600
    assert hours <= camera.status.reopened < 2 * hours + 6


def test_another_rate_after_a_reopening_is_seen() -> None:
    slow = FakeCamera([gray_frame(0, 20.0)], rate=Fraction(5))
    camera = supervise(FakeCamera([gray_frame(0, 10.0), LOST], rate=Fraction(25)), slow)
    rates = [camera.rate for _ in range(2) if camera.read()]
    assert rates == [Fraction(25), Fraction(5)]


def test_a_picture_in_place_of_the_stream_is_not_its_end() -> None:
    page = FakeCamera([gray_frame(0, 15.0), None], live=False)
    back = FakeCamera([gray_frame(0, 20.0)])
    camera = supervise(FakeCamera([gray_frame(0, 10.0), LOST]), page, back)
    times = [frame.time for frame in (camera.read(), camera.read()) if frame]
    assert times == [10.0, 20.0]
    assert page.closed


def test_a_recording_ends_and_is_not_reopened() -> None:
    camera = supervise(FakeCamera([gray_frame(), gray_frame(1, 1000.0), None], live=False))
    assert camera.read() is not None
    assert camera.read() is not None
    assert camera.status.state is CameraState.OPEN, "a slide show is no camera"
    assert camera.read() is None
    assert camera.read() is None


def test_status_is_seen_through_conform() -> None:
    camera = ConformedCamera(supervise(FakeCamera([LOST]), FakeCamera([gray_frame()])), CaptureWish())
    camera.read()
    assert camera.status.reopened == 1
