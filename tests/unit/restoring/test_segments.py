from contextlib import closing
from dataclasses import replace
from pathlib import Path

import av
import pytest

from edge_vsr.clock import FakeClock
from edge_vsr.errors import OutputError, UsageError
from edge_vsr.frame import Frame
from edge_vsr.restoring.base import About, Silence
from edge_vsr.restoring.segments import SegmentsTarget
from edge_vsr.restoring.source import FileSound
from edge_vsr.uplink.playlist import PLAYLIST_NAME, Playlist
from tests.unit.restoring.videos import RATE, SIZE, frame, read_video, sound_packets, write_video

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


def test_what_has_an_end_leaves_nothing_when_it_is_given_up(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.ts").write_text("mine")
    with closing(SegmentsTarget(tmp_path / "out", ABOUT, Silence(), kept=False)) as target:
        for number in range(45):
            target.write(frame(number))
        assert len(list((tmp_path / "out").iterdir())) == 4
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["mine.ts"]


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


def write_with_sound(folder: Path, source: Path, count: int) -> list[Path]:
    """The segments, in order."""
    with closing(FileSound(source)) as sound, closing(SegmentsTarget(folder, ABOUT, sound)) as target:
        for number in range(count):
            target.write(frame(number))
        target.finish()
    return sorted(folder.glob("*.ts"))


def test_sound_is_cut_with_the_pictures_and_none_of_it_is_lost(tmp_path: Path) -> None:
    source = write_video(tmp_path / "a.mp4", 45, sound="aac")
    pieces = write_with_sound(tmp_path / "out", source, 45)
    sent = [packet[7:] for packet in sound_packets(tmp_path / "out" / PLAYLIST_NAME)]  # behind the ADTS header
    heard = sound_packets(source)
    assert sent == heard[len(heard) - len(sent) :]
    assert len(heard) - len(sent) <= 1, "only what stands before the first picture"
    assert len(read_video(tmp_path / "out" / PLAYLIST_NAME)) == 45
    for number, piece in enumerate(pieces):
        begin, end = sound_span(piece)
        assert begin == pytest.approx(2.0 * number, abs=0.05), piece
        assert end == pytest.approx(min(2.0 * number + 2.0, 4.5), abs=0.05), piece


def test_sound_that_goes_on_behind_the_last_picture_is_not_lost(tmp_path: Path) -> None:
    write_with_sound(tmp_path / "out", write_video(tmp_path / "a.mp4", 45, sound="aac"), 25)
    assert sound_span(max((tmp_path / "out").glob("*.ts")))[1] == pytest.approx(4.5, abs=0.05)


def test_the_pieces_joined_are_one_stream(tmp_path: Path) -> None:
    pieces = write_with_sound(tmp_path / "out", write_video(tmp_path / "a.mp4", 45, sound="aac"), 45)
    data = b"".join(piece.read_bytes() for piece in pieces)
    last: dict[int, int] = {}
    for at in range(0, len(data), 188):
        stream, count = (data[at + 1] & 0x1F) << 8 | data[at + 2], data[at + 3] & 0x0F
        assert count == (last.get(stream, -1) + (data[at + 3] >> 4 & 1)) % 16, f"at byte {at}, stream {stream}"
        last[stream] = count
    assert len(last) >= 4, "two tables and two streams"


@pytest.mark.parametrize("codec", ["pcm_s16le", "libopus"])
def test_sound_that_players_of_segments_do_not_know_becomes_aac(tmp_path: Path, codec: str) -> None:
    write_with_sound(tmp_path / "out", write_video(tmp_path / "a.mkv", 25, sound=codec), 25)
    with av.open(str(tmp_path / "out" / PLAYLIST_NAME)) as container:
        assert [stream.codec_context.name for stream in container.streams.audio] == ["aac"]
        samples = sum(one.samples for one in container.decode(audio=0))
    assert samples / 48_000 == pytest.approx(2.5, abs=0.1)


def sound_span(path: Path) -> tuple[float, float]:
    """Where its sound begins and ends, in seconds."""
    with av.open(str(path)) as container:
        frames = list(container.decode(audio=0))
    return float(frames[0].time or 0.0), float(frames[-1].time or 0.0) + frames[-1].samples / frames[-1].sample_rate
