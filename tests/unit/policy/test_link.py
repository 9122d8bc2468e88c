import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_vsr.policy.link import LOCAL, Link, LinkEstimate

SOME_TRANSFERS = st.lists(
    st.tuples(st.integers(0, 10**7), st.floats(0.0, 100.0), st.floats(0.0, 600.0), st.booleans()), max_size=30
)


def carried(kbits: float, request: float, count: int = 30, size: int = 50_000, playlist: int = 3_000) -> LinkEstimate:
    """After `count` segments, one after the other, each with its playlist."""
    estimate, time = LinkEstimate(), 100.0
    for _ in range(count):
        for one in (size, playlist):
            seconds = request + one * 8 / 1000 / kbits
            estimate = estimate.after(one, time, seconds, playlist=one == playlist)
            time += seconds
    return estimate


@pytest.mark.parametrize("kbits", [20.0, 500.0, 2_000.0])
@pytest.mark.parametrize("request_seconds", [0.0, 0.06, 0.6])
def test_a_steady_link_is_taken_for_what_it_carries(kbits: float, request_seconds: float) -> None:
    link = carried(kbits, request_seconds).link(1)
    assert link is not None
    assert link.kbits == pytest.approx(kbits, rel=0.1)
    assert link.request_seconds == pytest.approx(request_seconds, abs=0.1 * request_seconds + 0.1)
    assert link.overhead == 3_000


def test_nothing_is_known_before_the_first_segment() -> None:
    assert LinkEstimate().link(1) is None
    assert LinkEstimate().after(3_000, 0.0, 1.0, playlist=True).link(1) is None


def test_what_was_sent_at_the_same_time_is_counted_once() -> None:
    estimate = LinkEstimate()
    for pair in range(20):
        # Two at once share 1000 kbit/s: 125 kB each in 2 s.
        estimate = estimate.after(125_000, 2.0 * pair, 1.9, playlist=False)
        estimate = estimate.after(125_000, 2.0 * pair, 2.0, playlist=False)
    link = estimate.link(2)
    assert link is not None
    assert 500.0 <= link.at_least.kbits <= 1100.0


def test_a_link_that_changes_is_followed_at_once_and_believed_later() -> None:
    high = carried(2000.0, 0.0)
    fallen = high.after(50_000, 1000.0, 4.0, playlist=False).link(1)
    assert fallen is not None
    assert fallen.at_least.kbits == fallen.kbits < 800.0 < 1000.0 < fallen.at_most.kbits
    low = carried(100.0, 0.0)
    risen = low.after(50_000, 1000.0, 2.0, playlist=False).link(1)
    assert risen is not None
    assert risen.at_least.kbits < 115.0 < 135.0 < risen.kbits


def test_playlists_and_requests_are_taken_off() -> None:
    assert Link(100.0).sustained(2.0) == 100.0
    assert Link(100.0, overhead=2500).sustained(2.0) == pytest.approx(90.0)
    assert Link(100.0, overhead=2500).sustained(10.0) == pytest.approx(98.0)
    assert Link(100.0, request_seconds=0.5).sustained(2.0) == pytest.approx(50.0)
    assert Link(100.0, request_seconds=0.5, parallel=2).sustained(2.0) == 100.0
    assert LOCAL.sustained(2.0) == math.inf


@given(SOME_TRANSFERS)
def test_whatever_was_sent_the_estimate_is_a_rate(transfers: list[tuple[int, float, float, bool]]) -> None:
    estimate, time = LinkEstimate(), 0.0
    fastest, known = 0.0, False
    for size, later, seconds, playlist in transfers:
        time += later
        estimate = estimate.after(size, time, seconds, playlist=playlist)
        known = known or not playlist
        link = estimate.link(2)
        assert (link is not None) == known
        if link is not None:
            fastest = max(fastest, size * 8 / 1000 / 1e-3)
            assert 0.0 <= link.kbits <= fastest * (1 + 1e-9)
            assert 0.0 <= link.sustained(2.0) <= link.kbits
            assert math.isfinite(link.request_seconds)
