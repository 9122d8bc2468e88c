import logging
import math
import threading
from pathlib import Path

import pytest

from edge_vsr.clock import FakeClock, SystemClock
from edge_vsr.coded import CodedPicture
from edge_vsr.errors import OutputError, UplinkAway
from edge_vsr.heartbeat import Heartbeat, Heartbeats
from edge_vsr.policy.link import LOCAL
from edge_vsr.segment import Segment, SegmentInfo
from edge_vsr.stages.deliver import DoubleDelivery, LiveDelivery, SpoolDelivery, open_delivery, store
from edge_vsr.stages.live import LiveState
from edge_vsr.uplink.fake import FakeLiveUplink, FakeSegmentUplink, Fault
from edge_vsr.uplink.folder import FolderUplink
from edge_vsr.uplink.playlist import PLAYLIST_NAME
from edge_vsr.uplink.spool import Spool
from tests.unit.codec.pictures import SMALL, encoded, noise
from tests.unit.uplink.segments import info, segment


def heartbeat() -> Heartbeat:
    return Heartbeat(FakeClock())


class FullSpool(Spool):
    """Has no room for the first `refusals` segments put."""

    def __init__(self, folder: Path, refusals: float) -> None:
        super().__init__(folder)
        self.refusals = refusals

    def put(self, segment: Segment) -> list[SegmentInfo]:
        if self.refusals > 0:
            self.refusals -= 1
            raise OutputError("cannot store a segment: No space left on device")
        return super().put(segment)


