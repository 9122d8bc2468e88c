import logging
from dataclasses import replace

import pytest

from edge_vsr.policy.ladder import Limits
from edge_vsr.rung import Rung
from edge_vsr.stages.direct import Director
from tests.unit.policy.conditions import FINE, RANGES


def test_one_line_a_change_of_rung_and_none_else(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    director = Director(Limits())
    assert director.decision is None
    for second in range(0, 20, 2):
        now = replace(FINE, time=float(second))
        assert director.choose(RANGES, lambda now=now: now).rung is Rung.ENHANCED  # type: ignore[misc]
    assert director.choose(RANGES, lambda: replace(FINE, time=20.0, waiting=4.0)).rung is Rung.NATIVE
    quiet = replace(FINE, spent_kbits=100.0)
    assert director.choose(RANGES, lambda: replace(quiet, time=22.0)).probing
    assert director.choose(RANGES, lambda: replace(quiet, time=24.0)).probing
    assert director.choose(RANGES, lambda: replace(quiet, time=26.0)).rung is Rung.ENHANCED
    assert caplog.messages == [
        "rung enhanced, 4000 kbit/s: link and compute allow it",
        "rung native, 1600 kbit/s: 4.0 s of video wait",
        "rung enhanced, 4000 kbit/s: steady for 6 s, and the link allows 10000 kbit/s",
    ]


def test_the_last_decision_can_be_asked_for() -> None:
    director = Director(Limits(Rung.LOW, Rung.LOW))
    director.choose(RANGES, lambda: FINE)
    assert director.decision is not None
    assert director.decision.rung is Rung.LOW


def test_limits_that_move_take_the_rung_along() -> None:
    director = Director(Limits())
    assert director.choose(RANGES, lambda: FINE).rung is Rung.ENHANCED
    director.limits = Limits(Rung.LOW, Rung.LOW)
    assert director.choose(RANGES, lambda: FINE).rung is Rung.LOW
