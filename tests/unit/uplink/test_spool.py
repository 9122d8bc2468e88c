import errno
import json
import os
import stat
import subprocess
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule

from edge_vsr.clock import FakeClock
from edge_vsr.dates import boot_id
from edge_vsr.errors import OutputError
from edge_vsr.segment import Segment
from edge_vsr.uplink.disk import SpoolState
from edge_vsr.uplink.playlist import Playlist
from edge_vsr.uplink.retention import Bounds
from edge_vsr.uplink.spool import IN_VAIN_SECONDS, LOG_EVERY, Spool
from tests.unit.uplink.segments import info, segment


def oldest(spool: Spool) -> Segment | None:
    names = spool.names()
    return spool.read(names[0]) if names else None


def test_segments_come_out_oldest_first(tmp_path: Path) -> None:
    with Spool(tmp_path / "spool") as spool:
        for sequence in (2, 0, 1):
            spool.put(segment(sequence))
        assert [one.sequence for one in spool.pending()] == [0, 1, 2]
        assert oldest(spool) == segment(0)
        assert (spool.count, spool.bytes) == (3, 3000)
        assert spool.remove(segment(0).info.name)
        assert not spool.remove(segment(0).info.name)
        assert oldest(spool) == segment(1)


def test_an_earlier_run_is_found_again_and_its_leftovers_are_not(tmp_path: Path) -> None:
    with Spool(tmp_path) as spool:
        spool.put(segment(3))
        spool.save_playlist("text")
    (tmp_path / ".x.ts.tmp").write_bytes(b"half")
    (tmp_path / "orphan.ts.json").write_text(info(0).to_json())
    with Spool(tmp_path) as spool:
        assert oldest(spool) == segment(3)
        assert spool.load_playlist() == "text"
        assert {path.name for path in tmp_path.iterdir()} == {
            ".lock",
            "playlist.m3u8",
            info(3).name,
            info(3).name + ".json",
        }


def test_what_the_link_carried_is_known_to_the_next_run(tmp_path: Path) -> None:
    with Spool(tmp_path) as spool:
        assert spool.load_rate() is None
        spool.save_rate(123.45)
    with Spool(tmp_path) as spool:
        assert spool.load_rate() == pytest.approx(123.4, abs=0.1)
        assert spool.aside == 0
    for rubbish in ("", "fast", "nan", "inf", "-5", "0"):
        (tmp_path / ".rate").write_text(rubbish)
        with Spool(tmp_path) as spool:
            assert spool.load_rate() is None, rubbish


def test_a_file_without_a_sound_description_is_left_aside(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "stranger.ts").write_bytes(b"?")
    (tmp_path / "other.ts").write_bytes(b"?")
    (tmp_path / "other.ts.json").write_text(info(0).to_json())
    with Spool(tmp_path) as spool:
        assert (spool.count, spool.aside, spool.state) == (0, 2, SpoolState.UNKNOWN_FILES)
        spool.put(segment(1))
        assert spool.state is SpoolState.UNKNOWN_FILES, "it goes on beside them, and does not forget them"
    assert (tmp_path / "stranger.ts").exists()
    assert caplog.text.count("left aside") == 2


