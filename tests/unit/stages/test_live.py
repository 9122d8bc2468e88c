from pathlib import Path

import pytest

from edge_vsr.clock import FakeClock
from edge_vsr.coded import CodedPicture
from edge_vsr.errors import UplinkAway
from edge_vsr.segment import Segment, SegmentInfo
from edge_vsr.stages.live import LiveFeed, LivePusher, LiveState
from edge_vsr.uplink.fake import FakeLiveUplink, Fault
from edge_vsr.uplink.spool import Spool
from tests.unit.codec.pictures import SMALL, encoded, noise
from tests.unit.uplink.segments import info

GOP = 5
AWAY = Fault(UplinkAway("fake is away: it broke the connection"))


@pytest.fixture
def spool(quick_path: Path) -> Spool:
    return Spool(quick_path / "spool")


def pictures(count: int) -> list[CodedPicture]:
    return encoded(list(noise(count, SMALL)), gop=GOP)


def items(segments: int) -> list[CodedPicture | SegmentInfo]:
    """Pictures as an encoder gives them, each segment's end after its last."""
    found: list[CodedPicture | SegmentInfo] = []
    for n, picture in enumerate(pictures(segments * GOP)):
        found.append(picture)
        if n % GOP == GOP - 1:
            found.append(info(n // GOP))
    return found


def push(uplink: FakeLiveUplink, spool: Spool, segments: int, clock: FakeClock | None = None) -> LivePusher:
    """Store and push as a run does, a picture a second."""
    clock = clock or FakeClock()
    pusher = LivePusher(uplink, spool, clock)
    for item in items(segments):
        if isinstance(item, SegmentInfo):
            spool.put(Segment(item, b"x"))
        else:
            clock.advance(1.0)
        pusher.handle(item)
    return pusher


def waiting(spool: Spool) -> list[int]:
    return [one.sequence for one in spool.pending()]


def test_what_was_pushed_leaves_the_spool(spool: Spool) -> None:
    uplink = FakeLiveUplink()
    pusher = push(uplink, spool, 3)
    assert waiting(spool) == []
    assert (pusher.segments, pusher.settled, pusher.state) == (3, 3, LiveState.LIVE)
    assert [len(session) for session in uplink.sessions] == [3 * GOP]


@pytest.mark.parametrize("lost_at", range(GOP))
def test_a_segment_that_missed_a_picture_stays_in_the_spool(spool: Spool, lost_at: int) -> None:
    uplink = FakeLiveUplink(*[None] * (GOP + lost_at), AWAY)
    pusher = push(uplink, spool, 4)
    assert waiting(spool) == [1]
    assert (pusher.segments, pusher.settled) == (3, 4)
    assert all(session[0].keyframe for session in uplink.sessions)


def test_a_picture_of_which_only_the_answer_was_lost_counts_as_missed(spool: Spool) -> None:
    push(FakeLiveUplink(Fault(UplinkAway("no answer"), stored=True)), spool, 2)
    assert waiting(spool) == [0]


def test_a_far_end_that_is_away_costs_the_segments_of_that_time_only(
    spool: Spool, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    uplink = FakeLiveUplink(*[None] * GOP, *[AWAY] * 3)
    pusher = push(uplink, spool, 30)
    missed = waiting(spool)
    assert 3 <= len(missed) <= 5
    assert missed == list(range(1, 1 + len(missed)))
    assert pusher.state is LiveState.LIVE
    assert pusher.status.last_error is None
    assert caplog.messages == [
        "live to fake",
        "fake is away: it broke the connection; what it misses is kept in the spool",
        "live to fake",
    ]


def test_tries_come_after_a_pause_and_with_a_keyframe(spool: Spool) -> None:
    clock = FakeClock()
    uplink = FakeLiveUplink(*[AWAY] * 1000)
    push(uplink, spool, 60, clock)
    tries = 1000 - len(uplink.script)
    assert 9 <= tries <= 60, f"{tries} tries in 300 s"


def test_a_feed_passes_all_on_while_there_is_room() -> None:
    feed, given = LiveFeed(100), items(3)
    for item in given:
        feed.offer(item)
    feed.channel.close()
    assert list(iter(feed.channel.get, None)) == given
    assert feed.segments == 3


def test_a_full_feed_leaves_out_up_to_the_next_keyframe_and_never_waits() -> None:
    feed, given = LiveFeed(3), items(3)
    for item in given[: GOP + 1]:
        feed.offer(item)
    assert [feed.channel.get() for _ in range(3)] == given[:3]
    for item in given[GOP + 1 : GOP + 3]:
        feed.offer(item)
    feed.channel.close()
    assert list(iter(feed.channel.get, None)) == given[GOP + 1 : GOP + 3], "it goes on with the next keyframe"
    assert feed.segments == 0, "a segment that was left out in part is not reported as pushed"


def test_a_segment_that_the_feed_left_out_stays_in_the_spool(spool: Spool) -> None:
    feed, pusher = LiveFeed(GOP - 1), LivePusher(FakeLiveUplink(), spool, FakeClock())
    for item in items(1):
        if isinstance(item, SegmentInfo):
            spool.put(Segment(item, b"x"))
        feed.offer(item)
    feed.channel.close()
    while (queued := feed.channel.get()) is not None:
        pusher.handle(queued)
    assert waiting(spool) == [0]
