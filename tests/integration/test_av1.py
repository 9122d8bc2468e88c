"""AV1 in fragmented MP4, by a real server, through a spool that was too small and runs that ended."""

import threading
from collections.abc import Iterator
from contextlib import closing
from fractions import Fraction
from pathlib import Path

from edge_vsr.clock import SystemClock
from edge_vsr.codec.kinds import SVTAV1
from edge_vsr.frame import Size
from edge_vsr.policy.cadence import Cadence
from edge_vsr.rung import SEGMENT_SECONDS, Rung
from edge_vsr.segment import Segment
from edge_vsr.stages.encode import SegmentEncoder
from edge_vsr.stages.prepare import PreparedFrame
from edge_vsr.uplink.http import HttpUplink
from edge_vsr.uplink.playlist import PLAYLIST_NAME, Playlist
from edge_vsr.uplink.retention import Bounds
from edge_vsr.uplink.sender import SegmentSender
from edge_vsr.uplink.spool import Spool
from tests.integration import nginx
from tests.integration.command import pictures_of
from tests.integration.pictures import decoded_frames
from tests.integration.servers import free_port
from tests.unit.codec.pictures import RATE, noise
from tests.unit.uplink.segments import NAMES

FRAMES = round(SEGMENT_SECONDS * RATE)
"""Of each segment."""


def av1_segments(count: int) -> Iterator[Segment]:
    """As a run makes them, one after another."""
    encoder, cadence = SegmentEncoder(NAMES, Fraction(RATE), SVTAV1), Cadence()
    for frame in noise(count * FRAMES, Size(64, 48)):
        cadence, cut = cadence.step(frame.time)
        made = encoder.encode(PreparedFrame(frame, Rung.NATIVE, 5000.0, cut))
        yield from (one for one in made if isinstance(one, Segment))
    yield from (one for one in encoder.finish() if isinstance(one, Segment))


def test_what_a_full_spool_gave_up_is_a_gap_between_what_arrives_after_a_restart(tmp_path: Path) -> None:
    first, *waiting, last = av1_segments(5)
    port = free_port()
    room = Bounds(len(waiting[-1].data) + len(last.data))

    def send(spool: Spool) -> None:
        with closing(HttpUplink(f"http://127.0.0.1:{port}/site/")) as uplink:
            sender = SegmentSender(spool, uplink, clock=SystemClock(), stop=threading.Event(), window=None)
            assert sender.drain(60.0) == 0, "not everything was taken"
            assert sender.finish()

    with nginx.webdav(tmp_path, port), Spool(tmp_path / "spool", room) as spool:
        spool.put(first)
        send(spool)
    with Spool(tmp_path / "spool", room) as spool:
        for one in (*waiting, last):
            spool.put(one)
        assert spool.evicted == len(waiting) - 1
    with nginx.webdav(tmp_path, port), Spool(tmp_path / "spool", room) as spool:
        assert spool.names() == [waiting[-1].info.name, last.info.name], "what was whole is there after a restart"
        send(spool)
        assert spool.count == 0
        there = f"http://127.0.0.1:{port}/site/{PLAYLIST_NAME}"
        kept = (first, waiting[-1], last)
        assert decoded_frames(there) == sum(one.info.frames for one in kept), "a player reads the ranges from a server"
    www = tmp_path / "www/site"
    for one in kept:
        assert (www / one.info.name).read_bytes() == one.data
        assert len(pictures_of(www / one.info.name)) == one.info.frames, "each plays alone"
    entries = Playlist.parse((www / PLAYLIST_NAME).read_text()).entries
    assert [entry.name for entry in entries] == [one.info.name for one in (first, *waiting, last)]
    assert [entry.gap for entry in entries] == [False, *[True] * (len(waiting) - 1), False, False]
    for entry, one in zip((entry for entry in entries if not entry.gap), kept, strict=True):
        assert 0 < entry.header_bytes < len(one.data) == entry.header_bytes + entry.media_bytes
