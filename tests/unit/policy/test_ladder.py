import itertools
import math
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_vsr.heat import Heat
from edge_vsr.memory import MIB
from edge_vsr.policy.ladder import (
    MOST_STEADY_SECONDS,
    MOST_WAITING,
    RISE,
    STEADY_SECONDS,
    Conditions,
    Decision,
    Limits,
    first_decision,
    next_decision,
    why_not_enhanced,
)
from edge_vsr.policy.link import LOCAL, Link
from edge_vsr.policy.ranges import FLOOR
from edge_vsr.rung import Rung
from tests.unit.policy.conditions import FINE, RANGES, SOME_CONDITIONS, SOME_HISTORY, SOME_LIMITS

RUNGS = list(Rung)


def decisions(limits: Limits, history: list[tuple[float, Conditions]]) -> list[tuple[Conditions, Decision]]:
    """What is decided segment by segment; `history` has the seconds since the segment before."""
    time, found = 0.0, []
    last: Decision | None = None
    for seconds, conditions in history:
        time += seconds
        now = replace(conditions, time=time)
        last = next_decision(limits, RANGES, last, now) if last else first_decision(limits, RANGES, now)
        found.append((now, last))
    return found


def on(rung: Rung, kbits: float, **more: Any) -> Decision:
    """A decision that is old enough for the next one up."""
    return Decision(rung, kbits, FINE.time - STEADY_SECONDS, "", **more)


def step(last: Decision, limits: Limits | None = None, **change: Any) -> Decision:
    """The decision after `last` where all is fine but `change`."""
    return next_decision(limits or Limits(), RANGES, last, replace(FINE, **change))


def link(kbits: float) -> Link:
    """One of which segments may take `kbits`."""
    return Link(kbits / 0.9)


# Whatever was measured


@given(SOME_LIMITS, SOME_HISTORY)
def test_rung_and_rate_are_always_such_as_are_allowed(limits: Limits, history: list[tuple[float, Conditions]]) -> None:
    low, high = RUNGS.index(limits.least), RUNGS.index(limits.most)
    for _, decision in decisions(limits, history):
        assert low <= RUNGS.index(decision.rung) <= high
        # A probe may carry the next rung's bits.
        rungs = RUNGS[: RUNGS.index(decision.rung) + 1 + decision.probing]
        assert FLOOR <= decision.kbits <= max(RANGES[rung].most for rung in rungs)


@given(SOME_LIMITS, SOME_HISTORY)
def test_one_step_up_at_a_time_after_a_steady_time_and_a_probe(
    limits: Limits, history: list[tuple[float, Conditions]]
) -> None:
    for (_, before), (now, after) in itertools.pairwise(decisions(limits, history)):
        step = RUNGS.index(after.rung) - RUNGS.index(before.rung)
        assert step <= 1, f"from {before.rung} to {after.rung} in one segment"
        if step > 0:
            local = now.link is not None and now.link.kbits == math.inf
            wasted = now.link is not None and now.link.sustained(2.0) > RANGES[before.rung].most
            assert wasted or now.time - before.since >= before.steady, (
                f"up after {now.time - before.since:.0f} s: {after}"
            )
            spent = now.spent_kbits or 0.0
            assert local or before.probing or spent >= 0.9 * RANGES[after.rung].least, "no probe"
            assert local or before.probes or before.rung is Rung.STILL, "the probe has not come through yet"


@given(SOME_LIMITS, SOME_HISTORY)
def test_a_growing_backlog_lowers_the_rate_at_once_and_the_rung_before_it_grows_by_more_than_may_wait(
    limits: Limits, history: list[tuple[float, Conditions]]
) -> None:
    lowest = max(limits.least, Rung.LOW, key=RUNGS.index)
    for (_, before), (now, after) in itertools.pairwise(decisions(limits, history)):
        if now.waiting <= before.waiting:
            continue
        assert after.kbits <= before.kbits, f"{now.waiting} s wait, and more than before: {after}"
        too_much = now.waiting - before.level >= now.patience or now.waiting >= MOST_WAITING * now.patience
        if too_much and RUNGS.index(before.rung) > RUNGS.index(lowest):
            assert RUNGS.index(after.rung) < RUNGS.index(before.rung), f"{now.waiting} s wait: {after}"