def test_a_segment_waits_for_room_in_the_spool(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    spool, clock = FullSpool(tmp_path, 50), FakeClock()
    store(segment(0), spool, clock, threading.Event(), heartbeat())
    assert spool.count == 1
    assert len(clock.waits) == 50
    assert caplog.messages == ["cannot store a segment: No space left on device; trying again"]


def test_a_segment_that_finds_no_room_at_the_end_of_a_run_is_an_error(tmp_path: Path) -> None:
    stop = threading.Event()
    stop.set()
    with pytest.raises(OutputError, match="No space left"):
        store(segment(0), FullSpool(tmp_path, math.inf), FakeClock(), stop, heartbeat())


def test_the_uplink_decides_the_way(tmp_path: Path) -> None:
    spool, clock = Spool(tmp_path / "spool"), FakeClock()
    assert isinstance(open_delivery(FakeSegmentUplink(), spool, clock), SpoolDelivery)
    assert isinstance(open_delivery(FakeLiveUplink(), spool, clock), LiveDelivery)
    assert isinstance(open_delivery(FakeSegmentUplink(), spool, clock, live=FakeLiveUplink()), DoubleDelivery)


def test_all_that_was_taken_is_at_the_far_end_when_run_returns(tmp_path: Path) -> None:
    uplink, spool = FakeSegmentUplink(), Spool(tmp_path)
    delivery = SpoolDelivery(uplink, spool, SystemClock())
    for sequence in range(5):
        delivery.take(segment(sequence), threading.Event(), heartbeat())
    assert delivery.backlog == 5
    delivery.end()
    delivery.run(Heartbeats(FakeClock()))
    assert (delivery.delivered, delivery.backlog, delivery.state) == (5, 0, "up")
    assert set(uplink.objects) == {info(n).name for n in range(5)} | {PLAYLIST_NAME}
    assert uplink.objects[PLAYLIST_NAME].endswith(b"#EXT-X-ENDLIST\n")
    assert uplink.closed


def test_what_the_far_end_does_not_take_in_time_waits(tmp_path: Path) -> None:
    uplink = FakeSegmentUplink(*[Fault(UplinkAway("away"))] * 10_000)
    spool = Spool(tmp_path)
    delivery = SpoolDelivery(uplink, spool, FakeClock())
    delivery.take(segment(0), threading.Event(), heartbeat())
    delivery.end()
    delivery.run(Heartbeats(FakeClock()))
    assert (delivery.delivered, delivery.backlog, delivery.state) == (0, 1, "away")
    assert uplink.closed


def test_a_folder_is_as_fast_as_it_gets_and_a_network_is_measured(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool")
    assert SpoolDelivery(FolderUplink(tmp_path / "out"), spool, FakeClock()).link == LOCAL
    assert SpoolDelivery(FakeSegmentUplink(), spool, FakeClock()).link is None


def test_a_run_begins_with_what_the_link_carried_in_the_one_before(tmp_path: Path) -> None:
    with Spool(tmp_path) as spool:
        delivery = SpoolDelivery(FakeSegmentUplink(), spool, SystemClock())
        assert delivery.guess is None, "a new link"
        delivery.take(segment(0), threading.Event(), heartbeat())
        delivery.end()
        delivery.run(Heartbeats(FakeClock()))
        assert delivery.link is not None
        carried = delivery.link.at_least.kbits
    with Spool(tmp_path) as spool:
        assert SpoolDelivery(FakeSegmentUplink(), spool, FakeClock()).guess == pytest.approx(carried, abs=0.1)
        assert LiveDelivery(FakeLiveUplink(), spool, FakeClock()).guess == math.inf, "its queue tells at once"


def test_live_segments_that_were_missed_are_no_backlog(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    for sequence in range(4):
        spool.put(segment(sequence))
    delivery = LiveDelivery(FakeLiveUplink(), spool, FakeClock())
    assert delivery.backlog == 0, "a lower rung would not bring them back"
    delivery.take(segment(4), threading.Event(), heartbeat())
    assert delivery.backlog == 1
    delivery.end()
    delivery.run(Heartbeats(FakeClock()))
    assert (delivery.backlog, delivery.delivered) == (0, 1)


AWAY = Fault(UplinkAway("fake is away"))
GOP = 5


def deliver_twice(durable: FakeSegmentUplink, live: FakeLiveUplink, spool: Spool, segments: int) -> DoubleDelivery:
    """One encode of `segments` segments to both far ends, to the end."""
    delivery = open_delivery(durable, spool, FakeClock(), live=live)
    assert isinstance(delivery, DoubleDelivery)
    for n, picture in enumerate(pictures(segments)):
        delivery.take(picture, threading.Event(), heartbeat())
        if n % GOP == GOP - 1:
            delivery.take(segment(n // GOP), threading.Event(), heartbeat())
    delivery.end()
    delivery.run(Heartbeats(FakeClock()))
    return delivery


def pictures(segments: int) -> list[CodedPicture]:
    return encoded(list(noise(segments * GOP, SMALL)), gop=GOP)


def test_two_far_ends_get_the_same_encode(quick_path: Path) -> None:
    durable, live, spool = FakeSegmentUplink(), FakeLiveUplink(), Spool(quick_path)
    delivery = deliver_twice(durable, live, spool, 3)
    assert [[picture.data for picture in session] for session in live.sessions] == [[p.data for p in pictures(3)]]
    assert set(durable.objects) == {info(n).name for n in range(3)} | {PLAYLIST_NAME}
    assert (delivery.delivered, spool.count, delivery.state) == (3, 0, "up")
    assert (delivery.live.state, delivery.live.segments) == (LiveState.LIVE, 3)
    assert delivery.live.bytes == sum(len(picture.data) for picture in pictures(3))


def test_what_the_live_one_has_still_waits_for_the_one_that_keeps_it(quick_path: Path) -> None:
    spool = Spool(quick_path)
    delivery = deliver_twice(FakeSegmentUplink(*[AWAY] * 10_000), FakeLiveUplink(), spool, 3)
    assert (delivery.delivered, spool.count, delivery.live.segments) == (0, 3, 3)
    assert [(part.part, part.state, part.error) for part in delivery.parts] == [
        ("uplink", "away", "fake is away"),
        ("live", "live", None),
    ]


def test_a_live_one_that_is_away_holds_nothing_up(quick_path: Path) -> None:
    durable, spool = FakeSegmentUplink(), Spool(quick_path)
    delivery = deliver_twice(durable, FakeLiveUplink(*[AWAY] * 10_000), spool, 3)
    assert (delivery.delivered, spool.count, delivery.state) == (3, 0, "up")
    up, away = delivery.parts
    assert (up.part, up.error, up.failures) == ("uplink", None, 0)
    assert (away.part, away.error) == ("live", "fake is away")
    assert away.failures > 0
    assert (delivery.live.state, delivery.live.last_error, delivery.live.bytes) == (LiveState.AWAY, "fake is away", 0)


def test_whichever_falls_behind_is_the_backlog(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    delivery = open_delivery(FakeSegmentUplink(), spool, FakeClock(), live=FakeLiveUplink())
    for sequence in range(4):
        delivery.take(segment(sequence), threading.Event(), heartbeat())
    spool.remove(info(0).name)
    assert delivery.backlog == 4, "the live one has not got the first"
