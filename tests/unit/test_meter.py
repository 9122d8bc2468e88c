import pytest

from edge_vsr.clock import FakeClock
from edge_vsr.meter import Meter


def test_nothing_added_is_a_rate_of_zero() -> None:
    assert Meter(FakeClock()).rate == 0.0


def test_the_rate_is_that_of_the_window() -> None:
    clock = FakeClock()
    meter = Meter(clock, window=4.0)
    for _ in range(100):
        meter.add(2.0)
        clock.advance(0.1)
    assert meter.rate == pytest.approx(20.0, rel=0.05)
    assert meter.total == 200.0


def test_the_rate_falls_to_zero_when_nothing_comes_any_more() -> None:
    clock = FakeClock()
    meter = Meter(clock, window=4.0)
    meter.add(100.0)
    clock.advance(4.1)
    assert meter.rate == 0.0
    assert meter.total == 100.0


def test_a_meter_that_has_just_started_knows_the_rate_already() -> None:
    clock = FakeClock()
    meter = Meter(clock, window=4.0)
    for _ in range(10):
        meter.add()
        clock.advance(0.1)
    assert meter.rate == pytest.approx(10.0)


def test_the_first_event_alone_is_no_enormous_rate() -> None:
    meter = Meter(FakeClock())
    meter.add()
    assert meter.rate == 2.0
