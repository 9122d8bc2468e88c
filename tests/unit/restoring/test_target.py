import logging
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from av.video.reformatter import ColorRange, Colorspace

from edge_vsr.errors import EncoderError, InputError
from edge_vsr.frame import Frame, Matrix, Range, Size
from edge_vsr.restoring.base import About, Sound, VideoTarget
from edge_vsr.restoring.source import FileSound
from edge_vsr.restoring.target import open_file
from tests.unit.restoring.videos import RATE, SIZE, frame, packed, read_video, sound_packets, write_video

ABOUT = About(RATE, (SIZE,))


@pytest.fixture
def silent(tmp_path: Path) -> Iterator[FileSound]:
    (tmp_path / "in").mkdir()
    with closing(FileSound(write_video(tmp_path / "in" / "silent.mp4", 1))) as sound:
        yield sound


def write(target: VideoTarget, frames: list[Frame]) -> None:
    with closing(target):
        for one in frames:
            target.write(one)
        target.finish()


def psnr(picture: av.VideoFrame, one: Frame) -> float:
    """In dB; infinite if they are the same."""
    with np.errstate(divide="ignore"):
        return float(10 * np.log10(255**2 / np.mean((picture.to_ndarray().astype(float) - packed(one)) ** 2)))


@pytest.mark.parametrize("size", [SIZE, Size(16, 18), Size(30, 22)])
def test_y4m_decodes_bit_for_bit(tmp_path: Path, silent: Sound, size: Size) -> None:
    frames = [frame(number, size) for number in range(4)]
    write(open_file(tmp_path / "a.y4m", ABOUT, silent), frames)
    decoded = read_video(tmp_path / "a.y4m")
    assert len(decoded) == 4
    for one, picture in zip(frames, decoded, strict=True):
        np.testing.assert_array_equal(picture.to_ndarray(), packed(one), err_msg=f"frame {one.number}")


@pytest.mark.parametrize(("range_", "word"), [(Range.LIMITED, "LIMITED"), (Range.FULL, "FULL")])
def test_y4m_says_size_rate_and_range(tmp_path: Path, silent: Sound, range_: Range, word: str) -> None:
    write(open_file(tmp_path / "a.Y4M", About(Fraction(30000, 1001), (SIZE,)), silent), [frame(0, range_=range_)])
    data = (tmp_path / "a.Y4M").read_bytes()
    head, rest = data.split(b"\n", 1)
    assert head.decode() == f"YUV4MPEG2 W64 H48 F30000:1001 Ip A1:1 C420mpeg2 XCOLORRANGE={word}"
    assert rest.startswith(b"FRAME\n")
    assert len(rest) == len(b"FRAME\n") + 64 * 48 * 3 // 2
    with av.open(str(tmp_path / "a.Y4M")) as container:
        assert container.streams.video[0].average_rate == Fraction(30000, 1001)
    (picture,) = read_video(tmp_path / "a.Y4M")
    assert picture.color_range == (ColorRange.JPEG if range_ is Range.FULL else ColorRange.MPEG)


def test_y4m_is_written_without_padding_of_the_planes(tmp_path: Path, silent: Sound) -> None:
    whole = frame(0, Size(80, 60))
    cut = replace(whole, y=whole.y[:48, :64], u=whole.u[:24, :32], v=whole.v[:24, :32])
    write(open_file(tmp_path / "a.y4m", ABOUT, silent), [cut])
    (picture,) = read_video(tmp_path / "a.y4m")
    np.testing.assert_array_equal(picture.to_ndarray(), packed(cut))


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "A.MP4", "10:30:00.mp4"])
def test_h264_keeps_every_frame_and_what_is_on_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, silent: Sound, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    frames = [frame(number) for number in range(15)]
    write(open_file(Path(name), ABOUT, silent), frames)
    decoded = read_video(tmp_path / name)
    assert len(decoded) == 15
    for one, picture in zip(frames, decoded, strict=True):
        likeness = psnr(picture, one)
        assert likeness > 38, f"frame {one.number}: {likeness:.1f} dB"


@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
@pytest.mark.parametrize(
    "times", [[0.0, 0.1, 0.2, 0.3], [0.0, 0.04, 0.5, 0.51, 1.7], [2.0, 2.5, 2.52]], ids=["even", "uneven", "late"]
)
def test_h264_keeps_the_times(tmp_path: Path, silent: Sound, suffix: str, times: list[float]) -> None:
    path = tmp_path / f"a{suffix}"
    write(open_file(path, ABOUT, silent), [replace(frame(i), time=time) for i, time in enumerate(times)])
    decoded = [picture.time for picture in read_video(path)]
    assert decoded == pytest.approx(times, abs=0.001), "Matroska counts in milliseconds"


def test_a_pause_of_a_day_is_kept_or_said(tmp_path: Path, silent: Sound) -> None:
    apart = [replace(frame(0), time=0.0), replace(frame(1), time=86_400.0)]
    write(open_file(tmp_path / "a.mkv", ABOUT, silent), apart)
    assert [picture.time for picture in read_video(tmp_path / "a.mkv")] == [0.0, 86_400.0]
    for frames in (apart, [replace(frame(n), time=20_000.0 * n) for n in range(6)]):
        with pytest.raises(InputError, match=r"a longer pause between two of its frames than \.mp4 can hold"):
            write(open_file(tmp_path / "a.mp4", ABOUT, silent), frames)
    assert not (tmp_path / "a.mp4").exists()


