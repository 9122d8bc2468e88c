import logging
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from edge_vsr.clock import FakeClock
from edge_vsr.errors import OutputError, UsageError
from edge_vsr.frame import Frame
from edge_vsr.restoring.base import About, Silence
from edge_vsr.restoring.segments import SegmentsTarget
from edge_vsr.restoring.source import FileSound
from edge_vsr.uplink.playlist import PLAYLIST_NAME, Playlist
from tests.unit.restoring.videos import RATE, SIZE, frame, read_video, write_video

ABOUT = About(RATE, (SIZE,))
NOW = 1_790_000_000.0


def write(folder: Path, frames: list[Frame], *, finished: bool = True) -> Playlist:
    with closing(SegmentsTarget(folder, ABOUT, Silence(), FakeClock(wall=NOW))) as target:
        for one in frames:
            target.write(one)
        if finished:
            target.finish()
    return Playlist.parse((folder / PLAYLIST_NAME).read_text())


def test_a_player_shows_every_frame(tmp_path: Path) -> None:
    playlist = write(tmp_path / "new", [frame(n) for n in range(45)])
    assert len(read_video(tmp_path / "new" / PLAYLIST_NAME)) == 45
    assert [round(entry.duration, 3) for entry in playlist.entries] == [2.0, 2.0, 0.5]
    assert not any(entry.discontinuity for entry in playlist.entries)
    assert (tmp_path / "new" / PLAYLIST_NAME).read_text().endswith("#EXT-X-ENDLIST\n")


def test_dates_of_a_stream_are_kept_and_those_of_a_file_begin_now(tmp_path: Path) -> None:
    sent = NOW - 3600.0
    assert write(tmp_path / "stream", [replace(frame(0), wall=sent)]).entries[0].start == sent
    assert write(tmp_path / "file", [frame(0)]).entries[0].start == NOW


def test_what_was_written_can_be_shown_before_the_end(tmp_path: Path) -> None:
    (entry,) = write(tmp_path / "out", [frame(n) for n in range(25)], finished=False).entries
    assert len(read_video(tmp_path / "out" / entry.name)) == 20
    assert "ENDLIST" not in (tmp_path / "out" / PLAYLIST_NAME).read_text()


def test_a_folder_that_has_a_playlist_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / PLAYLIST_NAME).write_text("mine")
    with pytest.raises(UsageError, match=r"already has index\.m3u8; give another folder"):
        SegmentsTarget(tmp_path, ABOUT, Silence())
    assert (tmp_path / PLAYLIST_NAME).read_text() == "mine"


def test_a_folder_that_goes_away_is_an_output_error(tmp_path: Path) -> None:
    with closing(SegmentsTarget(tmp_path / "out", ABOUT, Silence())) as target:
        target.write(frame(0))
        (tmp_path / "out").rmdir()
        with pytest.raises(OutputError, match="cannot write to the folder"):
            target.finish()


def test_sound_that_is_left_out_is_said(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    with closing(FileSound(write_video(tmp_path / "a.mp4", 3, sound="aac"))) as sound:
        SegmentsTarget(tmp_path / "out", ABOUT, sound).close()
    assert "the sound is left out" in caplog.text
