import itertools
import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_vsr.policy.ladder import (
    BACKLOG_LIMIT,
    STEADY_SECONDS,
    Conditions,
    Decision,
    Limits,
    first_decision,
    next_decision,
    why_not_enhanced,
)
from edge_vsr.rung import Rung

RUNGS = list(Rung)
FINE = Conditions(
    time=1000.0,
    backlog=0,
    link_kbits=10_000.0,
    enhanced_kbits=2_000.0,
    frame_seconds=0.04,
    upscale_seconds=0.01,
    lost_share=0.0,
)
"""All that `enhanced` needs."""

SOME_LIMITS = st.tuples(st.sampled_from(RUNGS), st.sampled_from(RUNGS)).map(
    lambda pair: Limits(*sorted(pair, key=RUNGS.index))
)
SOME_CONDITIONS = st.builds(
    Conditions,
    time=st.floats(0.0, 1e6),
    backlog=st.integers(0, 5),
    link_kbits=st.none() | st.floats(0.0, 1e6) | st.just(math.inf),
    enhanced_kbits=st.floats(64.0, 1e5),
    frame_seconds=st.floats(1e-3, 2.0) | st.just(math.inf),
    upscale_seconds=st.none() | st.floats(0.0, 2.0),
    lost_share=st.floats(0.0, 1.0),
)
SOME_HISTORY = st.lists(st.tuples(st.floats(0.1, 20.0), SOME_CONDITIONS), min_size=1, max_size=20)


def decisions(limits: Limits, history: list[tuple[float, Conditions]]) -> list[tuple[Conditions, Decision]]:
    """What is decided segment by segment; `history` has the seconds since the segment before."""
    time, found = 0.0, []
    last: Decision | None = None
    for seconds, conditions in history:
        time += seconds
        now = replace(conditions, time=time)
        last = next_decision(limits, last, now) if last else first_decision(limits, now)
        found.append((now, last))
    return found


@given(SOME_LIMITS, SOME_HISTORY)
def test_the_rung_is_always_one_that_the_user_allows(limits: Limits, history: list[tuple[float, Conditions]]) -> None:
    low, high = RUNGS.index(limits.least), RUNGS.index(limits.most)
    for _, decision in decisions(limits, history):
        assert low <= RUNGS.index(decision.rung) <= high


@given(SOME_LIMITS, SOME_HISTORY)
def test_one_step_at_a_time_and_up_only_after_a_steady_time(
    limits: Limits, history: list[tuple[float, Conditions]]
) -> None:
    found = decisions(limits, history)
    for (_, before), (now, after) in itertools.pairwise(found):
        step = RUNGS.index(after.rung) - RUNGS.index(before.rung)
        assert abs(step) <= 1, f"from {before.rung} to {after.rung} in one segment"
        if step > 0:
            assert now.time - before.since >= STEADY_SECONDS, f"up after {now.time - before.since:.0f} s: {after}"


@given(SOME_HISTORY)
def test_down_at_once_when_the_link_is_too_slow(history: list[tuple[float, Conditions]]) -> None:
    found = decisions(Limits(), history)
    for (_, before), (now, after) in itertools.pairwise(found):
        if now.backlog >= BACKLOG_LIMIT and before.rung is not Rung.LOW:
            assert RUNGS.index(after.rung) == RUNGS.index(before.rung) - 1, f"{now.backlog} segments wait: {after}"


@given(SOME_LIMITS, SOME_HISTORY)
def test_every_change_has_its_time_and_a_reason_in_one_line(
    limits: Limits, history: list[tuple[float, Conditions]]
) -> None:
    found = decisions(limits, history)
    for (_, before), (now, after) in itertools.pairwise(found):
        if after.rung is before.rung:
            assert after is before
        else:
            assert after.since == now.time
            assert after.reason
            assert "\n" not in after.reason


@given(SOME_LIMITS, SOME_CONDITIONS)
def test_the_same_conditions_give_the_same_decision(limits: Limits, conditions: Conditions) -> None:
    assert first_decision(limits, conditions) == first_decision(limits, conditions)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({}, None),
        ({"link_kbits": math.inf}, None),
        ({"frame_seconds": math.inf, "upscale_seconds": 60.0}, None),
        ({"link_kbits": 3_000.0}, None),
        ({"upscale_seconds": None}, "super-resolution is off"),
        ({"upscale_seconds": 0.035}, "super-resolution takes 35 ms of 40 ms a frame"),
        ({"link_kbits": None}, "the link's rate is not known yet"),
        ({"link_kbits": 2_500.0}, "the link's 2500 kbit/s are too few for 2000"),
    ],
)
def test_what_stands_against_super_resolution_is_said(change: dict[str, float | None], reason: str | None) -> None:
    assert why_not_enhanced(replace(FINE, **change)) == reason  # type: ignore[arg-type]


def test_a_run_starts_enhanced_only_if_all_is_known_to_allow_it() -> None:
    assert first_decision(Limits(), FINE).rung is Rung.ENHANCED
    assert first_decision(Limits(), replace(FINE, link_kbits=None)).rung is Rung.NATIVE
    assert first_decision(Limits(most=Rung.NATIVE), FINE).reason == "super-resolution is off"
    assert first_decision(Limits(Rung.LOW, Rung.LOW), FINE) == Decision(Rung.LOW, FINE.time, "as asked")


def test_enhanced_on_request_holds_whatever_it_costs() -> None:
    limits = Limits(Rung.ENHANCED, Rung.ENHANCED)
    bad = replace(FINE, backlog=9, link_kbits=1.0, upscale_seconds=9.0, lost_share=0.9)
    first = first_decision(limits, bad)
    assert first.rung is next_decision(limits, first, bad).rung is Rung.ENHANCED


def test_a_box_that_is_late_gives_up_super_resolution_and_nothing_else() -> None:
    late = replace(FINE, lost_share=0.3)
    down = next_decision(Limits(), Decision(Rung.ENHANCED, 0.0, ""), late)
    assert (down.rung, down.reason) == (Rung.NATIVE, "the box was late for 30% of the frames")
    assert next_decision(Limits(), down, late) is down


def test_up_again_after_a_steady_time_to_enhanced_only_where_it_fits() -> None:
    low = Decision(Rung.LOW, FINE.time - STEADY_SECONDS, "2 segments wait")
    assert next_decision(Limits(), low, FINE) == Decision(Rung.NATIVE, FINE.time, "steady for 30 s")
    native = replace(low, rung=Rung.NATIVE)
    assert next_decision(Limits(), native, FINE).rung is Rung.ENHANCED
    assert next_decision(Limits(), native, replace(FINE, upscale_seconds=1.0)) is native
