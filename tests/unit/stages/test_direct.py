import logging
from dataclasses import replace

import pytest

from edge_vsr.policy.ladder import STEADY_SECONDS, Limits
from edge_vsr.rung import Rung
from edge_vsr.stages.direct import Director
from tests.unit.policy.test_ladder import FINE


def test_one_line_a_change_and_none_else(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    director = Director(Limits())
    assert director.decision is None
    for second in range(0, 20, 2):
        assert director.choose(lambda at=second: replace(FINE, time=float(at))) is Rung.ENHANCED  # type: ignore[misc]
    assert director.choose(lambda: replace(FINE, time=20.0, backlog=2)) is Rung.NATIVE
    assert director.choose(lambda: replace(FINE, time=22.0)) is Rung.NATIVE
    assert director.choose(lambda: replace(FINE, time=20.0 + STEADY_SECONDS)) is Rung.ENHANCED
    assert caplog.messages == [
        "rung enhanced: link and compute allow it",
        "rung native: 2 segments wait",
        "rung enhanced: steady for 30 s",
    ]


def test_the_last_decision_can_be_asked_for() -> None:
    director = Director(Limits(Rung.LOW, Rung.LOW))
    director.choose(lambda: FINE)
    assert director.decision is not None
    assert director.decision.rung is Rung.LOW


def test_limits_that_move_take_the_rung_along() -> None:
    director = Director(Limits())
    assert director.choose(lambda: FINE) is Rung.ENHANCED
    director.limits = Limits(Rung.LOW, Rung.LOW)
    assert director.choose(lambda: FINE) is Rung.LOW
