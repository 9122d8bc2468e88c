import logging
import random
import threading
import time
from dataclasses import replace
from pathlib import Path
from unittest.mock import ANY

import pytest

from edge_vsr.backoff import Backoff
from edge_vsr.clock import FakeClock, SystemClock
from edge_vsr.dates import boot_id
from edge_vsr.errors import ObjectRefused, OutputError, UplinkAway, UplinkRefused
from edge_vsr.segment import Segment, SegmentNames
from edge_vsr.uplink.fake import FakeSegmentUplink, Fault
from edge_vsr.uplink.order import Order
from edge_vsr.uplink.playlist import PLAYLIST_NAME, Playlist
from edge_vsr.uplink.retention import Bounds
from edge_vsr.uplink.sender import SegmentSender, UplinkState
from edge_vsr.uplink.spool import Spool
from edge_vsr.uplink.transfers import Delivered, Transfer, throughput
from tests.unit.uplink.segments import NAMES, info, segment

AWAY = Fault(UplinkAway("no route"))
LOST = Fault(UplinkAway("no answer"), stored=True)
REFUSED = Fault(UplinkRefused("check the password"))
BACKOFF = Backoff(first=0.5, most=30.0)


class Rig:
    """A spool, a far end and the sender between them."""

    def __init__(
        self, folder: Path, *script: Fault | None, order: Order = Order.OLDEST, bounds: Bounds | None = None
    ) -> None:
        self.folder = folder
        self.clock = FakeClock()
        self.order = order
        self.spool = Spool(folder, bounds, self.clock)
        self.uplink = FakeSegmentUplink(*script)
        self.transfers: list[Transfer] = []
        self.stop = threading.Event()
        self.sender = self._sender()

    def restart(self) -> None:
        self.spool.close()
        self.spool = Spool(self.folder)
        self.sender = self._sender()

    def _sender(self) -> SegmentSender:
        return SegmentSender(
            self.spool,
            self.uplink,
            clock=self.clock,
            stop=self.stop,
            backoff=BACKOFF,
            rng=random.Random(1),
            window=3,
            order=self.order,
            observe=self.transfers.append,
        )

    @property
    def playlist(self) -> Playlist:
        return Playlist.parse(self.uplink.objects[PLAYLIST_NAME].decode())

    def listed(self) -> list[str]:
        return [entry.name for entry in self.playlist.entries]

    def gaps(self) -> list[bool]:
        return [entry.gap for entry in self.playlist.entries]


def name(sequence: int) -> str:
    return info(sequence).name


def test_the_segment_goes_first_and_then_the_playlist_that_lists_it(tmp_path: Path) -> None:
    rig = Rig(tmp_path)
    rig.spool.put(segment(0))
    assert rig.sender.step()
    assert rig.uplink.puts == [name(0), PLAYLIST_NAME]
    assert rig.uplink.objects[name(0)] == segment(0).data
    assert rig.listed() == [name(0)]
    assert rig.spool.count == 0
    assert rig.sender.delivered == Delivered(1, 1000, 50)
    assert not rig.sender.step()


def test_players_are_told_of_stills_before_there_are_any(tmp_path: Path) -> None:
    rig, targets = Rig(tmp_path), []
    for sequence, seconds in enumerate((2.0, 10.0, 2.0)):
        rig.spool.put(Segment(info(sequence, duration=seconds), b"x"))
        assert rig.sender.step()
        targets.append(rig.playlist.target)
        rig.restart()
    # RFC 8216, 6.2.1: it must not change.
    assert targets == [10, 10, 10]


