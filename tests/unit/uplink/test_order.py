from hypothesis import given
from hypothesis import strategies as st

from edge_vsr.uplink.order import Order, Standing, next_to_send, tellable
from tests.unit.uplink.segments import info

W, S, T, M = Standing.WAITING, Standing.SENDING, Standing.STORED, Standing.MISSING
lines = st.lists(st.sampled_from(Standing), max_size=20)
orders = st.sampled_from(Order)


def told(standings: list[Standing], order: Order) -> list[tuple[int, bool]]:
    line = [(info(sequence), standing) for sequence, standing in enumerate(standings)]
    return [(one.sequence, gap) for one, gap in tellable(line, order)]


def test_the_order_chooses() -> None:
    assert next_to_send(["a", "b", "c"], {"a"}.__contains__, Order.OLDEST) == "b"
    assert next_to_send(["a", "b", "c"], {"c"}.__contains__, Order.NEWEST) == "b"
    assert next_to_send(["a"], {"a"}.__contains__, Order.NEWEST) is None


def test_oldest_first_waits_for_all_that_is_to_come() -> None:
    assert told([T, T, S, T], Order.OLDEST) == [(0, False), (1, False)]
    assert told([T, W, T], Order.OLDEST) == [(0, False)]
    assert told([M, T, M, T, M], Order.OLDEST) == [(0, True), (1, False), (2, True), (3, False)]


def test_newest_first_leaves_gaps_for_what_comes_later() -> None:
    assert told([W, W, T, W], Order.NEWEST) == [(0, True), (1, True), (2, False)]
    assert told([W, T, S, T], Order.NEWEST) == [(0, True), (1, False)]


@given(lines, orders)
def test_what_is_told_is_in_order_and_there_or_a_gap(standings: list[Standing], order: Order) -> None:
    found = told(standings, order)
    assert [sequence for sequence, _ in found] == list(range(len(found)))
    assert all(gap == (standings[sequence] is not T) for sequence, gap in found)
    assert not found or not found[-1][1]
    assert S not in standings[: len(found)]
    if order is Order.OLDEST:
        assert W not in standings[: len(found)]


@given(lines, orders)
def test_in_the_end_all_that_is_there_is_told(standings: list[Standing], order: Order) -> None:
    settled = [M if standing is M else T for standing in standings]
    assert {sequence for sequence, gap in told(settled, order) if not gap} == {
        sequence for sequence, standing in enumerate(settled) if standing is T
    }