@given(SOME_LIMITS, SOME_HISTORY)
def test_the_rate_never_exceeds_what_a_known_link_carries(
    limits: Limits, history: list[tuple[float, Conditions]]
) -> None:
    for now, decision in decisions(limits, history)[1:]:
        if now.link is None or decision.probing:
            continue
        # It need not follow by less than a twentieth.
        assert decision.kbits <= 1.06 * max(FLOOR, now.link.sustained(decision.rung.seconds))


@given(SOME_LIMITS, SOME_HISTORY)
def test_the_rate_rises_by_steps(limits: Limits, history: list[tuple[float, Conditions]]) -> None:
    for (_, before), (now, after) in itertools.pairwise(decisions(limits, history)):
        local = now.link is not None and now.link.kbits == math.inf
        if after.rung is before.rung and not after.probing and not local:
            assert after.kbits <= RISE * before.kbits + 1e-6


@given(SOME_LIMITS, SOME_HISTORY)
def test_every_change_of_rung_has_its_time_and_a_reason_in_one_line(
    limits: Limits, history: list[tuple[float, Conditions]]
) -> None:
    for (_, before), (now, after) in itertools.pairwise(decisions(limits, history)):
        if after.rung is before.rung:
            assert (after.since, after.reason) == (before.since, before.reason)
        else:
            assert after.since == now.time
            assert after.reason
            assert "\n" not in after.reason


@given(SOME_HISTORY)
def test_enhanced_is_only_begun_where_nothing_stands_against_it(history: list[tuple[float, Conditions]]) -> None:
    before: Decision | None = None
    for now, after in decisions(Limits(), history):
        if after.rung is Rung.ENHANCED and (before is None or before.rung is not Rung.ENHANCED):
            assert why_not_enhanced(RANGES, now) is None
        before = after


@given(SOME_LIMITS, SOME_CONDITIONS)
def test_the_same_conditions_give_the_same_decision(limits: Limits, conditions: Conditions) -> None:
    assert first_decision(limits, RANGES, conditions) == first_decision(limits, RANGES, conditions)


@given(st.floats(10.0, 1e5), st.floats(1.0, 1e5), st.sampled_from(Rung))
def test_on_a_link_that_stays_as_it_is_the_rung_settles(kbits: float, spent: float, start: Rung) -> None:
    last, changes = Decision(start, RANGES[start].least, 0.0, ""), 0
    for segment in range(1, 300):
        now = replace(FINE, time=2.0 * segment, link=Link(kbits), spent_kbits=min(spent, last.kbits))
        after = next_decision(Limits(), RANGES, last, now)
        changes += after.rung is not last.rung
        last = after
    assert changes <= len(Rung) - 1, "it went up and down"


# `enhanced`


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({}, None),
        ({"link": LOCAL}, None),
        ({"frame_seconds": math.inf, "upscale_seconds": 60.0}, None),
        ({"heat": None, "spare": None}, None),
        ({"link": link(1000.0)}, None),
        ({"upscale_seconds": None}, "super-resolution is off"),
        ({"upscale_seconds": 0.035}, "super-resolution takes 35 ms of 40 ms a frame"),
        ({"link": None}, "the link's rate is not known"),
        ({"link": link(900.0)}, "the link allows 900 kbit/s, too few for enhanced, which begins at 800"),
        ({"heat": Heat(70.0, 80.0, throttled=False, under_voltage=False)}, "the chip has 70 °C, its limit is 80"),
        ({"heat": Heat(50.0, 80.0, throttled=True, under_voltage=False)}, "the processor is throttled"),
        ({"heat": Heat(50.0, 80.0, throttled=False, under_voltage=True)}, "the power supply is too weak"),
        ({"failure": "the super-resolution failed: why"}, "the super-resolution failed: why"),
        ({"spare": 50 * MIB}, "only 50 MiB of memory are left"),
    ],
)
def test_what_stands_against_super_resolution_is_said(change: dict[str, Any], reason: str | None) -> None:
    assert why_not_enhanced(RANGES, replace(FINE, **change)) == reason
    assert step(on(Rung.NATIVE, 1600.0, probes=1), spent_kbits=1600.0, **change).rung is (
        Rung.NATIVE if reason else Rung.ENHANCED
    )


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"lost_share": 0.3}, "the box was late for 30% of the frames"),
        ({"heat": Heat(76.0, 80.0, throttled=False, under_voltage=False)}, "the chip has 76 °C, its limit is 80"),
        ({"heat": Heat(None, None, throttled=True, under_voltage=False)}, "the processor is throttled"),
        ({"spare": 20 * MIB}, "only 20 MiB of memory are left"),
    ],
)
def test_a_box_that_suffers_gives_up_super_resolution_and_nothing_else(change: dict[str, Any], reason: str) -> None:
    down = step(on(Rung.ENHANCED, 4000.0), **change)
    assert (down.rung, down.reason) == (Rung.NATIVE, reason)
    assert step(down, **change).rung is Rung.NATIVE
    assert step(down, **change).kbits == 1600.0


