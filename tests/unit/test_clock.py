import threading
import time

import pytest

from edge_vsr.clock import Clock, FakeClock, SystemClock


def test_the_system_clock_tells_both_times() -> None:
    clock: Clock = SystemClock()
    assert clock.monotonic() == pytest.approx(time.monotonic(), abs=1.0)
    assert clock.wall() == pytest.approx(time.time(), abs=1.0)


def test_a_wait_ends_at_once_when_stopped() -> None:
    stop = threading.Event()
    stop.set()
    assert SystemClock().wait(stop, 60.0)
    assert FakeClock().wait(stop, 60.0)


def test_a_wait_that_is_over_already_takes_no_time() -> None:
    assert not SystemClock().wait(threading.Event(), -5.0)


def test_the_fake_clock_moves_when_waited_on_and_not_otherwise() -> None:
    clock = FakeClock(monotonic=10.0, wall=100.0)
    assert not clock.wait(threading.Event(), 2.5)
    assert not clock.wait(threading.Event(), -1.0)
    assert (clock.monotonic(), clock.wall(), clock.waits) == (12.5, 102.5, [2.5, -1.0])


def test_the_date_may_jump_and_durations_do_not() -> None:
    clock = FakeClock(monotonic=10.0, wall=0.0)
    clock.set_wall(1.7e9)
    clock.advance(1.0)
    assert (clock.monotonic(), clock.wall()) == (11.0, 1.7e9 + 1)
