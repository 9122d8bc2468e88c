"""A spool and its sender, killed at any moment."""

import os
import random
import re
import signal
import subprocess
import sys
import threading
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest

from edge_vsr.clock import SystemClock
from edge_vsr.uplink.http import HttpUplink
from edge_vsr.uplink.playlist import PLAYLIST_NAME, Playlist
from edge_vsr.uplink.sender import SegmentSender
from edge_vsr.uplink.spool import Spool
from tests.integration import nginx
from tests.integration.pictures import decoded_frames, make_pictures, padded, to_mpegts
from tests.integration.servers import free_port

KILLS = int(os.environ.get("EDGE_VSR_KILLS", "12"))
"""200 in the slow stage of CI."""
PIECES = 4
FRAMES = 5
OPERATIONS = 120
"""About what a child does with disk and network before it has nothing left to do."""


def make_pieces(folder: Path) -> list[bytes]:
    """Segments that follow each other, of some 40 kB."""
    pictures = [padded(picture, 8000) for picture in make_pictures(PIECES * FRAMES, gop=FRAMES)]
    pieces = [to_mpegts(pictures[FRAMES * n : FRAMES * (n + 1)]) for n in range(PIECES)]
    folder.mkdir()
    for number, piece in enumerate(pieces):
        (folder / f"{number}.ts").write_bytes(piece)
    return pieces


def killed(arguments: list[str], seconds: float | None) -> dict[str, int]:
    """What a child said that it had stored, by name, before it died: after `seconds` or, if None, by its own hand."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.integration.doomed_sender", *arguments],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    ) as child:
        assert child.stdout is not None
        first = child.stdout.readline()
        timer = threading.Timer(60.0 if seconds is None else seconds, child.kill)
        timer.start()
        said = first + child.stdout.read()
        timer.cancel()
    assert child.returncode in (-signal.SIGKILL, 0)
    # The last line may be cut; what was said in full counts.
    lines = [line.split() for line in said.splitlines(keepends=True) if line.endswith("\n")]
    return {name: int(number) for number, name in lines}


@pytest.mark.timeout(60 + 10 * KILLS)
def test_what_was_stored_arrives_once_and_whole_however_often_the_program_is_killed(quick_path: Path) -> None:
    # What a killed process had written is there whether it was synced or not, and slow syncs would leave it no time.
    rng = random.Random(1)
    pieces = make_pieces(quick_path / "pieces")
    spool, www, port = quick_path / "spool", quick_path / "www", free_port()
    url = f"http://127.0.0.1:{port}"
    stored: dict[str, int] = {}
    seen: Counter[str] = Counter()
    with nginx.webdav(quick_path, port):
        for kill in range(KILLS):
            operation = rng.randrange(1, OPERATIONS) if kill % 2 else 0
            arguments = [str(spool), url, str(kill * PIECES), str(quick_path / "pieces"), str(operation)]
            stored |= killed(arguments, None if operation else rng.uniform(0.0, 0.4))
            seen["between two operations" if operation else "at a random moment"] += 1
            seen["between write and rename"] += any(spool.glob(".*.tmp"))
            seen["with a description and no data"] += any(
                not path.with_suffix("").exists() for path in spool.glob("*.json")
            )
            seen["with segments waiting"] += any(spool.glob("*.ts"))
        with Spool(spool) as left, closing(HttpUplink(url)) as uplink:
            sender = SegmentSender(left, uplink, clock=SystemClock(), stop=threading.Event(), window=None)
            assert sender.drain(60.0) == 0
            assert sender.finish()
            assert left.aside == left.evicted == 0
    log = (quick_path / "access.log").read_text()
    seen["during an upload"] = len(re.findall(r'"PUT \S+ HTTP/1.1" (?:4|5)\d\d', log))
    puts = Counter(re.findall(r'"PUT /(\S+\.ts) HTTP/1.1" 20', log))
    seen["segments sent again"] = sum(count > 1 for count in puts.values())
    seen["segments"] = len(puts)
    print(f"\n{KILLS} kills: {dict(seen)}")  # noqa: T201  what the long run is for

    arrived = sorted(path.name for path in www.glob("*.ts"))
    assert set(arrived) >= stored.keys()
    for name, number in stored.items():
        assert (www / name).read_bytes() == pieces[number % PIECES]
    # One more a kill may be whole without having been said.
    assert len(arrived) <= len(stored) + KILLS
    assert all((www / name).read_bytes() in pieces for name in arrived)
    listed = Playlist.parse((www / PLAYLIST_NAME).read_text()).entries
    assert [(entry.name, entry.gap) for entry in listed] == [(name, False) for name in arrived]
    assert decoded_frames(str(www / PLAYLIST_NAME)) == FRAMES * len(arrived)
    assert [path.name for path in spool.iterdir() if path.name not in (".lock", "playlist.m3u8")] == []
