import itertools
import logging
import tempfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import av
import numpy as np
import pytest

from edge_vsr.clock import FakeClock
from edge_vsr.errors import InputError, OutputError
from edge_vsr.frame import Frame, Size
from edge_vsr.restoring.base import Silence
from edge_vsr.restoring.hls.source import PlaylistSource
from edge_vsr.restoring.source import VideoFile
from edge_vsr.restoring.target import open_file
from tests.unit.restoring.videos import RATE, SIZE, sound_packets, write_joined_video, write_video

GAP = "#EXT-X-GAP\n"
ANEW = "#EXT-X-DISCONTINUITY\n"
DATE = "#EXT-X-PROGRAM-DATE-TIME:2026-11-22T12:02:05.500+01:00\n"
FRAMES = 5
"""Of each segment, half a second."""


def segment(folder: Path, number: int, **how: object) -> Path:
    """The segment that follows on the ones before, by its time stamps."""
    begin = number * FRAMES
    times = [float((begin + n) / RATE) for n in range(FRAMES)]
    return write_video(folder / f"{number}.ts", FRAMES, times=times, **how)  # type: ignore[arg-type]


def playlist(folder: Path, *tags: str, end: str = "#EXT-X-ENDLIST\n") -> Path:
    """Of 0.ts, 1.ts and so on, each with its tags before it."""
    listed = "".join(f"{before}#EXTINF:0.5,\n{number}.ts\n" for number, before in enumerate(tags))
    path = folder / "index.m3u8"
    path.write_text(f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n{listed}{end}")
    return path


def frames(path: Path) -> list[Frame]:
    with closing(PlaylistSource(str(path), path.name, clock=FakeClock())) as source:
        return list(source)


def assert_even(found: list[Frame], count: int) -> None:
    """One frame every tenth of a second, none lost and none doubled."""
    assert [frame.number for frame in found] == list(range(count))
    assert [frame.time for frame in found] == pytest.approx([n / 10 for n in range(count)], abs=0.002)


def frozen(found: list[Frame]) -> list[int]:
    """The numbers of frames that show the one before again."""
    return [later.number for earlier, later in itertools.pairwise(found) if later.y is earlier.y]


def test_segments_are_one_video(tmp_path: Path) -> None:
    for number in range(3):
        segment(tmp_path, number)
    with closing(PlaylistSource(str(playlist(tmp_path, "", "", "")), "x")) as source:
        assert (source.about.rate, source.about.sizes[0], source.frames, source.live) == (RATE, SIZE, 15, False)
        found = list(source)
    assert_even(found, 15)
    assert frozen(found) == []


def test_clocks_that_start_anew_go_on(tmp_path: Path) -> None:
    for number, place in enumerate((0, 7, 3)):
        segment(tmp_path, place).rename(tmp_path / f"{number}.late")
    for number in range(3):
        (tmp_path / f"{number}.late").rename(tmp_path / f"{number}.ts")
    assert_even(frames(playlist(tmp_path, "", ANEW, ANEW)), 15)


def unlink(path: Path) -> None:
    path.unlink()


def half(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def noise(path: Path) -> None:
    path.write_bytes(np.random.default_rng(0).bytes(3000))


def device(path: Path) -> None:
    path.unlink()
    path.symlink_to("/dev/zero")


@pytest.mark.parametrize("harm", [unlink, half, noise, device])
@pytest.mark.parametrize("place", [1, 2], ids=["middle", "end"])
def test_what_is_missing_is_a_freeze_of_its_length(tmp_path: Path, harm: Callable[[Path], None], place: int) -> None:
    for number in range(3):
        segment(tmp_path, number)
    harm(tmp_path / f"{place}.ts")
    found = frames(playlist(tmp_path, "", "", ""))
    assert_even(found, 15)
    within = set(range(FRAMES * place, FRAMES * (place + 1)))
    assert set(frozen(found)) <= within
    assert harm is half or set(frozen(found)) == within


def test_a_gap_that_is_said_is_a_freeze_and_is_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    for number in (0, 2):
        segment(tmp_path, number)
    found = frames(playlist(tmp_path, "", GAP, ANEW))
    assert_even(found, 15)
    assert frozen(found) == [5, 6, 7, 8, 9]
    assert "0.5 s are missing, and are a freeze" in caplog.text


def test_a_still_is_shown_for_its_time_and_nothing_is_missing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    for number in range(2):
        write_video(tmp_path / f"{number}.ts", 1, times=[number / 2])
    found = frames(playlist(tmp_path, "", ""))
    assert found[-1].time == pytest.approx(1.0, abs=float(2 / RATE))
    assert len(found) - len(frozen(found)) == 2
    assert "missing" not in caplog.text


def test_a_gap_at_the_beginning_is_left_out(tmp_path: Path) -> None:
    segment(tmp_path, 1)
    assert_even(frames(playlist(tmp_path, GAP, "")), 5)


@pytest.mark.parametrize("codec", ["libx264", "mpeg4", "libx265"])
def test_sizes_and_codecs_may_change(tmp_path: Path, codec: str) -> None:
    segment(tmp_path, 0)
    segment(tmp_path, 1, codec=codec, size=Size(128, 96))
    with closing(PlaylistSource(str(playlist(tmp_path, "", ANEW)), "x")) as source:
        assert set(source.about.sizes) == {SIZE, Size(128, 96)}, "known before the frames come"
        found = list(source)
    assert [frame.size for frame in found] == 5 * [SIZE] + 5 * [Size(128, 96)]


@pytest.mark.parametrize("start", [1.0, 500.0])
def test_a_segment_may_become_something_else_on_its_way(tmp_path: Path, start: float) -> None:
    halves = ("libx264", SIZE, 0.0), ("libx265", Size(128, 96), start)
    write_joined_video(tmp_path / "0.ts", *halves, sound="aac")
    write_video(tmp_path / "1.ts", FRAMES, times=[start + 1 + n / 10 for n in range(FRAMES)], codec="libx265")
    text = "#EXTM3U\n#EXTINF:2,\n0.ts\n#EXTINF:0.5,\n1.ts\n#EXT-X-ENDLIST\n"
    (tmp_path / "index.m3u8").write_text(text)
    with closing(PlaylistSource(str(tmp_path / "index.m3u8"), "x", clock=FakeClock())) as source:
        found = list(source)
        heard = [float((packet.pts or 0) * packet.time_base) for packet in source.sound.until(9.0)]
    expected = [n / 10 for n in range(25)]
    assert [frame.time for frame in found] == pytest.approx(expected, abs=0.05), "AAC begins a little early"
    assert [frame.size for frame in found] == [SIZE] * 10 + [Size(128, 96)] * 10 + [SIZE] * 5
    assert frozen(found) == []
    assert min(heard) < 0.1
    assert 1.9 < max(heard) < 2.1


def test_without_a_place_for_temporary_files_nothing_is_begun(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "gone"))
    with pytest.raises(OutputError, match=r"there is no folder for temporary files \(TMPDIR\): No such file"):
        frames(playlist(tmp_path, ""))


def test_the_date_of_a_playlist_is_the_date_of_the_video(tmp_path: Path) -> None:
    segment(tmp_path, 0)
    with closing(PlaylistSource(str(playlist(tmp_path, DATE)), "x")) as source:
        about, (first, *_) = source.about, list(source)
    assert about.metadata["creation_time"] == "2026-11-22T11:02:05.500000+00:00"
    target = open_file(tmp_path / "a.mp4", about, Silence())
    target.write(first)
    target.finish()
    with av.open(str(tmp_path / "a.mp4")) as container:
        assert container.metadata["creation_time"].startswith("2026-11-22T11:02:05")


def test_sound_that_becomes_another_is_left_out_and_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    segment(tmp_path, 0, sound="libmp3lame").rename(tmp_path / "1.ts")
    segment(tmp_path, 0, sound="aac")
    with closing(PlaylistSource(str(playlist(tmp_path, "", ANEW)), "x")) as source:
        assert len(list(source)) == 10
        packets = list(source.sound.until(float("inf")))
    assert [bytes(one) for one in packets] == sound_packets(tmp_path / "0.ts")
    assert caplog.text.count("the sound becomes another one on its way") == 1


def test_sound_goes_on_over_the_segments(tmp_path: Path) -> None:
    segment(tmp_path, 0, sound="aac").rename(tmp_path / "1.ts")
    segment(tmp_path, 0, sound="aac")
    with closing(PlaylistSource(str(playlist(tmp_path, "", ANEW)), "x")) as source:
        assert [stream.codec_context.name for stream in source.sound.streams] == ["aac"]
        assert len(list(source)) == 10
        packets = list(source.sound.until(float("inf")))
    assert [bytes(one) for one in packets] == [*sound_packets(tmp_path / "0.ts"), *sound_packets(tmp_path / "1.ts")]
    stamps = [one.dts for one in packets if one.dts is not None]
    assert stamps == sorted(set(stamps))


@pytest.mark.parametrize(("each", "said"), [(5, 0.9), (20, 1.0)], ids=["shorter", "longer"])
def test_pictures_stay_with_their_sound_where_segments_last_otherwise_than_said(
    tmp_path: Path, each: int, said: float
) -> None:
    for number in range(4):
        times = [(number * each + n) / 10 for n in range(each)]
        write_video(tmp_path / f"{number}.ts", each, times=times, sound="aac")
    listed = "".join(f"#EXTINF:{said},\n{number}.ts\n" for number in range(4))
    (tmp_path / "index.m3u8").write_text(f"#EXTM3U\n{listed}#EXT-X-ENDLIST\n")
    with closing(PlaylistSource(str(tmp_path / "index.m3u8"), "x", clock=FakeClock())) as source:
        found = list(source)[: 4 * each]
        heard = [float((packet.pts or 0) * packet.time_base) for packet in source.sound.until(99.0)]
    assert [frame.time for frame in found] == pytest.approx([n / 10 for n in range(4 * each)], abs=0.05)
    assert frozen(found) == []
    assert max(later - earlier for earlier, later in itertools.pairwise(heard)) < 0.05
    assert max(heard) == pytest.approx(0.4 * each, abs=0.1)


def test_sound_before_the_first_frame_is_left_out(tmp_path: Path) -> None:
    for number in range(2):
        times = [number + n / 10 for n in range(10)]
        write_video(tmp_path / f"{number}.ts", 10, times=times, sound="aac" if number == 0 else None)
    data = bytearray((tmp_path / "0.ts").read_bytes())
    with av.open(str(tmp_path / "0.ts")) as container:
        video = container.streams.video[0].id
    for at in range(0, len(data), 188):
        if int.from_bytes(data[at + 1 : at + 3]) & 0x1FFF == video:
            data[at + 60 : at + 188] = bytes(128)
    (tmp_path / "0.ts").write_bytes(data)
    (tmp_path / "index.m3u8").write_text("#EXTM3U\n#EXTINF:1,\n0.ts\n#EXTINF:1,\n1.ts\n#EXT-X-ENDLIST\n")
    with closing(PlaylistSource(str(tmp_path / "index.m3u8"), "x", clock=FakeClock())) as source:
        assert_even(list(source), 10)
        assert list(source.sound.until(99.0)) == [], "it belongs to pictures that are not there"


def test_fragments_with_a_header_are_read(tmp_path: Path) -> None:
    write_video(tmp_path / "a.mp4", 20)
    options = {"hls_segment_type": "fmp4", "hls_time": "0.4", "hls_list_size": "0"}
    with av.open(str(tmp_path / "a.mp4")) as read, av.open(str(tmp_path / "i.m3u8"), "w", options=options) as written:
        stream = written.add_stream_from_template(read.streams.video[0])
        for packet in read.demux(video=0):
            if packet.size:
                packet.stream = stream
                written.mux(packet)
    assert "EXT-X-MAP" in (tmp_path / "i.m3u8").read_text()
    found = frames(tmp_path / "i.m3u8")
    with VideoFile(tmp_path / "a.mp4") as video:
        for one, other in zip(found, video, strict=True):
            np.testing.assert_array_equal(one.y, other.y)


def test_the_best_of_several_variants_is_taken(tmp_path: Path) -> None:
    segment(tmp_path, 0)
    playlist(tmp_path, "")
    (tmp_path / "master.m3u8").write_text(
        "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\ngone.m3u8\n#EXT-X-STREAM-INF:BANDWIDTH=2\nindex.m3u8\n"
    )
    assert_even(frames(tmp_path / "master.m3u8"), 5)


def test_a_live_playlist_that_stalls_gives_all_it_had_and_says_so(tmp_path: Path) -> None:
    segment(tmp_path, 0)
    found = []
    with closing(PlaylistSource(str(playlist(tmp_path, "", end="")), "x", clock=FakeClock())) as source:
        assert source.live
        assert source.frames is None
        each = iter(source)
        found = [next(each) for _ in range(5)]
        with pytest.raises(InputError, match="x: the playlist has no end, and nothing more came in 30 s"):
            next(each)
    assert_even(found, 5)


def test_a_live_playlist_can_be_stopped(tmp_path: Path) -> None:
    segment(tmp_path, 0)
    with closing(PlaylistSource(str(playlist(tmp_path, "", end="")), "x")) as source:
        each = iter(source)
        next(each)
        source.stop()
        assert len(list(each)) == 4, "what is at hand still comes"


@pytest.mark.parametrize(
    "text", ["", "#EXTM3U\n", "#EXTM3U\n#EXTINF:1,\nhttp\\://[\n", "#EXTM3U\n#EXTINF:1,\nftp://h/a.ts\n"]
)
def test_a_playlist_without_a_frame_is_an_input_error(tmp_path: Path, text: str) -> None:
    (tmp_path / "index.m3u8").write_text(text + "#EXT-X-ENDLIST\n")
    with pytest.raises(InputError, match=r"index\.m3u8"):
        frames(tmp_path / "index.m3u8")
