from hypothesis import given
from hypothesis import strategies as st

from edge_vsr.restoring.parts import PAUSE, SLIP, offsets

SPANS = st.lists(st.tuples(st.floats(0, 1e5), st.floats(0, 1e4)), min_size=1, max_size=20)


def test_parts_whose_time_stamps_go_on_keep_them() -> None:
    assert offsets([(10.0, 2.0), (12.0, 2.0), (14.1, 2.0)]) == [-10.0, -10.0, -10.0]


def test_a_pause_is_kept() -> None:
    assert offsets([(0.0, 2.0), (60.0, 2.0)]) == [0.0, 0.0]


def test_a_clock_that_begins_anew_goes_on_where_the_part_before_ended() -> None:
    assert offsets([(1.0, 2.0), (1.0, 3.0), (1.0, 2.0)]) == [-1.0, 1.0, 4.0]


@given(SPANS)
def test_parts_follow_each_other_without_absurd_gaps(spans: list[tuple[float, float]]) -> None:
    placed = [(start + offset, duration) for (start, duration), offset in zip(spans, offsets(spans), strict=True)]
    end = 0.0
    for begin, duration in placed:
        assert end - SLIP - 1e-6 <= begin <= end + PAUSE + 1e-6
        end = max(end, begin + duration)
