"""The policy on links that never were: the real decisions, with time that is a number."""

import functools
import itertools
from pathlib import Path

import pytest

from edge_vsr.rung import SEGMENT_SECONDS, Rung
from tests.simulation.measures import BUSY, measures
from tests.simulation.policies import Ladder
from tests.simulation.quality import MEASURED, quality
from tests.simulation.simulate import Sent, simulate
from tests.simulation.traces import TRACES, Trace, read_trace

RUNGS = list(Rung)
every_trace = pytest.mark.parametrize("trace", TRACES, ids=lambda trace: trace.name)
STEADY = [trace for trace in TRACES if trace.steady and trace.kbits(0.0) >= 80.0]


@functools.cache
def simulated(trace: Trace) -> tuple[Ladder, list[Sent]]:
    policy = Ladder()
    return policy, simulate(trace, policy, lambda _: BUSY)


@every_trace
def test_every_segment_arrives(trace: Trace) -> None:
    assert measures(trace, simulated(trace)[1]).lost == 0


@every_trace
def test_the_backlog_never_grows_by_more_than_two_segments_on_the_same_rung(trace: Trace) -> None:
    _, sent = simulated(trace)
    lowest = sent[0].waiting
    for before, one in itertools.pairwise(sent):
        if RUNGS.index(one.rung) < RUNGS.index(before.rung):
            lowest = one.waiting
        lowest = min(lowest, one.waiting)
        # Under `low` there are only stills, for a link that is known to carry no more.
        if RUNGS.index(one.rung) > RUNGS.index(Rung.LOW):
            assert one.waiting - lowest <= 2 * SEGMENT_SECONDS, f"at {one.time:.0f} s {one.waiting:.0f} s wait"


@pytest.mark.parametrize("trace", STEADY, ids=lambda trace: trace.name)
def test_a_steady_link_is_used_and_the_rung_stays(trace: Trace) -> None:
    found = measures(trace, simulated(trace)[1])
    assert found.used >= 0.8
    assert found.changes <= 1.0
    assert found.median <= 4.0


@every_trace
def test_four_fifths_of_every_link_are_used(trace: Trace) -> None:
    assert measures(trace, simulated(trace)[1]).used >= 0.8


def test_after_an_outage_of_a_minute_the_live_edge_is_back_within_thirty_seconds() -> None:
    (trace,) = (trace for trace in TRACES if trace.name == "60 s of outage")
    _, sent = simulated(trace)
    back = next(since for since, kbits in trace.points if since > 0.0 and kbits)
    for one in sent:
        if one.time >= back + 30.0:
            assert one.delay <= 4.0, f"what was captured at {one.time:.0f} s came {one.delay:.1f} s late"


def test_sixteen_kilobits_carry_stills_that_arrive_before_the_next() -> None:
    (trace,) = (trace for trace in TRACES if trace.name == "steady 16")
    _, sent = simulated(trace)
    late = [one for one in sent if one.time >= trace.seconds - 60]
    assert {one.rung for one in late} == {Rung.STILL}
    assert all(after.delay <= before.delay + 5.0 for before, after in itertools.pairwise(late)), "the backlog grows"


def test_a_new_link_that_turns_out_to_be_thin_shows_something_soon_and_a_known_one_at_once() -> None:
    (trace,) = (trace for trace in TRACES if trace.name == "steady 16")
    _, sent = simulated(trace)
    assert sent[0].arrived is not None
    assert sent[0].arrived <= 15.0
    assert max(one.delay for one in sent) <= 45.0
    again = simulate(trace, Ladder(guess=16.0), lambda _: BUSY)
    assert max(one.delay for one in again) <= 10.0


@pytest.mark.parametrize("heading", ["", "seconds,kbit/s\n"])
def test_a_recorded_link_is_read(tmp_path: Path, heading: str) -> None:
    path = tmp_path / "mast.csv"
    path.write_text(f"{heading}100,800\n105,0\n110.5, 1200\n")
    trace = read_trace(path)
    assert (trace.name, trace.seconds) == ("mast", 16.0)
    assert [trace.kbits(time) for time in (0.0, 4.9, 5.0, 10.5, 15.0)] == [800.0, 800.0, 0.0, 1200.0, 1200.0]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "fewer than two"),
        ("0,100\n", "fewer than two"),
        ("0,100\n1,fast\n", ":2: not seconds"),
        ("0,100\n1,2,3\n", ":2: not seconds"),
        ("0,100\n0,200\n", ":2: seconds must go up"),
        ("0,100\n1,-5\n", ":2: seconds must go up"),
        ("0,nan\n1,5\n", ":1: seconds must go up"),
        ("0,100\n1,inf\n", ":2: seconds must go up"),
    ],
)
def test_a_file_that_is_no_link_is_told_with_its_line(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "bad.csv"
    path.write_text(text)
    with pytest.raises(ValueError, match=says):
        read_trace(path)


def test_a_rung_below_what_was_measured_is_worth_less_and_no_less_than_a_still() -> None:
    assert quality(Rung.NATIVE, 16) < quality(Rung.NATIVE, 60) < quality(Rung.NATIVE, 116)
    assert quality(Rung.NATIVE, 60) < quality(Rung.LOW, 60)
    assert quality(Rung.NATIVE, 0.1) == MEASURED[Rung.STILL][0][1]
