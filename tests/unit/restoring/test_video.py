import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from edge_vsr.errors import EncoderError, InputError, ModelError
from edge_vsr.frame import Plane, Size
from edge_vsr.restoring.base import About, VideoTarget
from edge_vsr.restoring.coarse import bolder, once_more
from edge_vsr.restoring.source import VideoFile
from edge_vsr.restoring.target import open_file
from edge_vsr.restoring.video import VideoOptions, restore_video
from edge_vsr.sr.upscaler import BicubicUpscaler, open_upscaler
from tests.unit.restoring.videos import (
    RATE,
    SIZE,
    frame,
    read_video,
    sound_packets,
    write_changing_video,
    write_video,
)


class Steps:
    """Notes the progress; raises `error` at frame `at`."""

    def __init__(self, error: BaseException | None = None, at: int = 0) -> None:
        self.seen: list[tuple[int, int | None]] = []
        self._error = error
        self._at = at

    def __call__(self, done: int, total: int | None) -> None:
        self.seen.append((done, total))
        if self._error and done == self._at:
            raise self._error


class Failing(BicubicUpscaler):
    """Fails at its third picture."""

    def __init__(self) -> None:
        super().__init__()
        self._count = 0

    def luma(self, y: Plane) -> Plane:
        self._count += 1
        if self._count == 3:
            raise ModelError("the engine gave up")
        return super().luma(y)


AS_CODED = VideoOptions(ahead=False)


@pytest.fixture(autouse=True)
def _no_thread_is_left() -> Iterator[None]:
    before = set(threading.enumerate())
    yield
    left = [thread.name for thread in threading.enumerate() if thread not in before]
    assert left == [], f"threads left behind: {left}"


def restore(source: Path, target: Path, upscaler: BicubicUpscaler | None = None, steps: Steps | None = None) -> Steps:
    steps = steps or Steps()
    with VideoFile(source) as video:
        restore_video(video, to_file(target, video), upscaler or BicubicUpscaler(), steps)
    return steps


def to_file(target: Path, video: VideoFile) -> Callable[[About], VideoTarget]:
    return lambda about: open_file(target, about, video.sound)


def sizes(path: Path) -> list[Size]:
    return [Size(picture.width, picture.height) for picture in read_video(path)]


def assert_nothing_written(tmp_path: Path, source: Path) -> None:
    assert [path.name for path in tmp_path.iterdir() if path != source] == []


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".y4m"])
def test_every_frame_arrives_twice_as_large(tmp_path: Path, suffix: str) -> None:
    target = tmp_path / f"out{suffix}"
    steps = restore(write_video(tmp_path / "a.mp4", 30), target)
    pictures = read_video(target)
    assert [(picture.width, picture.height) for picture in pictures] == [(128, 96)] * 30
    assert [picture.time for picture in pictures] == pytest.approx([n / 10 for n in range(30)], abs=0.001)
    assert steps.seen == [*((done, 30) for done in range(31)), (30, 30)]


def test_the_y4m_is_the_upscaled_decoded_video(tmp_path: Path) -> None:
    source = write_video(tmp_path / "a.mp4", 4)
    with VideoFile(source) as video:
        restore_video(video, to_file(tmp_path / "out.y4m", video), BicubicUpscaler(), Steps(), options=AS_CODED)
    bicubic = BicubicUpscaler()
    for low, high in zip(read_video(source), read_video(tmp_path / "out.y4m"), strict=True):
        expected = bicubic.luma(np.asarray(low.to_ndarray()[: SIZE.height], np.uint8))
        np.testing.assert_array_equal(high.to_ndarray()[: 2 * SIZE.height], expected)


@pytest.mark.parametrize("passes", [1, 2])
def test_what_a_network_adds_to_coarsely_coded_frames_depends_on_the_quantizer(tmp_path: Path, passes: int) -> None:
    source, target = write_video(tmp_path / "a.mp4", 2, options={"crf": "45"}), tmp_path / "out.y4m"
    network = open_upscaler("ear-s-x2-video", threads=1)
    with VideoFile(source) as video:
        frames = list(video)
    options = VideoOptions(ahead=False, steady=False, passes=passes)
    with VideoFile(source) as video:
        restore_video(video, to_file(target, video), network, Steps(), options=options)
    for low, picture in zip(frames, read_video(target), strict=True):
        assert low.group
        expected = bolder(low.y, network.luma(low.y), low.group.step)
        if passes == 2:
            expected = once_more(expected, network.luma, 2, low.group.step)
        np.testing.assert_array_equal(picture.to_ndarray()[: 2 * SIZE.height], expected)


class Live(VideoFile):
    live = True


def still_video(path: Path) -> Path:
    """Nothing moves, and its codec makes it finer from frame to frame."""
    options = {"tune": "zerolatency", "g": "99", "crf": "40", "x264-params": "ipratio=0.5"}
    return write_video(path, 20, options=options, still=True)


def error_at_first(source: VideoFile, target: Path, *, ahead: bool = True) -> float:
    with source as video:
        restore_video(video, to_file(target, video), BicubicUpscaler(), Steps(), options=VideoOptions(ahead=ahead))
    first = np.asarray(read_video(target)[0].to_ndarray()[: 2 * SIZE.height], float)
    return float(np.mean((first - BicubicUpscaler().luma(frame(0).y)) ** 2))