def test_a_box_that_was_too_slow_is_left_in_peace_however_much_the_link_carries() -> None:
    last, seconds = step(on(Rung.ENHANCED, 4000.0), lost_share=0.3, spent_kbits=1600.0), 0.0
    while last.rung is Rung.NATIVE:
        seconds += 2.0
        last = step(last, time=FINE.time + seconds, spent_kbits=1600.0)
    assert seconds >= 2 * STEADY_SECONDS, "it did not last, so twice the usual time"


def test_a_link_that_falters_does_not_make_the_box_forget_that_it_was_too_slow() -> None:
    native = step(on(Rung.ENHANCED, 4000.0), lost_share=0.3, spent_kbits=1600.0)
    low = step(native, waiting=4.0)
    assert (low.rung, low.rests) == (Rung.LOW, True)
    probe = step(low, time=FINE.time + 2.0, spent_kbits=400.0)
    back = step(probe, time=FINE.time + 4.0, spent_kbits=400.0)
    assert (back.rung, back.rests) == (Rung.NATIVE, True), "below `enhanced` there is nothing to rest from"


@pytest.mark.parametrize(
    "change", [{"heat": Heat(70.0, 80.0, throttled=False, under_voltage=False)}, {"spare": 50 * MIB}]
)
def test_what_keeps_super_resolution_from_beginning_does_not_yet_end_it(change: dict[str, Any]) -> None:
    assert step(on(Rung.ENHANCED, 4000.0), **change).rung is Rung.ENHANCED


def test_enhanced_on_request_holds_whatever_it_costs() -> None:
    limits = Limits(Rung.ENHANCED, Rung.ENHANCED)
    bad = replace(FINE, link=Link(1.0), upscale_seconds=9.0, lost_share=0.9, spare=0)
    first = first_decision(limits, RANGES, bad)
    assert (first.rung, first.reason) == (Rung.ENHANCED, "as asked")
    assert next_decision(limits, RANGES, first, replace(bad, waiting=9.0)).rung is Rung.ENHANCED


# Start


def test_a_run_starts_enhanced_only_if_all_is_known_to_allow_it_and_else_gently() -> None:
    assert first_decision(Limits(), RANGES, FINE).rung is Rung.ENHANCED
    live = first_decision(Limits(), RANGES, replace(FINE, link=None, guess=math.inf))
    assert (live.rung, live.kbits) == (Rung.NATIVE, 2 * RANGES[Rung.NATIVE].least)
    assert first_decision(Limits(most=Rung.NATIVE), RANGES, FINE).reason == "super-resolution is off"
    low = first_decision(Limits(Rung.LOW, Rung.LOW), RANGES, replace(FINE, link=LOCAL))
    assert (low.rung, low.kbits, low.reason) == (Rung.LOW, RANGES[Rung.LOW].most, "as asked")


