from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from edge_vsr.dates import Moment
from edge_vsr.uplink.retention import STILL, Bounds, Kept, room_for, surplus
from tests.unit.uplink.segments import info

NOW = Moment("this", 1000.0, wall=0.0)


def kept(size: int, rung: str = "native", uptime: float = 1000.0, sequence: int = 0) -> Kept:
    return Kept(replace(info(sequence), rung=rung, boot="this", uptime=uptime), size)


spools = st.lists(
    st.tuples(st.integers(0, 500), st.sampled_from(["low", "native", STILL])), min_size=1, max_size=20
).map(lambda found: [kept(size, rung, sequence=number) for number, (size, rung) in enumerate(found)])


def test_the_oldest_that_is_no_still_goes_first() -> None:
    spool = [kept(10, STILL, sequence=0), kept(10, sequence=1), kept(10, sequence=2), kept(10, sequence=3)]
    assert [one.sequence for one in surplus(spool, Bounds(25), NOW)] == [1, 2]
    assert [one.sequence for one in surplus(spool, Bounds(5), NOW)] == [1, 2, 0]
    assert [one.sequence for one in room_for(35, spool)] == [1, 2, 3, 0]


def test_what_is_too_old_goes_whatever_it_is() -> None:
    spool = [kept(10, STILL, 0.0, 0), kept(10, "low", 900.0, 1), kept(10, "low", 990.0, 2)]
    assert [one.sequence for one in surplus(spool, Bounds(seconds=50.0), NOW)] == [0, 1]


@given(spools, st.integers(0, 5000))
def test_what_stays_fits_and_nothing_goes_that_need_not(spool: list[Kept], limit: int) -> None:
    gone = [one.name for one in surplus(spool, Bounds(limit), NOW)]
    left = [one for one in spool if one.info.name not in gone]
    assert spool[-1] in left
    assert sum(one.size for one in left) <= limit or left == [spool[-1]]
    if gone:
        last = next(one for one in spool if one.info.name == gone[-1])
        assert sum(one.size for one in left) + last.size > limit


@given(spools, st.integers(0, 5000))
def test_stills_go_last_and_the_rest_by_age(spool: list[Kept], limit: int) -> None:
    gone = surplus(spool, Bounds(limit), NOW)
    assert gone == sorted(gone, key=lambda one: (one.rung == STILL, one.sequence))
    if any(one.rung == STILL for one in gone):
        assert all(one.info in gone or one.info.rung == STILL for one in spool[:-1])


@given(spools, st.integers(1, 5000))
def test_room_is_enough_or_nothing_is_given_up(spool: list[Kept], size: int) -> None:
    sizes = {one.info.name: one.size for one in spool}
    gone = room_for(size, spool)
    assert bool(gone) == (sum(sizes.values()) >= size)
    assert not gone or sum(sizes[one.name] for one in gone) >= size


def test_without_bounds_all_stays() -> None:
    assert surplus([kept(10**9), kept(10**9)], Bounds(), NOW) == []
    assert surplus([], Bounds(0, 0.0), NOW) == []