def test_what_stands_still_is_shown_as_it_will_be(tmp_path: Path) -> None:
    path, out = still_video(tmp_path / "a.mp4"), tmp_path / "out.y4m"
    as_coded = error_at_first(VideoFile(path), out, ahead=False)
    assert error_at_first(VideoFile(path), out) < 0.9 * as_coded
    assert error_at_first(Live(path), out) == as_coded, "it kept a live source waiting"


def test_where_memory_is_short_frames_stay_what_they_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    path, out = still_video(tmp_path / "a.mp4"), tmp_path / "out.y4m"
    as_coded = error_at_first(VideoFile(path), out, ahead=False)
    monkeypatch.setattr("edge_vsr.restoring.video.make_room", lambda _upscaler, _sizes: False)
    with caplog.at_level("INFO"):
        assert error_at_first(VideoFile(path), out) == as_coded
    assert "memory is short" in caplog.text


@pytest.mark.parametrize("size", [Size(34, 18), Size(62, 46)])
def test_any_even_size_does(tmp_path: Path, size: Size) -> None:
    restore(write_video(tmp_path / "a.mp4", 3, size=size), tmp_path / "out.mp4")
    assert sizes(tmp_path / "out.mp4") == [size.times(2)] * 3


def test_sound_is_kept_as_it_is(tmp_path: Path) -> None:
    source = write_video(tmp_path / "a.mkv", 30, sound="aac")
    restore(source, tmp_path / "out.mkv")
    assert sound_packets(tmp_path / "out.mkv") == sound_packets(source)


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".y4m"])
@pytest.mark.parametrize("second", [Size(80, 64), Size(128, 96), Size(32, 24)])
def test_a_video_that_changes_its_size_keeps_one(tmp_path: Path, suffix: str, second: Size) -> None:
    source = write_changing_video(tmp_path / "a.h264", SIZE, second)
    restore(source, tmp_path / f"out{suffix}")
    assert sizes(tmp_path / f"out{suffix}") == [SIZE.times(2)] * 10


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".y4m"])
def test_a_failing_network_leaves_nothing(tmp_path: Path, suffix: str) -> None:
    source = write_video(tmp_path / "a.mp4", 20)
    with pytest.raises(ModelError, match="the engine gave up"):
        restore(source, tmp_path / f"out{suffix}", Failing())
    assert_nothing_written(tmp_path, source)


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".y4m"])
@pytest.mark.parametrize("at", [0, 5])
def test_an_interrupt_leaves_nothing_and_keeps_the_old_file(tmp_path: Path, suffix: str, at: int) -> None:
    source = write_video(tmp_path / "a.mp4", 20)
    target = tmp_path / f"out{suffix}"
    target.write_text("old")
    with pytest.raises(KeyboardInterrupt):
        restore(source, target, steps=Steps(KeyboardInterrupt(), at))
    assert target.read_text() == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.mp4", target.name]


def test_nothing_is_seen_before_the_end(tmp_path: Path) -> None:
    target = tmp_path / "out.mp4"
    visible = []

    def look(done: int, total: int | None) -> None:
        visible.append([path.name for path in tmp_path.iterdir() if not path.name.startswith(".")])

    with VideoFile(write_video(tmp_path / "a.mp4", 5)) as video:
        restore_video(video, to_file(target, video), BicubicUpscaler(), look)
    assert visible[:-1] == [["a.mp4"]] * (len(visible) - 1)


def test_a_video_without_a_frame_is_an_input_error_and_leaves_nothing(tmp_path: Path) -> None:
    source = write_video(tmp_path / "a.ts", 4)
    source.write_bytes(source.read_bytes()[:800])
    with pytest.raises(InputError, match=r"a\.ts"):
        restore(source, tmp_path / "out.mp4")
    assert_nothing_written(tmp_path, source)


def test_a_frame_too_small_for_the_encoder_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(EncoderError, match="cannot take 12x12"):
        restore(write_y4m(tmp_path / "a.y4m", Size(6, 6)), tmp_path / "out.mp4")
    assert_nothing_written(tmp_path, tmp_path / "a.y4m")


def test_an_odd_size_becomes_an_even_one(tmp_path: Path) -> None:
    restore(write_y4m(tmp_path / "a.y4m", Size(21, 17)), tmp_path / "out.mp4")
    assert sizes(tmp_path / "out.mp4") == [Size(42, 34)] * 2


def test_a_slow_writer_holds_the_decoder_back(tmp_path: Path) -> None:
    """A few frames wait between the stages, not the whole video."""
    seen: list[int] = []

    class Counting(BicubicUpscaler):
        def luma(self, y: Plane) -> Plane:
            seen.append(1)
            return super().luma(y)

    ahead = []

    def slow(done: int, total: int | None) -> None:
        time.sleep(0.01)
        ahead.append(len(seen) - done)

    with VideoFile(write_video(tmp_path / "a.mp4", 40)) as video:
        restore_video(video, to_file(tmp_path / "out.y4m", video), Counting(), slow)
    assert max(ahead) <= 5, f"{max(ahead)} frames ahead"


def write_y4m(path: Path, size: Size) -> Path:
    """Two frames of a size that H.264 need not be able to take."""
    one = frame(0, size)
    planes = b"".join(plane.tobytes() for plane in (one.y, one.u, one.v))
    head = f"YUV4MPEG2 W{size.width} H{size.height} F{RATE.numerator}:{RATE.denominator} Ip A1:1 C420mpeg2\n"
    path.write_bytes(head.encode() + 2 * (b"FRAME\n" + planes))
    return path