@pytest.mark.parametrize(
    ("guess", "rung", "kbits", "reason"),
    [
        (None, Rung.LOW, 50.0, "the link is new"),
        (10.0, Rung.STILL, 8.0, "the link carried 10 kbit/s last time"),
        (40.0, Rung.LOW, 36.0, "the link carried 40 kbit/s last time"),
        (300.0, Rung.NATIVE, 270.0, "the link's rate is not known"),
        (9000.0, Rung.NATIVE, 400.0, "the link's rate is not known"),
    ],
)
def test_a_link_that_is_not_known_yet_is_asked_for_little(
    guess: float | None, rung: Rung, kbits: float, reason: str
) -> None:
    first = first_decision(Limits(), RANGES, replace(FINE, link=None, guess=guess))
    assert (first.rung, first.kbits, first.reason) == (rung, kbits, reason)


# Down


def test_super_resolution_that_failed_is_left_at_once() -> None:
    down = step(on(Rung.ENHANCED, 3000.0), failure="the super-resolution failed: why")
    assert (down.rung, down.reason) == (Rung.NATIVE, "the super-resolution failed: why")


def test_the_rate_falls_first_and_the_rung_with_the_second_segment_that_waits() -> None:
    squeezed = step(on(Rung.NATIVE, 1000.0), waiting=2.0)
    assert squeezed.rung is Rung.NATIVE
    assert squeezed.kbits == pytest.approx(900.0)
    down = step(squeezed, waiting=4.0)
    assert (down.rung, down.kbits, down.reason) == (Rung.LOW, 400.0, "4.0 s of video wait")


def test_a_segment_that_mostly_waits_is_no_backlog_that_grows_and_a_third_one_is() -> None:
    waits = step(on(Rung.NATIVE, 1000.0, waiting=2.0), waiting=2.0, link=link(700.0))
    grown = step(waits, waiting=4.0)
    assert grown.rung is Rung.NATIVE, "by one segment"
    assert grown.kbits < waits.kbits
    again = step(step(grown, waiting=4.0), waiting=6.0)
    assert (again.rung, again.reason) == (Rung.LOW, "6.0 s of video wait")


def test_a_backlog_that_does_not_grow_is_worked_off_on_the_same_rung() -> None:
    last = on(Rung.NATIVE, 1000.0, waiting=24.0)
    after = step(last, waiting=24.0, link=Link(1000.0))
    assert after.rung is Rung.NATIVE
    assert after.kbits == pytest.approx(500.0), "half of the link is for what waits"


def test_an_outage_goes_down_to_low_and_no_further() -> None:
    last = on(Rung.ENHANCED, 4000.0)
    for waiting in range(2, 100, 2):
        last = step(last, waiting=float(waiting))
    assert (last.rung, last.kbits) == (Rung.LOW, RANGES[Rung.LOW].least)


def test_a_link_that_is_known_to_carry_no_more_gets_stills() -> None:
    down = step(on(Rung.LOW, 25.0), link=link(15.0), spent_kbits=25.0)
    assert down.rung is Rung.STILL
    assert down.kbits == pytest.approx(15.0 / 0.9)
    assert down.reason == "the link carries 15 kbit/s, low begins at 25"


def test_a_link_through_which_nothing_has_come_yet_gets_stills_too_and_moving_pictures_when_all_is_there() -> None:
    last = on(Rung.LOW, 25.0, waiting=10.0)
    still = step(last, link=None, waiting=12.0)
    assert (still.rung, still.reason) == (Rung.STILL, "12.0 s of video wait")
    later = FINE.time + still.steady
    probe = step(still, link=None, time=later)
    assert (probe.rung, probe.probing) == (Rung.STILL, True)
    assert step(probe, link=None, time=later + 10).rung is Rung.LOW


def test_a_quiet_scene_keeps_its_rung_on_a_link_that_has_become_thin() -> None:
    after = step(on(Rung.NATIVE, 1000.0), link=link(150.0), spent_kbits=60.0)
    assert after.rung is Rung.NATIVE
    assert after.kbits == pytest.approx(150.0 / 0.9)
    assert step(after, link=link(150.0), spent_kbits=150.0).rung is Rung.LOW


# Up


