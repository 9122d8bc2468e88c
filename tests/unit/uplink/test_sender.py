import logging
import random
import threading
from pathlib import Path

import pytest

from edge_vsr.backoff import Backoff
from edge_vsr.clock import FakeClock
from edge_vsr.errors import OutputError, UplinkAway, UplinkRefused
from edge_vsr.segment import SegmentNames
from edge_vsr.uplink.fake import FakeSegmentUplink, Fault
from edge_vsr.uplink.playlist import PLAYLIST_NAME, Playlist
from edge_vsr.uplink.sender import Delivered, SegmentSender, UplinkState
from edge_vsr.uplink.spool import Spool
from tests.unit.uplink.segments import NAMES, info, segment

AWAY = Fault(UplinkAway("no route"))
LOST = Fault(UplinkAway("no answer"), stored=True)
REFUSED = Fault(UplinkRefused("check the password"))
BACKOFF = Backoff(first=0.5, most=30.0)


class Rig:
    """A spool, a far end and the sender between them."""

    def __init__(self, folder: Path, *script: Fault | None) -> None:
        self.folder = folder
        self.spool = Spool(folder)
        self.uplink = FakeSegmentUplink(*script)
        self.clock = FakeClock()
        self.stop = threading.Event()
        self.sender = self._sender()

    def restart(self) -> None:
        self.spool.close()
        self.spool = Spool(self.folder)
        self.sender = self._sender()

    def _sender(self) -> SegmentSender:
        return SegmentSender(
            self.spool, self.uplink, clock=self.clock, stop=self.stop, backoff=BACKOFF, rng=random.Random(1), window=3
        )

    def listed(self) -> list[str]:
        return [entry.name for entry in Playlist.parse(self.uplink.objects[PLAYLIST_NAME].decode()).entries]


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


def test_a_link_that_is_down_is_a_state_and_is_tried_for_ever(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    rig = Rig(tmp_path, *[AWAY] * 40)
    rig.spool.put(segment(0))
    rig.spool.put(segment(1))
    for _ in range(40):
        assert not rig.sender.step()
    assert (rig.sender.state, rig.sender.last_error) == (UplinkState.AWAY, "no route")
    assert len(rig.clock.waits) == 40
    assert all(BACKOFF.floor <= wait <= BACKOFF.most for wait in rig.clock.waits)
    assert rig.sender.step()
    assert (rig.sender.state, rig.sender.last_error) == (UplinkState.UP, None)
    assert caplog.messages == [
        "uplink away: no route; 2 segments wait",
        "uplink fake is back after 40 tries; 1 segments wait",
    ]


def test_a_refusal_keeps_the_segment_and_waits_longest(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    rig = Rig(tmp_path, REFUSED, REFUSED)
    rig.spool.put(segment(0))
    assert not rig.sender.step()
    assert not rig.sender.step()
    assert rig.sender.state is UplinkState.REFUSED
    assert rig.clock.waits == [30.0, 30.0]
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
