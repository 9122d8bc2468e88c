import logging
import wave
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest

from edge_vsr.errors import InputError
from edge_vsr.frame import Matrix, Range, Size
from edge_vsr.restoring.source import FileSound, VideoFile
from tests.unit.restoring.videos import RATE, SIZE, sound_packets, write_joined_video, write_video


def times(path: Path) -> list[float]:
    with VideoFile(path) as video:
        return [round(frame.time, 3) for frame in video]


def test_frames_come_in_order_with_their_times_and_colour(tmp_path: Path) -> None:
    with VideoFile(write_video(tmp_path / "a.mp4", 7)) as video:
        assert (video.about.rate, video.frames) == (RATE, 7)
        frames = list(video)
    assert [frame.number for frame in frames] == list(range(7))
    assert [round(frame.time, 3) for frame in frames] == [0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6]
    assert {(frame.size, frame.matrix, frame.range) for frame in frames} == {(SIZE, Matrix.BT601, Range.LIMITED)}


def test_uneven_times_are_kept(tmp_path: Path) -> None:
    uneven = [0.0, 0.04, 0.5, 0.51, 1.7]
    assert times(write_video(tmp_path / "a.mkv", 5, times=uneven)) == uneven


def test_a_file_begins_at_zero_whatever_its_clock_says(tmp_path: Path) -> None:
    # MPEG-TS starts late by itself; here by an hour more.
    late = write_video(tmp_path / "a.ts", 3, times=[3600.0, 3600.1, 3600.2])
    assert times(late) == [0.0, 0.1, 0.2]


@pytest.mark.parametrize("name", ["2026-11-22T10:30:00.mp4", "rtsp:clip.mp4", "50%.mp4", "a b.mp4", "-a.mp4", "é.mp4"])
def test_any_name_is_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    write_video(tmp_path / "a.mp4", 2).rename(tmp_path / name)
    monkeypatch.chdir(tmp_path)
    assert len(times(Path(name))) == 2