def test_up_after_a_steady_time_and_a_probe_that_came_through() -> None:
    low = on(Rung.LOW, 40.0)
    assert step(replace(low, since=FINE.time), link=link(300.0)).probing is False
    probe = step(low, link=link(300.0), spent_kbits=40.0)
    assert (probe.rung, probe.probing, probe.kbits) == (Rung.LOW, True, RANGES[Rung.NATIVE].least)
    second = step(probe, link=link(300.0), spent_kbits=200.0)
    assert (second.rung, second.probing) == (Rung.LOW, True), "the first is only being sent"
    up = step(second, link=link(300.0), spent_kbits=200.0)
    assert (up.rung, up.probing, up.probes) == (Rung.NATIVE, False, 0)
    assert up.kbits == pytest.approx(300.0 / 0.9)
    assert up.reason == "steady for 20 s, and the link allows 333 kbit/s"


def test_segments_that_took_the_next_rung_s_bits_anyway_were_probes() -> None:
    low = on(Rung.LOW, 400.0)
    first = step(low, link=link(600.0), spent_kbits=400.0)
    assert (first.rung, first.probes) == (Rung.LOW, 1)
    assert step(first, link=link(600.0), spent_kbits=400.0).rung is Rung.NATIVE
    assert step(replace(first, probing=False), link=link(600.0), spent_kbits=100.0).rung is Rung.LOW


def test_a_link_that_carries_more_than_the_rung_can_take_need_not_be_quiet() -> None:
    low = replace(on(Rung.LOW, 400.0), since=FINE.time - 2.0)
    assert step(low, link=link(401.0)).probing is True
    assert step(low, link=link(399.0)).probing is False
    assert step(low, link=link(401.0), waiting=6.0).probing is False, "three segments wait"


def test_bits_follow_the_link_at_once_and_the_rung_waits_until_it_has_lasted() -> None:
    after = step(on(Rung.NATIVE, 800.0), link=Link(150.0, slow=900.0))
    assert after.rung is Rung.NATIVE
    assert after.kbits == pytest.approx(150.0)
    assert step(after, link=Link(150.0, slow=180.0), spent_kbits=150.0).rung is Rung.LOW


def test_a_probe_that_does_not_come_through_is_taken_back() -> None:
    after = step(on(Rung.LOW, 200.0, probing=True), waiting=2.0)
    assert (after.rung, after.probing) == (Rung.LOW, False)
    assert after.kbits < 200.0


def test_a_rung_that_did_not_last_is_tried_later_each_time() -> None:
    waits, native = [], on(Rung.NATIVE, 400.0)
    for _ in range(4):
        low = step(native, waiting=4.0)
        waits.append(low.steady)
        native = replace(native, steady=low.steady)
    assert waits == [40.0, 60.0, 60.0, 60.0]
    lasted = step(replace(native, since=FINE.time - 3 * MOST_STEADY_SECONDS), waiting=4.0)
    assert lasted.steady == STEADY_SECONDS


# A live push, of which only the queue is known


def live(last: Decision, **change: Any) -> Decision:
    return step(last, link=None, patience=1.0, spent_kbits=change.pop("spent_kbits", last.kbits), **change)


def test_without_a_known_rate_bits_rise_slowly_as_long_as_nothing_queues() -> None:
    last = on(Rung.NATIVE, 200.0)
    risen = live(last)
    assert risen.kbits == pytest.approx(220.0)
    assert live(last, spent_kbits=50.0).kbits == 200.0, "a quiet scene shows nothing of the link"


def test_the_rate_at_which_pictures_queued_is_come_back_to_slowly() -> None:
    last = live(on(Rung.NATIVE, 1000.0), waiting=0.3)
    assert last.kbits == pytest.approx(800.0)
    for _ in range(30):
        last = live(last)
        assert last.kbits <= 1000.0 * 1.003**30
    assert last.rung is Rung.NATIVE


def test_pictures_that_queue_for_long_lower_the_rung() -> None:
    down = live(on(Rung.NATIVE, 1000.0), waiting=1.2)
    assert (down.rung, down.reason) == (Rung.LOW, "1.2 s of video wait")
    assert live(replace(down, since=0.0), spent_kbits=10.0).rung is Rung.LOW or down.kbits >= RANGES[Rung.NATIVE].least
