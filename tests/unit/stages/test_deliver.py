import logging
import math
import threading
from pathlib import Path

import pytest

from edge_vsr.clock import FakeClock, SystemClock
from edge_vsr.errors import OutputError, UplinkAway
from edge_vsr.segment import Segment, SegmentInfo
from edge_vsr.stages.deliver import LiveDelivery, SpoolDelivery, open_delivery, store
from edge_vsr.uplink.fake import FakeLiveUplink, FakeSegmentUplink, Fault
from edge_vsr.uplink.folder import FolderUplink
from edge_vsr.uplink.playlist import PLAYLIST_NAME
from edge_vsr.uplink.spool import Spool
from tests.unit.uplink.segments import info, segment


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
    store(segment(0), spool, clock, threading.Event())
    assert spool.count == 1
    assert len(clock.waits) == 50
    assert caplog.messages == ["cannot store a segment: No space left on device; trying again"]


def test_a_segment_that_finds_no_room_at_the_end_of_a_run_is_an_error(tmp_path: Path) -> None:
    stop = threading.Event()
    stop.set()
    with pytest.raises(OutputError, match="No space left"):
        store(segment(0), FullSpool(tmp_path, math.inf), FakeClock(), stop)


def test_the_uplink_decides_the_way(tmp_path: Path) -> None:
    spool, clock = Spool(tmp_path / "spool"), FakeClock()
    assert isinstance(open_delivery(FakeSegmentUplink(), spool, clock), SpoolDelivery)
    assert isinstance(open_delivery(FakeLiveUplink(), spool, clock), LiveDelivery)


def test_all_that_was_taken_is_at_the_far_end_when_run_returns(tmp_path: Path) -> None:
    uplink, spool = FakeSegmentUplink(), Spool(tmp_path)
    delivery = SpoolDelivery(uplink, spool, SystemClock())
    for sequence in range(5):
        delivery.take(segment(sequence), threading.Event())
    assert delivery.backlog == 5
    delivery.end()
    delivery.run()
    assert (delivery.delivered, delivery.backlog, delivery.state) == (5, 0, "up")
    assert set(uplink.objects) == {info(n).name for n in range(5)} | {PLAYLIST_NAME}
    assert uplink.objects[PLAYLIST_NAME].endswith(b"#EXT-X-ENDLIST\n")
    assert uplink.closed


def test_what_the_far_end_does_not_take_in_time_waits(tmp_path: Path) -> None:
    uplink = FakeSegmentUplink(*[Fault(UplinkAway("away"))] * 10_000)
    spool = Spool(tmp_path)
    delivery = SpoolDelivery(uplink, spool, FakeClock())
    delivery.take(segment(0), threading.Event())
    delivery.end()
    delivery.run()
    assert (delivery.delivered, delivery.backlog, delivery.state) == (0, 1, "away")
    assert uplink.closed


def test_a_folder_is_as_fast_as_it_gets_and_a_network_is_measured(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool")
    assert SpoolDelivery(FolderUplink(tmp_path / "out"), spool, FakeClock()).link_kbits == math.inf
    assert SpoolDelivery(FakeSegmentUplink(), spool, FakeClock()).link_kbits is None


def test_live_segments_that_were_missed_are_no_backlog(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    for sequence in range(4):
        spool.put(segment(sequence))
    delivery = LiveDelivery(FakeLiveUplink(), spool, FakeClock())
    assert delivery.backlog == 0, "a lower rung would not bring them back"
    delivery.take(segment(4), threading.Event())
    assert delivery.backlog == 1
    delivery.end()
    delivery.run()
    assert (delivery.backlog, delivery.delivered) == (0, 1)
