from hypothesis import given
from hypothesis import strategies as st

from edge_vsr.restoring.hls.timeline import SLIP, Timeline

STAMPS = st.floats(0, 1e5)
LENGTHS = st.floats(0.01, 600)


def test_time_stamps_that_go_on_are_followed_exactly() -> None:
    second = Timeline().placed(100.0, discontinuity=False).after(2.0).placed(102.01, discontinuity=False)
    assert (second.begin, second.offset) == (102.01 - 100.0, -100.0)


@given(STAMPS, STAMPS, LENGTHS)
def test_after_a_discontinuity_a_piece_begins_where_the_one_before_ends(a: float, b: float, length: float) -> None:
    first = Timeline().placed(a, discontinuity=False).after(length)
    second = first.placed(b, discontinuity=True)
    assert second.begin == first.begin
    assert abs(b + (second.offset or 0.0) - first.begin) < 1e-6


@given(STAMPS, STAMPS, LENGTHS)
def test_a_clock_that_jumps_unsaid_moves_no_piece_far(a: float, b: float, length: float) -> None:
    first = Timeline().placed(a, discontinuity=False).after(length)
    assert abs(first.placed(b, discontinuity=False).begin - first.begin) <= SLIP + 1e-6


def test_what_a_piece_becomes_on_its_way_goes_on_where_it_was() -> None:
    whole = Timeline().placed(100.0, discontinuity=False)
    assert whole.goes_on(102.01, 2.0) == whole, "its time stamps are believed"
    assert whole.goes_on(900.0, 2.0) == Timeline(0.0, 2.0 - 900.0)


def test_a_gap_takes_its_time() -> None:
    assert Timeline().placed(5.0, discontinuity=False).after(2.0).after(4.0).begin == 6.0