def test_a_title_need_not_be_utf8(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.mkv", 2, title="MAST TEST")
    path.write_bytes(path.read_bytes().replace(b"MAST TEST", "MÄST TÉST".encode("latin-1")))
    assert len(times(path)) == 2


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.ts"])
@pytest.mark.parametrize("data", [b"", b"hello\n" * 100, b"\0" * 5000])
def test_what_is_no_video_is_an_input_error(tmp_path: Path, name: str, data: bytes) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(InputError, match=f"{name} "), VideoFile(tmp_path / name) as video:
        list(video)


def test_sound_alone_is_an_input_error(tmp_path: Path) -> None:
    with wave.open(str(tmp_path / "a.wav"), "wb") as sound:
        sound.setparams((1, 2, 8000, 0, "NONE", ""))
        sound.writeframes(bytes(16000))
    with pytest.raises(InputError, match="no video stream"):
        VideoFile(tmp_path / "a.wav")


def test_pictures_too_large_to_be_meant_are_refused_before_one_is_decoded(tmp_path: Path) -> None:
    (tmp_path / "a.y4m").write_bytes(b"YUV4MPEG2 W12000 H64 F25:1 Ip A1:1 C420mpeg2\nFRAME\n" + bytes(12000 * 96))
    with pytest.raises(InputError, match=r"a\.y4m has pictures of 12000x64, which is too large; at most 8192 a side"):
        VideoFile(tmp_path / "a.y4m")


def test_a_codec_that_is_not_known_is_an_input_error(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.mkv", 2)
    path.write_bytes(path.read_bytes().replace(b"V_MPEG4/ISO/AVC", b"V_QUUX4/ISO/AVC"))
    with pytest.raises(InputError, match="a format that cannot be decoded"):
        VideoFile(path)


@pytest.mark.parametrize("name", ["a.mkv", "a.ts", "a.h264"])
def test_a_file_that_breaks_off_gives_every_whole_frame(tmp_path: Path, name: str) -> None:
    path = write_video(tmp_path / name, 40)
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 3 // 4])
    with VideoFile(path) as video:
        numbers = [frame.number for frame in video]
    assert numbers == list(range(len(numbers)))
    assert 20 <= len(numbers) < 40, f"{len(numbers)} of the first 30 frames or so"


def test_damage_in_the_middle_is_said_and_passed_over(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = write_video(tmp_path / "a.h264", 40)
    data = bytearray(path.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 1500] = np.random.default_rng(0).bytes(1500)
    path.write_bytes(data)
    caplog.set_level(logging.WARNING)
    with VideoFile(path) as video:
        count = len(list(video))
    assert count >= 25, f"only {count} of 40 frames"


def test_colours_of_other_kinds_are_converted(tmp_path: Path) -> None:
    with av.open(str(tmp_path / "a.mkv"), "w") as container:
        stream = container.add_stream("ffv1", rate=10)
        stream.width, stream.height, stream.pix_fmt = 17, 9, "bgr0"
        red = av.VideoFrame.from_ndarray(np.full((9, 17, 3), (255, 0, 0), np.uint8), format="rgb24")
        container.mux(stream.encode(red.reformat(format="bgr0")))
        container.mux(stream.encode())
    with VideoFile(tmp_path / "a.mkv") as video:
        (frame,) = video
    assert (frame.size, frame.matrix) == (Size(17, 9), Matrix.BT601)
    assert abs(int(frame.y[4, 8]) - 82) <= 1, "BT.601's red"


def test_sound_comes_packet_by_packet_up_to_a_time(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.ts", 20, sound="aac")
    sound = FileSound(path)
    first = list(sound.until(0.5))
    again = list(sound.until(0.5))
    rest = list(sound.until(float("inf")))
    sound.close()
    assert again == []
    assert all(packet.pts * packet.time_base < 0.5 for packet in first if packet.pts is not None)
    assert [bytes(packet) for packet in (*first, *rest)] == sound_packets(path)


def test_a_file_without_sound_has_none(tmp_path: Path) -> None:
    sound = FileSound(write_video(tmp_path / "a.mp4", 2))
    assert list(sound.until(float("inf"))) == []
    sound.close()


@pytest.mark.parametrize(
    "text",
    [
        "ffconcat version 1.0\nfile a.mp4\n",
        "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\na.mp4\n#EXT-X-ENDLIST\n",
        "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 5004 RTP/AVP 26\n",
    ],
    ids=["concat", "hls", "sdp"],
)
@pytest.mark.parametrize("name", ["b.mp4", "b.m3u8", "b.sdp"])
def test_a_file_cannot_have_others_read(tmp_path: Path, text: str, name: str) -> None:
    write_video(tmp_path / "a.mp4", 3)
    (tmp_path / name).write_text(text)
    with pytest.raises(InputError, match="is not a video that can be read"):
        VideoFile(tmp_path / name)


def test_a_file_that_changes_its_codec_goes_on_to_its_end(tmp_path: Path) -> None:
    large = Size(80, 64)
    path = write_joined_video(
        tmp_path / "a.ts", ("libx264", SIZE, 0.0), ("libx265", large, 1.0), ("libx264", SIZE, 2.0), sound="aac"
    )
    with VideoFile(path) as video:
        assert set(video.about.sizes) == {SIZE, large}
        assert video.frames == pytest.approx(30, abs=2)  # the sound is longer
        frames = list(video)
        sound = list(video.sound.until(float("inf")))
    assert [frame.size for frame in frames] == [SIZE] * 10 + [large] * 10 + [SIZE] * 10
    assert [frame.time for frame in frames] == pytest.approx([n / 10 for n in range(30)], abs=0.05)
    assert [frame.number for frame in frames] == list(range(30))
    heard = [float(packet.pts * packet.time_base) for packet in sound if packet.pts is not None]
    assert all(after > before - 0.03 for before, after in pairwise(heard)), "a part is not behind the one before"
    assert heard[-1] > 2.8, "the sound of the last part is not there"


def test_files_put_one_behind_the_other_follow_each_other(tmp_path: Path) -> None:
    path = write_joined_video(tmp_path / "a.ts", ("libx264", SIZE, 0.0), ("libx264", SIZE, 0.0))
    assert times(path) == pytest.approx([n / 10 for n in range(20)], abs=0.05)


def test_a_part_that_cannot_be_decoded_is_said_and_passed_over(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    path = write_joined_video(tmp_path / "a.ts", ("libx264", SIZE, 0.0), ("mjpeg", SIZE, 1.0), ("libx265", SIZE, 2.0))
    assert times(path) == pytest.approx([n / 10 for n in (*range(10), *range(20, 30))], abs=0.05)
    assert "has no video that can be decoded" in caplog.text