def test_times_that_do_not_go_on_are_moved_by_as_little_as_can_be(tmp_path: Path, silent: Sound) -> None:
    stuck = [replace(frame(i), time=time) for i, time in enumerate([0.0, 0.1, 0.1, 0.05, 0.2])]
    write(open_file(tmp_path / "a.mp4", ABOUT, silent), stuck)
    assert [picture.time for picture in read_video(tmp_path / "a.mp4")] == pytest.approx(
        [0.0, 0.1, 0.1, 0.1, 0.2], abs=0.001
    )


@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
@pytest.mark.parametrize("matrix", Matrix)
@pytest.mark.parametrize("range_", Range)
def test_h264_says_the_colours(tmp_path: Path, silent: Sound, suffix: str, matrix: Matrix, range_: Range) -> None:
    path = tmp_path / f"a{suffix}"
    write(open_file(path, ABOUT, silent), [frame(i, matrix=matrix, range_=range_) for i in range(3)])
    expected = {Matrix.BT601: Colorspace.SMPTE170M, Matrix.BT709: Colorspace.ITU709}[matrix]
    for picture in read_video(path):
        assert picture.colorspace == expected
        assert picture.color_range == (ColorRange.JPEG if range_ is Range.FULL else ColorRange.MPEG)


def test_a_size_that_h264_cannot_take_is_refused_with_one_that_it_can(tmp_path: Path, silent: Sound) -> None:
    with (
        closing(open_file(tmp_path / "a.mp4", ABOUT, silent)) as target,
        pytest.raises(EncoderError, match=r"cannot take 8x6: .* try 16x16"),
    ):
        target.write(frame(0, Size(8, 6)))


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.y4m"])
def test_a_target_that_is_given_up_can_be_closed_at_any_time(tmp_path: Path, silent: Sound, name: str) -> None:
    unused = open_file(tmp_path / name, ABOUT, silent)
    unused.close()
    unused.close()
    begun = open_file(tmp_path / name, ABOUT, silent)
    begun.write(frame(0))
    begun.close()
    begun.close()


@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
@pytest.mark.parametrize("codec", ["aac", "libmp3lame"])
def test_sound_goes_along_untouched(tmp_path: Path, suffix: str, codec: str) -> None:
    source = write_video(tmp_path / "in.mp4", 20, sound=codec)
    path = tmp_path / f"a{suffix}"
    with closing(FileSound(source)) as sound:
        write(open_file(path, ABOUT, sound), [frame(i) for i in range(20)])
    assert sound_packets(path) == sound_packets(source)
    assert len(read_video(path)) == 20


def test_sound_that_the_file_cannot_hold_is_coded_anew_and_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    source = write_video(tmp_path / "in.avi", 5, sound="pcm_mulaw")
    with closing(FileSound(source)) as sound:
        write(open_file(tmp_path / "a.mp4", ABOUT, sound), [frame(i) for i in range(5)])
    assert "the sound is coded anew as AAC, .mp4 cannot carry pcm_mulaw" in caplog.text
    with av.open(str(tmp_path / "a.mp4")) as container:
        assert [stream.codec_context.name for stream in container.streams.audio] == ["aac"]
    assert len(read_video(tmp_path / "a.mp4")) == 5


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".y4m"])
def test_the_shape_of_samples_is_kept(tmp_path: Path, silent: FileSound, suffix: str) -> None:
    path = tmp_path / f"a{suffix}"
    write(open_file(path, replace(ABOUT, aspect=Fraction(16, 11)), silent), [frame(0)])
    with av.open(str(path)) as container:
        assert container.streams.video[0].sample_aspect_ratio == Fraction(16, 11)


@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
def test_h264_keeps_titles_dates_and_primaries(tmp_path: Path, silent: FileSound, suffix: str) -> None:
    metadata = {"title": "Mast 7", "comment": "north", "creation_time": "2026-11-22T11:02:05.000000Z"}
    about = replace(ABOUT, metadata=metadata, primaries=9, transfer=14)
    write(open_file(tmp_path / f"a{suffix}", about, silent), [frame(0)])
    with av.open(str(tmp_path / f"a{suffix}")) as container:
        found = {key.lower(): value for key, value in container.metadata.items()}
        (picture,) = container.decode(video=0)
    assert metadata.items() <= found.items()
    assert (picture.color_primaries, picture.color_trc) == (9, 14)


def test_the_language_of_sound_is_kept(tmp_path: Path) -> None:
    source = write_video(tmp_path / "in.mkv", 5, sound="aac", language="deu")
    with closing(FileSound(source)) as sound:
        write(open_file(tmp_path / "a.mp4", ABOUT, sound), [frame(i) for i in range(5)])
    with av.open(str(tmp_path / "a.mp4")) as container:
        assert container.streams.audio[0].metadata["language"] == "deu"