def test_an_unreadable_segment_does_not_block_the_rest(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with Spool(tmp_path) as spool:
        spool.put(segment(0))
        spool.put(segment(1))
        (tmp_path / info(0).name).unlink()
        (tmp_path / info(0).name).mkdir()
        assert oldest(spool) is None
        assert oldest(spool) == segment(1)
        assert spool.count == 1
    assert "left aside" in caplog.text


def test_over_the_limit_the_oldest_go(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with Spool(tmp_path, Bounds(2500)) as spool:
        assert spool.put(segment(0)) == []
        assert spool.put(segment(1)) == []
        assert spool.put(segment(2)) == [info(0)]
        assert spool.put(segment(3, 5000)) == [info(1), info(2)]
        assert spool.pending() == [info(3)]
        assert spool.evicted == 3
    with Spool(tmp_path) as spool:
        assert spool.pending() == [info(3)]
        assert spool.gaps() == [info(0), info(1), info(2)]
        assert spool.remove(info(1).name)
        assert spool.gaps() == [info(0), info(2)]
    assert {path.name for path in tmp_path.glob("*.gap")} == {info(0).name + ".gap", info(2).name + ".gap"}


def test_over_the_age_the_oldest_go_also_when_it_is_opened(tmp_path: Path) -> None:
    clock = FakeClock()
    with Spool(tmp_path, Bounds(seconds=60.0), clock) as spool:
        for sequence in range(3):
            made = replace(info(sequence), boot=boot_id(), uptime=clock.uptime())
            assert spool.put(Segment(made, b"x")) == []
            clock.set_wall(0.0)
            clock.advance(30.0)
        clock.advance(1.0)
        assert [one.sequence for one in spool.put(Segment(replace(made, name=info(3).name), b"x"))] == [0, 1]
    clock.advance(1000.0)
    with Spool(tmp_path, Bounds(seconds=60.0), clock) as spool:
        assert spool.names() == [info(3).name]


def test_what_is_given_up_is_told_now_and_then_with_its_count(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    clock = FakeClock()
    with Spool(tmp_path, Bounds(1000), clock) as spool:
        for sequence in range(5):
            spool.put(segment(sequence))
        clock.advance(LOG_EVERY)
        spool.put(segment(5))
    assert [message.partition("gave up ")[2] for message in caplog.messages] == [
        f"1 segments, lately {info(0).name}",
        f"4 segments, lately {info(4).name}",
    ]


def test_only_so_many_gaps_are_remembered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edge_vsr.uplink.spool.GAPS_KEPT", 2)
    with Spool(tmp_path, Bounds(0)) as spool:
        for sequence in range(5):
            spool.put(segment(sequence, 1))
        assert spool.gaps() == [info(2), info(3)]
    assert len(list(tmp_path.glob("*.gap"))) == 2


def test_giving_up_that_was_cut_short_is_completed(tmp_path: Path) -> None:
    with Spool(tmp_path) as spool:
        spool.put(segment(0))
    (tmp_path / (info(0).name + ".json")).rename(tmp_path / (info(0).name + ".gap"))
    with Spool(tmp_path) as spool:
        assert (spool.count, spool.gaps()) == (0, [info(0)])
        assert not (tmp_path / info(0).name).exists()
        spool.put(segment(0))
    with Spool(tmp_path) as spool:
        assert (spool.pending(), spool.gaps()) == ([info(0)], [])


def test_the_spool_of_an_older_version_is_taken_over(tmp_path: Path) -> None:
    old = json.loads(info(0).to_json())
    del old["boot"], old["uptime"]
    (tmp_path / info(0).name).write_bytes(segment(0).data)
    (tmp_path / (info(0).name + ".json")).write_text(json.dumps(old))
    with Spool(tmp_path) as spool:
        assert (oldest(spool), spool.aside, spool.state) == (segment(0), 0, SpoolState.READY)


def test_what_a_newer_version_left_is_a_state_and_stays(tmp_path: Path) -> None:
    newer = json.loads(info(0).to_json()) | {"codec": "av2"}
    (tmp_path / info(0).name).write_bytes(segment(0).data)
    (tmp_path / (info(0).name + ".json")).write_text(json.dumps(newer))
    with Spool(tmp_path) as spool:
        spool.put(segment(1))
        assert (spool.pending(), spool.state) == ([info(1)], SpoolState.UNKNOWN_FILES)
    assert (tmp_path / info(0).name).read_bytes() == segment(0).data


def test_names_go_on_behind_all_that_was_ever_here(tmp_path: Path) -> None:
    with Spool(tmp_path, Bounds(1)) as spool:
        assert spool.newest_name() is None
        spool.put(segment(0))
        spool.put(segment(1))
        assert spool.newest_name() == info(1).name
        spool.remove(info(1).name)
        assert spool.newest_name() == info(0).name
        spool.save_playlist(Playlist().with_segment(info(7)).render())
        assert spool.newest_name() == info(7).name


def test_nobody_else_can_read_it(tmp_path: Path) -> None:
    with Spool(tmp_path / "spool") as spool:
        spool.put(segment(0))
        spool.save_playlist("text")
    assert stat.S_IMODE((tmp_path / "spool").stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "spool").iterdir()} == {0o600}


def test_two_cannot_share_a_spool(tmp_path: Path) -> None:
    with Spool(tmp_path), pytest.raises(OutputError, match="another process is using it"):
        Spool(tmp_path)
    Spool(tmp_path).close()


def test_a_file_in_its_place_is_refused(tmp_path: Path) -> None:
    (tmp_path / "spool").write_text("")
    with pytest.raises(OutputError, match=r"Not a directory|File exists"):
        Spool(tmp_path / "spool")


def test_a_folder_that_cannot_be_written_is_refused() -> None:
    with pytest.raises(OutputError, match="cannot use /proc/spool"):
        Spool(Path("/proc/spool"))


@pytest.mark.parametrize("name", ["playlist.m3u8", "a.json"])
def test_its_own_names_are_refused(tmp_path: Path, name: str) -> None:
    with Spool(tmp_path) as spool, pytest.raises(ValueError, match="for itself"):
        spool.put(Segment(replace(info(0), name=name), b""))


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    place = tmp_path / "disk"
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(place)]
    try:
        mounted = subprocess.run(command, capture_output=True).returncode == 0
    except OSError:
        mounted = False
    if not mounted:
        pytest.skip("cannot mount a tmpfs here")
    try:
        yield place
    finally:
        subprocess.run(["umount", str(place)], check=True)


def test_a_full_disk_gives_up_what_is_oldest_for_what_is_new(small_disk: Path) -> None:
    with Spool(small_disk / "spool") as spool:
        spool.put(segment(0, 20_000))
        spool.put(segment(1, 20_000))
        assert spool.put(segment(2, 20_000)) == [info(0), info(1)]
        assert (oldest(spool), spool.state) == (segment(2, 20_000), SpoolState.READY)


def test_a_full_disk_is_a_state_and_the_spool_goes_on(small_disk: Path) -> None:
    with Spool(small_disk / "spool") as spool:
        spool.put(segment(0, 20_000))
        with pytest.raises(OutputError, match="No space left on device; make room"):
            spool.put(segment(1, 60_000))
        assert spool.state is SpoolState.FULL
        assert {path.name for path in spool.folder.iterdir()} == {".lock", info(0).name, info(0).name + ".json"}
        assert oldest(spool) == segment(0, 20_000)
        spool.remove(info(0).name)
        spool.put(segment(2, 20_000))
        assert (spool.pending(), spool.state) == ([info(2)], SpoolState.READY)


def test_what_waits_on_a_full_disk_can_be_sent(small_disk: Path) -> None:
    with Spool(small_disk / "spool") as spool:
        spool.put(segment(0, 20_000))
    fill(small_disk)
    with Spool(small_disk / "spool") as spool:
        with pytest.raises(OutputError, match="make room"):
            spool.put(segment(1, 20_000))
        assert oldest(spool) == segment(0, 20_000)
        assert spool.remove(info(0).name)
        spool.put(segment(1, 4000))


def test_room_that_another_takes_at_once_does_not_cost_the_whole_spool(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_room(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    clock = FakeClock()
    with Spool(tmp_path / "spool", clock=clock) as spool:
        for sequence in range(4):
            spool.put(segment(sequence, 40_000))
        monkeypatch.setattr("edge_vsr.uplink.spool.write_whole", no_room)
        for _ in range(5):
            with pytest.raises(OutputError, match="make room"):
                spool.put(segment(4, 20_000))
        assert spool.evicted == 1
        clock.advance(IN_VAIN_SECONDS)
        with pytest.raises(OutputError, match="make room"):
            spool.put(segment(4, 20_000))
        assert spool.evicted == 2


def fill(disk: Path) -> None:
    with suppress(OSError), (disk / "fill").open("ab", buffering=0) as file:
        while file.write(bytes(4096)):
            pass


def test_a_read_only_disk_is_a_state_and_what_waits_there_can_be_sent(small_disk: Path) -> None:
    with Spool(small_disk / "spool") as spool:
        spool.put(segment(0))
        subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
        with pytest.raises(OutputError, match="Read-only file system; mount it for writing"):
            spool.put(segment(1))
        assert spool.state is SpoolState.READ_ONLY
        assert oldest(spool) == segment(0)
        assert spool.remove(info(0).name)
        subprocess.run(["mount", "-o", "remount,rw", str(small_disk)], check=True)
        spool.put(segment(1))
        assert (spool.pending(), spool.state) == ([info(1)], SpoolState.READY)
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    with Spool(small_disk / "spool") as spool:
        # What could not be removed is sent again, under the same name.
        assert (spool.pending(), spool.state) == ([info(0), info(1)], SpoolState.READ_ONLY)
    with pytest.raises(OutputError, match="as spool: Read-only file system; mount it for writing"):
        Spool(small_disk / "another")


def test_a_failing_sync_is_an_error_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Spool(tmp_path) as spool:
        monkeypatch.setattr(os, "fsync", _broken)
        with pytest.raises(OutputError, match="Input/output error"):
            spool.put(segment(0))
        monkeypatch.undo()
        assert spool.count == 0
        assert [path.name for path in tmp_path.iterdir()] == [".lock"]


def _broken(_: int) -> None:
    raise OSError(5, "Input/output error")


def test_one_thread_puts_while_another_takes(tmp_path: Path) -> None:
    total = 50
    with Spool(tmp_path, Bounds(3000)) as spool:
        putter = threading.Thread(target=lambda: [spool.put(segment(sequence, 100)) for sequence in range(total)])
        putter.start()
        taken: list[int] = []
        while putter.is_alive() or spool.count:
            found = oldest(spool)
            if found is not None:
                assert found == segment(found.info.sequence, 100)
                if spool.remove(found.info.name):
                    taken.append(found.info.sequence)
        putter.join()
        assert taken == sorted(set(taken))
        assert len(taken) + spool.evicted == total
        assert (spool.count, spool.bytes) == (0, 0)


class SpoolMachine(RuleBasedStateMachine):
    """A spool against a dictionary."""

    LIMIT = 1000
    names = Bundle("names")

    def __init__(self) -> None:
        super().__init__()
        self.place = TemporaryDirectory(dir="/dev/shm" if Path("/dev/shm").is_dir() else None)  # where a sync is quick
        self.spool = Spool(Path(self.place.name), bounds=Bounds(self.LIMIT))
        self.model: dict[str, Segment] = {}
        self.gaps: set[str] = set()
        self.lost: set[str] = set()
        self.told = 0

    @rule(target=names, sequence=st.integers(0, 30), size=st.integers(0, 600))
    def put(self, sequence: int, size: int) -> str:
        one = segment(sequence, size)
        self.model[one.info.name] = one
        self.gaps.discard(one.info.name)
        expected = []
        while sum(len(kept.data) for kept in self.model.values()) > self.LIMIT and len(self.model) > 1:
            expected.append(self.model.pop(min(self.model)).info)
        assert self.spool.put(one) == expected
        self.told += one.info.name in self.lost
        self.lost.discard(one.info.name)
        self.gaps |= {gone.name for gone in expected}
        self.lost |= {gone.name for gone in expected}
        return one.info.name

    @rule(name=names)
    def remove(self, name: str) -> None:
        assert self.spool.remove(name) == (name in self.model or name in self.gaps)
        self.model.pop(name, None)
        self.lost.discard(name)
        self.gaps.discard(name)

    @rule(name=names)
    def forget_gap(self, name: str) -> None:
        self.spool.forget_gap(name)
        self.told += name in self.gaps & self.lost
        self.lost -= self.gaps & {name}
        self.gaps.discard(name)

    @rule()
    def reopen(self) -> None:
        self.spool.close()
        self.spool = Spool(Path(self.place.name), bounds=Bounds(self.LIMIT))
        self.lost, self.told = set(), 0

    @invariant()
    def agrees(self) -> None:
        kept = [self.model[name] for name in sorted(self.model)]
        assert self.spool.pending() == [one.info for one in kept]
        assert [gone.name for gone in self.spool.gaps()] == sorted(self.gaps)
        assert oldest(self.spool) == (kept[0] if kept else None)
        assert self.spool.bytes == sum(len(one.data) for one in kept)
        assert self.spool.count == len(kept)
        assert self.spool.evicted == len(self.lost) + self.told

    def teardown(self) -> None:
        self.spool.close()
        self.place.cleanup()


TestSpoolAgainstModel = SpoolMachine.TestCase
TestSpoolAgainstModel.settings = settings(max_examples=40, stateful_step_count=20, deadline=None)