def test_a_link_that_is_down_is_a_state_and_is_tried_for_ever(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    rig = Rig(tmp_path, *[AWAY] * 40)
    rig.spool.put(segment(0))
    rig.spool.put(segment(1))
    for _ in range(40):
        assert not rig.sender.step()
    assert (rig.sender.state, rig.sender.status.error) == (UplinkState.AWAY, "no route")
    assert len(rig.clock.waits) == 40
    assert all(BACKOFF.floor <= wait <= BACKOFF.most for wait in rig.clock.waits)
    assert rig.sender.step()
    assert (rig.sender.state, rig.sender.status.error) == (UplinkState.UP, None)
    assert caplog.messages == [
        "uplink away: no route; 2 segments wait",
        "uplink fake is back after 40 tries; 1 segments wait",
    ]


def test_after_hours_of_outage_everything_arrives_in_order(quick_path: Path) -> None:
    rig = Rig(quick_path, *[AWAY] * 2000)
    began = rig.clock.monotonic()
    for sequence in range(30):
        rig.spool.put(segment(sequence))
    while rig.spool.count:
        rig.sender.step()
    assert rig.clock.monotonic() - began > 4 * 3600.0
    assert [one for one in rig.uplink.puts[2000:] if one != PLAYLIST_NAME] == [name(n) for n in range(30)]
    assert rig.listed() == [name(27), name(28), name(29)]


def test_a_refusal_keeps_the_segment_and_waits_longest(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    rig = Rig(tmp_path, REFUSED, REFUSED)
    rig.spool.put(segment(0))
    assert not rig.sender.step()
    assert not rig.sender.step()
    assert rig.sender.state is UplinkState.REFUSED
    assert rig.clock.waits == [90.0, 90.0]
    assert rig.spool.count == 1
    assert caplog.messages == ["uplink refused: check the password; 1 segments wait"]


@pytest.mark.parametrize(
    "script",
    [
        pytest.param([AWAY], id="the segment does not get through"),
        pytest.param([LOST], id="the segment gets through, its answer does not"),
        pytest.param([None, AWAY], id="the playlist does not get through"),
        pytest.param([None, LOST], id="the playlist gets through, its answer does not"),
    ],
)
@pytest.mark.parametrize("restart", [False, True])
def test_whatever_breaks_every_segment_is_there_and_listed_once(
    tmp_path: Path, script: list[Fault | None], restart: bool
) -> None:
    rig = Rig(tmp_path, *script)
    for sequence in range(3):
        rig.spool.put(segment(sequence))
    rig.sender.step()
    if restart:
        rig.restart()
    while rig.spool.count:
        rig.sender.step()
    assert rig.listed() == [name(0), name(1), name(2)]
    assert set(rig.uplink.objects) == {name(0), name(1), name(2), PLAYLIST_NAME}


def test_a_crash_before_the_spool_forgets_lists_the_segment_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rig = Rig(tmp_path)
    rig.spool.put(segment(0))
    for step in ("save_playlist", "remove"):
        monkeypatch.setattr(rig.spool, step, _crash)
        with pytest.raises(KeyboardInterrupt):
            rig.sender.step()
        rig.restart()
    assert rig.sender.step()
    assert rig.listed() == [name(0)]


def _crash(*_: object) -> None:
    raise KeyboardInterrupt


def test_where_only_the_playlist_fails_the_segment_is_not_sent_twice(tmp_path: Path) -> None:
    rig = Rig(tmp_path, None, AWAY, AWAY)
    rig.spool.put(segment(0))
    while rig.spool.count:
        rig.sender.step()
    assert rig.uplink.puts == [name(0), PLAYLIST_NAME, PLAYLIST_NAME, PLAYLIST_NAME]


def test_a_restart_goes_on_with_the_same_playlist(tmp_path: Path) -> None:
    rig = Rig(tmp_path)
    rig.spool.put(segment(0))
    rig.sender.step()
    rig.restart()
    later = SegmentNames("20261123T000000Z", "ffffff")
    rig.spool.put(segment(0, names=later))
    rig.sender.step()
    playlist = Playlist.parse(rig.uplink.objects[PLAYLIST_NAME].decode())
    assert [(entry.name, entry.discontinuity) for entry in playlist.entries] == [
        (NAMES.name(0), False),
        (later.name(0), True),
    ]


def test_a_damaged_playlist_is_replaced(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    rig = Rig(tmp_path)
    rig.spool.save_playlist("rubbish")
    rig.restart()
    rig.spool.put(segment(0))
    assert rig.sender.step()
    assert rig.listed() == [name(0)]
    assert "damaged" in caplog.text


def test_a_full_disk_does_not_stop_the_sending(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    rig = Rig(tmp_path)
    rig.spool.put(segment(0))

    def full(_: str) -> None:
        raise OutputError("No space left")

    monkeypatch.setattr(rig.spool, "save_playlist", full)
    assert rig.sender.step()
    assert rig.spool.count == 0
    assert "may lack segments after a restart: No space left" in caplog.text


def test_the_window_slides(tmp_path: Path) -> None:
    rig = Rig(tmp_path)
    for sequence in range(5):
        rig.spool.put(segment(sequence))
    assert rig.sender.drain(60.0) == 0
    assert rig.listed() == [name(2), name(3), name(4)]


def test_throughput_is_bytes_over_transfer_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rig = Rig(tmp_path)
    put = rig.uplink.put

    def slow(name: str, data: bytes) -> None:
        rig.clock.advance(len(data) / 8000)
        put(name, data)

    monkeypatch.setattr(rig.uplink, "put", slow)
    rig.spool.put(segment(0, 4000))
    rig.spool.put(segment(1, 2000))
    rig.sender.step()
    rig.clock.advance(100.0)
    rig.sender.step()
    assert rig.sender.throughput == pytest.approx(64.0)
    assert rig.sender.last_transfer is not None
    assert rig.sender.last_transfer.kbits == pytest.approx(64.0)

    assert [(one.bytes, one.seconds, one.playlist) for one in rig.transfers] == [
        (4000, pytest.approx(0.5), False),
        (ANY, ANY, True),
        (2000, pytest.approx(0.25), False),
        (ANY, ANY, True),
    ]


def test_seconds_of_video_that_wait_are_those_not_on_their_way(tmp_path: Path) -> None:
    rig = Rig(tmp_path, None, AWAY)
    for sequence in range(3):
        rig.spool.put(segment(sequence))
    assert (rig.spool.seconds, rig.sender.waiting_seconds, rig.sender.under_way) == (6.0, 6.0, 0)
    rig.sender.step()
    assert (rig.spool.seconds, rig.sender.waiting_seconds, rig.sender.under_way) == (6.0, 4.0, 1)


def test_transfers_at_the_same_time_share_the_link() -> None:
    together = [Transfer(1000, 4.0, 10.0), Transfer(1000, 4.0, 11.0), Transfer(1000, 1.0, 12.0)]
    assert throughput(together) == pytest.approx(24_000 / 1000 / 5.0)
    assert throughput([*together, Transfer(1000, 5.0, 100.0)]) == pytest.approx(32_000 / 1000 / 10.0)


def test_newest_first_shows_the_live_edge_at_once_and_fills_the_gaps(tmp_path: Path) -> None:
    rig = Rig(tmp_path, order=Order.NEWEST)
    for sequence in range(5):
        rig.spool.put(segment(sequence))
    assert rig.sender.step()
    assert (rig.listed(), rig.gaps()) == ([name(2), name(3), name(4)], [True, True, False])
    rig.spool.put(segment(5))
    rig.restart()
    assert rig.sender.step()
    assert (rig.listed(), rig.gaps()) == ([name(3), name(4), name(5)], [True, False, False])
    assert rig.sender.drain(60.0) == 0
    assert (rig.listed(), rig.gaps()) == ([name(3), name(4), name(5)], [False, False, False])
    assert rig.uplink.objects.keys() == {*map(name, range(6)), PLAYLIST_NAME}
    assert len(rig.uplink.puts) == 12


def test_what_was_given_up_for_room_is_a_gap(tmp_path: Path) -> None:
    rig = Rig(tmp_path, bounds=Bounds(2000))
    rig.spool.put(segment(0))
    rig.sender.step()
    for sequence in range(1, 4):
        rig.spool.put(segment(sequence))
    assert rig.sender.drain(60.0) == 0
    assert (rig.listed(), rig.gaps()) == ([name(1), name(2), name(3)], [True, False, False])
    assert [path.name for path in tmp_path.glob("*.gap")] == []
    assert rig.sender.delivered.count == 3


def test_an_object_that_is_refused_for_itself_does_not_hold_up_the_others(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    rig = Rig(tmp_path, Fault(ObjectRefused("too large")))
    for sequence in range(3):
        rig.spool.put(segment(sequence))
    assert rig.sender.drain(5.0) == 1
    assert (rig.listed(), rig.gaps()) == ([name(0), name(1), name(2)], [True, False, False])
    assert rig.sender.state is UplinkState.UP
    assert "too large" in caplog.text
    rig.clock.advance(600.0)
    assert rig.sender.step()
    assert (rig.gaps(), rig.spool.count) == ([False, False, False], 0)


def test_dates_of_what_waits_are_corrected_when_the_date_is_known(tmp_path: Path) -> None:
    rig = Rig(tmp_path)
    rig.clock.set_wall(100.0)
    for sequence in range(2):
        made = replace(info(sequence), start=rig.clock.wall(), boot=boot_id(), uptime=rig.clock.uptime())
        rig.spool.put(Segment(made, b"x"))
        rig.clock.advance(2.0)
    rig.sender.step()
    rig.clock.set_wall(1_790_000_004.0)
    rig.sender.step()
    assert [entry.start for entry in rig.playlist.entries] == [100.0, 1_790_000_002.0]
    assert rig.listed() == [name(0), name(1)]


class SlowUplink(FakeSegmentUplink):
    """Every put takes a while, and the most that were under way at once are counted. Stands for several."""

    def __init__(self) -> None:
        super().__init__()
        self.guard = threading.Lock()
        self.under_way = self.most = 0
        self.listed_too_early: list[str] = []

    def put(self, name: str, data: bytes) -> None:
        with self.guard:
            self.under_way += 1
            self.most = max(self.most, self.under_way)
        time.sleep(random.uniform(0.0, 0.01))
        with self.guard:
            self.under_way -= 1
            if name == PLAYLIST_NAME:
                entries = Playlist.parse(data.decode()).entries
                names = [entry.name for entry in entries]
                assert names == sorted(set(names))
                self.listed_too_early += [one.name for one in entries if not one.gap and one.name not in self.objects]
            super().put(name, data)


@pytest.mark.parametrize("order", Order)
@pytest.mark.parametrize("lanes", [1, 2, 4])
def test_several_are_on_their_way_at_once_and_the_playlist_is_never_ahead(
    quick_path: Path, lanes: int, order: Order
) -> None:
    uplink, stop = SlowUplink(), threading.Event()
    with Spool(quick_path) as spool:
        sender = SegmentSender(spool, *[uplink] * lanes, clock=SystemClock(), stop=stop, window=None, order=order)
        for sequence in range(20):
            spool.put(segment(sequence, 10))
        runner = threading.Thread(target=sender.run)
        runner.start()
        for sequence in range(20, 40):
            spool.put(segment(sequence, 10))
            time.sleep(0.002)
        stop.set()
        runner.join()
        assert sender.drain(20.0) == 0
        assert sender.finish()
    entries = Playlist.parse(uplink.objects[PLAYLIST_NAME].decode()).entries
    assert [entry.name for entry in entries] == [name(sequence) for sequence in range(40)]
    assert not any(entry.gap for entry in entries)
    assert uplink.listed_too_early == []
    assert sorted(one for one in uplink.puts if one != PLAYLIST_NAME) == [name(sequence) for sequence in range(40)]
    assert (lanes > 1) == (uplink.most > 1)
    assert uplink.most <= lanes
    assert sender.delivered.count == 40


def test_while_the_far_end_is_away_one_lane_tries(quick_path: Path) -> None:
    stop = threading.Event()
    uplink = FakeSegmentUplink(*[AWAY] * 1000)
    with Spool(quick_path) as spool:
        sender = SegmentSender(
            spool, *[uplink] * 4, clock=SystemClock(), stop=stop, backoff=Backoff(first=0.1, most=0.1, floor=0.1)
        )
        for sequence in range(20):
            spool.put(segment(sequence, 10))
        threading.Timer(0.5, stop.set).start()
        sender.run()
        assert spool.count == 20
    assert len(uplink.puts) <= 4 + 6


def test_while_the_playlist_is_refused_one_lane_tries(quick_path: Path) -> None:
    stop = threading.Event()

    class NoPlaylists(FakeSegmentUplink):
        def put(self, name: str, data: bytes) -> None:
            self.script.append(AWAY if name == PLAYLIST_NAME else None)
            super().put(name, data)

    uplink = NoPlaylists()
    with Spool(quick_path) as spool:
        pauses = Backoff(first=30.0, most=30.0, floor=30.0)
        sender = SegmentSender(spool, *[uplink] * 4, clock=SystemClock(), stop=stop, backoff=pauses)
        for sequence in range(20):
            spool.put(segment(sequence, 10))
        threading.Timer(0.5, stop.set).start()
        sender.run()
    assert uplink.puts.count(PLAYLIST_NAME) == 1


def test_drain_goes_on_after_stop_but_not_for_ever(tmp_path: Path) -> None:
    rig = Rig(tmp_path, *[AWAY] * 1000)
    rig.stop.set()
    rig.spool.put(segment(0))
    began = rig.clock.monotonic()
    assert rig.sender.drain(5.0) == 1
    assert rig.clock.monotonic() - began == pytest.approx(5.0)


def test_the_end_is_told_only_when_everything_is_there(tmp_path: Path) -> None:
    rig = Rig(tmp_path)
    assert not rig.sender.finish()
    rig.spool.put(segment(0))
    assert not rig.sender.finish()
    rig.sender.step()
    assert rig.sender.finish()
    assert rig.uplink.objects[PLAYLIST_NAME].endswith(b"#EXT-X-ENDLIST\n")


def test_an_end_that_cannot_be_told_is_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    rig = Rig(tmp_path, None, None, AWAY)
    rig.spool.put(segment(0))
    rig.sender.step()
    assert not rig.sender.finish()
    assert "stays open at the far end: no route" in caplog.text


def test_run_ends_when_stopped(tmp_path: Path) -> None:
    rig = Rig(tmp_path)
    rig.spool.put(segment(0))
    stopper = threading.Timer(0.2, rig.stop.set)
    stopper.start()
    rig.sender.run()
    stopper.join()
    assert rig.spool.count == 0
