import pytest

from edge_vsr.clock import FakeClock
from edge_vsr.heartbeat import Heartbeat, Heartbeats


def test_work_that_takes_too_long_hangs() -> None:
    clock = FakeClock()
    heartbeat = Heartbeat(clock, patience=10.0)
    heartbeat.beat()
    clock.advance(10.0)
    assert (heartbeat.silence, heartbeat.hangs) == (10.0, False)
    clock.advance(0.1)
    assert heartbeat.hangs
    heartbeat.beat()
    assert not heartbeat.hangs


def test_waiting_for_work_may_take_any_time() -> None:
    clock = FakeClock()
    heartbeat = Heartbeat(clock)
    clock.advance(1e6)
    assert not heartbeat.hangs
    with heartbeat.at_work():
        pass
    clock.advance(1e6)
    assert (heartbeat.silence, heartbeat.hangs) == (0.0, False)


def test_work_that_fails_is_over() -> None:
    clock = FakeClock()
    heartbeat = Heartbeat(clock)
    with pytest.raises(ValueError, match="failed"), heartbeat.at_work():
        raise ValueError("failed")
    clock.advance(1e6)
    assert not heartbeat.hangs


def test_a_wait_for_others_within_work_may_take_any_time() -> None:
    clock = FakeClock()
    heartbeat = Heartbeat(clock, patience=10.0)
    with heartbeat.at_work():
        with heartbeat.at_rest():
            clock.advance(1e6)
            assert not heartbeat.hangs
        clock.advance(9.0)
        assert heartbeat.silence == 9.0


def test_those_that_hang_are_named() -> None:
    clock = FakeClock()
    heartbeats = Heartbeats(clock)
    heartbeats.of("slow", patience=100.0).beat()
    heartbeats.of("quick", patience=1.0).beat()
    hanging = [heartbeats.hanging]
    for seconds in (2.0, 100.0):
        clock.advance(seconds)
        hanging.append(heartbeats.hanging)
    heartbeats.of("quick").rest()
    hanging.append(heartbeats.hanging)
    assert hanging == [(), ("quick",), ("slow", "quick"), ("slow",)]
