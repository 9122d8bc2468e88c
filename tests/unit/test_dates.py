from dataclasses import replace

from edge_vsr.clock import FakeClock, SystemClock
from edge_vsr.dates import KNOWN, Moment, age, boot_id, dated
from tests.unit.uplink.segments import info

NOW = 1_790_000_000.0
SHOT = replace(info(0), boot="this", uptime=30.0, start=30.0)
"""Made half a minute after a start at which the machine believed it was 1970."""


def test_a_date_moves_when_the_clock_jumps_and_stays_when_it_does_not() -> None:
    assert dated(SHOT, Moment("this", 90.0, wall=90.0)) == SHOT
    assert dated(SHOT, Moment("this", 90.0, wall=90.3)) == SHOT
    assert dated(SHOT, Moment("this", 90.0, wall=NOW)) == replace(SHOT, start=NOW - 60.0)


def test_the_date_of_another_start_of_the_machine_is_not_known() -> None:
    assert dated(SHOT, Moment("other", 90.0, wall=NOW)) == SHOT
    unknown = replace(SHOT, boot="")
    assert dated(unknown, Moment("", 90.0, wall=NOW)) == unknown


def test_a_date_never_moves_out_of_the_calendar() -> None:
    assert dated(replace(SHOT, uptime=1e13), Moment("this", 90.0, wall=NOW)).start == SHOT.start


def test_age_is_time_that_has_passed_and_no_jump() -> None:
    assert age(SHOT, Moment("this", 90.0, wall=NOW)) == 60.0
    assert age(SHOT, Moment("other", 90.0, wall=NOW)) == 0.0
    known = replace(SHOT, start=NOW)
    assert age(known, Moment("other", 90.0, wall=NOW + 100.0)) == 100.0
    assert age(known, Moment("other", 90.0, wall=NOW - 100.0)) == 0.0
    assert age(known, Moment("other", 90.0, wall=KNOWN - 1.0)) == 0.0


def test_the_machine_tells_which_start_it_is() -> None:
    assert boot_id() == Moment.of(SystemClock()).boot != ""
    assert Moment.of(FakeClock(5.0, 6.0)) == Moment(boot_id(), 5.0, 6.0)
