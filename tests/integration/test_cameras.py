"""Cameras against real servers on loopback and real files."""

import gc
import itertools
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from fractions import Fraction
from http.server import BaseHTTPRequestHandler, SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest
from av.container import InputContainer

from edge_vsr.camera import Camera, CameraState, CaptureWish, PatternCamera, open_camera, read_frame_number, status_of
from edge_vsr.camera.address import parse_camera
from edge_vsr.camera.base import RtspTransport
from edge_vsr.camera.stream import open_stream
from edge_vsr.clock import FakeClock, SystemClock
from edge_vsr.errors import CameraLost, CameraNotFound, InputError
from edge_vsr.frame import Frame, Matrix, Range, Size
from tests.integration import gst_servers
from tests.integration.servers import free_port, need, running

WISH = CaptureWish(patience=20.0)
Pictures = Iterator[tuple[np.ndarray[Any, np.dtype[np.uint8]], str]]


def opened(spec: str, wish: CaptureWish = WISH) -> Camera:
    return open_camera(str(spec), wish, SystemClock(), threading.Event())


def take(camera: Camera, count: int) -> list[Frame]:
    frames: list[Frame] = []
    for _ in range(count):
        frame = camera.read()
        assert frame is not None, f"the camera ended after {len(frames)} of {count} frames"
        frames.append(frame)
    return frames


def take_all(camera: Camera) -> list[Frame]:
    with closing(camera):
        return list(iter(camera.read, None))


def take_until_lost(camera: Camera) -> list[Frame]:
    frames = []
    with closing(camera):
        try:
            while frame := camera.read():
                frames.append(frame)
        except CameraLost:
            return frames
    pytest.fail(f"a live camera must be lost at its end, not end; it gave {len(frames)} frames")


def assert_runs_on(frames: list[Frame]) -> None:
    """Numbers go up and time does not go back."""
    for before, after in itertools.pairwise(frames):
        assert after.number > before.number, f"number {after.number} follows {before.number}"
        assert after.time >= before.time, f"time {after.time} follows {before.time}"


# RTSP


@contextmanager
def rtsp_camera(port: int, *arguments: str) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    python = need(gst_servers.SYSTEM_PYTHON)
    probe = "import gi; gi.require_version('GstRtspServer', '1.0'); from gi.repository import GstRtspServer"
    if subprocess.run([python, "-c", probe], capture_output=True, check=False).returncode:
        pytest.skip("gst-rtsp-server is not installed")
    with running([python, gst_servers.__file__, str(port), *arguments], port=port) as server:
        yield f"rtsp://user:secret@127.0.0.1:{port}/cam", server


@pytest.mark.parametrize("transport", ["tcp", "udp"])
def test_rtsp_is_read_in_real_time(transport: RtspTransport) -> None:
    began = time.time()
    with (
        rtsp_camera(free_port()) as (url, _),
        closing(opened(url, CaptureWish(rtsp_transport=transport, patience=20.0))) as camera,
    ):
        take(camera, 10)
        frames = take(camera, 100)
    assert_runs_on(frames)
    assert camera.live
    assert camera.name.endswith("/cam")
    assert "secret" not in camera.name
    assert {frame.size for frame in frames} == {Size(320, 240)}
    # Late they may be on a busy machine, but not ahead of the camera.
    assert frames[-1].time - frames[0].time > 0.5 * 99 / 25
    assert began <= frames[0].wall <= frames[-1].wall <= time.time()


def test_rtsp_mjpeg_keeps_its_full_range() -> None:
    with rtsp_camera(free_port(), "jpeg") as (url, _), closing(opened(url)) as camera:
        frame = take(camera, 3)[-1]
    assert (frame.range, frame.matrix) == (Range.FULL, Matrix.BT601)


def test_an_rtsp_camera_that_names_no_rate_has_none() -> None:
    with rtsp_camera(free_port(), "unrated") as (url, _), closing(opened(url)) as camera:
        take(camera, 3)
        assert camera.rate is None, "the ticks of its clock are no frames"


def test_a_camera_that_dies_and_returns_is_one_long_stream() -> None:
    port = free_port()
    with rtsp_camera(port) as (url, server):
        camera = opened(url)
        frames = take(camera, 10)
        server.kill()
        server.wait()
        reader = threading.Thread(target=lambda: frames.extend(take(camera, 20)))
        reader.start()
        wait_for(lambda: status_of(camera).state is CameraState.AWAY, "the loss is not noticed")
    with rtsp_camera(port, "h264", "640x360"):
        reader.join(60)
        assert not reader.is_alive(), f"no frames came back: {status_of(camera)}"
        camera.close()
    assert_runs_on(frames)
    assert status_of(camera).reopened == 1
    assert "secret" not in str(status_of(camera))
    assert (frames[0].size, frames[-1].size) == (Size(320, 240), Size(640, 360))


def test_a_silent_udp_camera_is_lost_and_not_waited_for() -> None:
    with rtsp_camera(free_port()) as (url, server):
        wish = CaptureWish(rtsp_transport="udp", patience=10.0)
        with closing(open_stream(parse_camera(url), wish, SystemClock())) as camera:
            take(camera, 3)
            server.kill()
            with pytest.raises(CameraLost):
                take(camera, 1000)


def test_close_ends_a_read_of_a_silent_camera() -> None:
    with rtsp_camera(free_port()) as (url, server), closing(opened(url)) as camera:
        take(camera, 3)
        server.send_signal(19)  # SIGSTOP: connected, and silent
        threading.Timer(0.5, camera.close).start()
        while camera.read() is not None:
            pass


@pytest.mark.parametrize("scheme", ["rtsp", "http"])
def test_an_address_where_nothing_listens_is_told_without_its_password(scheme: str) -> None:
    with pytest.raises(CameraNotFound, match="nothing listens there") as caught:
        opened(f"{scheme}://user:secret@127.0.0.1:{free_port()}/cam")
    assert "secret" not in str(caught.value)


def test_a_wrong_rtsp_path_is_told() -> None:
    with (
        rtsp_camera(free_port()) as (url, _),
        pytest.raises(CameraNotFound, match="nothing under this path"),
    ):
        opened(url.replace("/cam", "/other"))


def wait_for(condition: Callable[[], bool], otherwise: str, seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, otherwise
        time.sleep(0.02)


# HTTP


@contextmanager
def http_server(handler: Callable[..., BaseHTTPRequestHandler]) -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        server.block_on_close = False
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002  its name in the base class
        pass


def jpeg(size: Size, luma: int) -> bytes:
    encoder = av.CodecContext.create("mjpeg", "w")
    assert isinstance(encoder, av.VideoCodecContext)
    encoder.width, encoder.height, encoder.pix_fmt, encoder.time_base = *pair(size), "yuvj422p", Fraction(1, 25)
    picture = av.VideoFrame(*pair(size), "yuvj422p")
    for plane, level in zip(picture.planes, (luma, 128, 128), strict=True):
        plane.update(bytes([level]) * plane.buffer_size)
    return bytes(encoder.encode(picture)[0])


def pair(size: Size) -> tuple[int, int]:
    return size.width, size.height


class InParts(Quiet):
    """Pictures one after the other in one answer."""

    def begin(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
        self.end_headers()

    def show(self, picture: bytes) -> None:
        head = f"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {len(picture)}\r\n\r\n"
        self.wfile.write(head.encode() + picture + b"\r\n")
        self.wfile.flush()


class MjpegCamera(InParts):
    """20 pictures of 160x120, one that is damaged, then 10 of 80x60, then the end."""

    def do_GET(self) -> None:
        self.begin()
        pictures = [jpeg(Size(160, 120), 255)] * 20 + [b"\xff\xd8 damaged"] + [jpeg(Size(80, 60), 0)] * 10
        for picture in pictures:
            self.show(picture)
            time.sleep(0.02)
        self.wfile.write(b"--frame--\r\n")


def test_an_http_mjpeg_camera_is_live_and_may_change_its_size() -> None:
    with http_server(MjpegCamera) as url:
        camera = open_stream(parse_camera(f"{url}/stream"), WISH, SystemClock())
        frames = take_until_lost(camera)
    assert camera.live
    assert_runs_on(frames)
    assert (frames[0].size, frames[-1].size) == (Size(160, 120), Size(80, 60))
    assert (int(frames[0].y.max()), int(frames[-1].y.min())) == (255, 0), "full range must stay full"
    assert [frame.number for frame in frames] == [*range(20), *range(21, 31)], "the damaged picture must leave a gap"
    assert camera.status.corrupt == 1


class SlowCamera(InParts):
    """Ten pictures a second for two seconds."""

    def do_GET(self) -> None:
        self.begin()
        for n in range(20):
            self.show(jpeg(Size(160, 120), 10 * n))
            time.sleep(0.1)


def test_pictures_in_parts_have_the_times_at_which_they_come() -> None:
    """FFmpeg counts them at 25 a second."""
    with http_server(SlowCamera) as url:
        camera = open_stream(parse_camera(url), WISH, SystemClock())
        times = [frame.time for frame in take_until_lost(camera)]
    assert camera.rate is None
    apart = [after - before for before, after in itertools.pairwise(times[1:])]
    assert sorted(apart)[len(apart) // 2] == pytest.approx(0.1, abs=0.04)


class TooLarge(InParts):
    """One picture of 12000 a side in half a megabyte."""

    def do_GET(self) -> None:
        picture = cv2.imencode(".jpg", np.zeros((12_000, 12_000), np.uint8))[1].tobytes()
        self.begin()
        for one in (jpeg(Size(160, 120), 100), picture):
            self.show(one)


def test_a_live_picture_that_is_too_large_is_not_decoded() -> None:
    with http_server(TooLarge) as url:
        frames = take_until_lost(open_stream(parse_camera(url), WISH, SystemClock()))
    assert [frame.size for frame in frames] == [Size(160, 120)]


@pytest.mark.parametrize("suffix", [".mp4", ".ts", ".m3u8"])
def test_a_recording_over_http_ends_as_a_file_does(tmp_path: Path, suffix: str) -> None:
    record(tmp_path / f"clip{suffix}", "libx264", demo_pictures(12))
    with http_server(lambda *a: Quiet(*a, directory=str(tmp_path))) as url:
        camera = opened(f"{url}/clip{suffix}")
        frames = take_all(camera)
    assert not camera.live
    assert [read_frame_number(frame.y) for frame in frames] == list(range(12))


def test_a_missing_page_and_a_page_without_video_are_told_apart(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("<p>hello</p>")
    with http_server(lambda *a: Quiet(*a, directory=str(tmp_path))) as url:
        with pytest.raises(CameraNotFound, match="nothing under this path"):
            opened(f"{url}/other?token=secret")
        with pytest.raises(CameraNotFound, match="not a video"):
            opened(f"{url}/index.html")


class Locked(Quiet):
    def do_GET(self) -> None:
        self.send_error(401)


def test_a_camera_that_wants_a_password_says_so() -> None:
    with http_server(Locked) as url, pytest.raises(CameraNotFound, match="user name and a password"):
        opened(f"{url}/stream")


class Stuck(Quiet):
    def do_GET(self) -> None:
        time.sleep(30)


def test_a_server_that_never_answers_is_given_up() -> None:
    with http_server(Stuck) as url, pytest.raises(CameraNotFound, match=r"no answer in time|timed out"):
        opened(url + "/x", CaptureWish(patience=1.0))


# Files


def demo_pictures(count: int, size: Size = Size(320, 180)) -> Pictures:  # noqa: B008  frozen
    camera = PatternCamera(FakeClock(), size=size)
    for frame in take(camera, count):
        planes = [np.ascontiguousarray(plane).ravel() for plane in (frame.y, frame.u, frame.v)]
        yield np.concatenate(planes).reshape(-1, size.width), "yuv420p"


def record(
    path: Path,
    codec: str,
    pictures: Pictures,
    *,
    pix_fmt: str = "yuv420p",
    stamps: Callable[[int], int] = lambda n: n * 40,
    options: dict[str, str] | None = None,
    gop: int = 12,
    sound: bool = False,
) -> Path:
    """Write a file with PyAV; `stamps` gives milliseconds."""
    with av.open(str(path), "w", options=options or {}) as out:
        stream: Any = out.add_stream(codec, rate=25)
        noise: Any = out.add_stream("aac", rate=48_000) if sound else None
        stream.pix_fmt, stream.gop_size = pix_fmt, gop
        stream.codec_context.time_base = Fraction(1, 1000)
        for number, (array, format_) in enumerate(pictures):
            picture = av.VideoFrame.from_ndarray(array, format=format_)
            if number == 0:
                stream.width, stream.height = picture.width, picture.height
            picture.pts, picture.time_base = stamps(number), Fraction(1, 1000)
            out.mux(stream.encode(picture))
            if noise:
                beep = av.AudioFrame.from_ndarray(np.zeros((2, 1024), np.float32), "fltp", "stereo")
                beep.sample_rate, beep.pts = 48_000, number * 1024
                out.mux(noise.encode(beep))
        for one in (stream, noise) if noise else (stream,):
            out.mux(one.encode(None))
    return path


def flat(colour: tuple[int, int, int], size: Size) -> Pictures:
    yield np.full((size.height, size.width, 3), colour, np.uint8), "rgb24"


def test_every_frame_of_an_mp4_with_sound_and_b_frames_is_accounted_for(tmp_path: Path) -> None:
    path = record(tmp_path / "a.mp4", "libx264", demo_pictures(60), sound=True)
    camera = opened(str(path))
    frames = take_all(camera)
    assert [read_frame_number(frame.y) for frame in frames] == list(range(60))
    assert [frame.number for frame in frames] == list(range(60))
    assert not camera.live
    assert camera.rate == 25
    assert frames[-1].time - frames[0].time == pytest.approx(59 / 25, abs=0.002)
    assert frames[-1].wall - frames[0].wall == pytest.approx(59 / 25, abs=0.002)


def test_a_stream_with_b_frames_is_live_in_the_right_order(tmp_path: Path) -> None:
    path = record(tmp_path / "b.ts", "libx264", demo_pictures(40))

    class Endless(Quiet):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(path.read_bytes())

    with http_server(Endless) as url:
        camera = open_stream(parse_camera(f"{url}/live.ts"), WISH, SystemClock())
        numbers = [read_frame_number(frame.y) for frame in take_until_lost(camera)]
    assert numbers == list(range(40))


def test_uneven_time_stamps_are_kept(tmp_path: Path) -> None:
    at = [0, 40, 80, 500, 540, 1800]
    path = record(tmp_path / "vfr.mkv", "libx264", demo_pictures(6), stamps=lambda n: at[n])
    frames = take_all(opened(str(path)))
    assert [round((frame.time - frames[0].time) * 1000) for frame in frames] == at


def test_full_range_mjpeg_stays_full(tmp_path: Path) -> None:
    picture = av.VideoFrame.from_ndarray(np.full((48, 64, 3), 255, np.uint8), format="rgb24")
    path = tmp_path / "m.avi"
    with av.open(str(path), "w") as out:
        stream = out.add_stream("mjpeg", rate=25)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuvj422p"
        out.mux(stream.encode(picture.reformat(format="yuvj422p")))
        out.mux(stream.encode(None))
    (frame,) = take_all(opened(str(path)))
    assert (frame.range, frame.matrix, frame.size) == (Range.FULL, Matrix.BT601, Size(64, 48))
    assert frame.y.min() >= 254


@pytest.mark.parametrize(("name", "codec"), [("p.png", "png"), ("f.mkv", "ffv1")])
def test_rgb_files_become_limited_range(tmp_path: Path, name: str, codec: str) -> None:
    size = Size(66, 50)
    options = {"update": "1"} if name.endswith("png") else None
    pix_fmt = "rgb24" if codec == "png" else "bgr0"
    path = record(tmp_path / name, codec, flat((255, 0, 0), size), pix_fmt=pix_fmt, options=options)
    (frame,) = take_all(opened(str(path)))
    assert frame.range is Range.LIMITED
    for plane, level in zip((frame.y, frame.u, frame.v), (81, 90, 240), strict=True):
        assert abs(int(plane[20, 20]) - level) <= 1


def test_odd_sizes_and_ten_bits_are_read(tmp_path: Path) -> None:
    path = record(tmp_path / "odd.mkv", "ffv1", flat((255, 255, 255), Size(65, 33)), pix_fmt="yuv420p10le")
    (frame,) = take_all(opened(str(path)))
    assert frame.size == Size(65, 33)
    assert abs(int(frame.y[5, 5]) - 235) <= 1


def test_a_file_is_brought_to_the_wished_size_and_rate(tmp_path: Path) -> None:
    path = record(tmp_path / "a.mp4", "libx264", demo_pictures(24))
    camera = opened(str(path), CaptureWish(Size(640, 360), Fraction(25, 2)))
    frames = take_all(camera)
    assert {frame.size for frame in frames} == {Size(640, 360)}
    assert [read_frame_number(frame.y) for frame in frames] == list(range(0, 24, 2))
    assert status_of(camera).skipped == 12


def test_a_file_that_breaks_off_gives_what_it_has(tmp_path: Path) -> None:
    path = record(tmp_path / "a.ts", "libx264", demo_pictures(40), gop=5)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    frames = take_all(opened(str(path)))
    assert 5 < len(frames) < 40


def truncated(path: Path) -> None:
    record(path, "libx264", demo_pictures(10))
    path.write_bytes(path.read_bytes()[:-900])


def without_pictures(path: Path) -> None:
    with av.open(str(path), "w", format="wav") as out:
        stream = out.add_stream("pcm_s16le", rate=8000)
        sound = av.AudioFrame.from_ndarray(np.zeros((1, 800), np.int16), "s16", "mono")
        sound.sample_rate = 8000
        out.mux(stream.encode(sound))


BAD_FILES: dict[str, tuple[Callable[[Path], Any], str]] = {
    "text.mp4": (lambda path: path.write_text("this is no video\n" * 50), "not a video"),
    "empty.mp4": (lambda path: path.write_bytes(b""), "not a video"),
    "noise.avi": (lambda path: path.write_bytes(np.random.default_rng(1).bytes(20_000)), "not a video"),
    "truncated.mp4": (truncated, "its end is missing"),
    "sound.wav": (without_pictures, "no video in it"),
    "huge.y4m": (lambda path: path.write_bytes(b"YUV4MPEG2 W16384 H16384 F25:1\nFRAME\n"), "are too large"),
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_bad_file_is_told_in_one_line(tmp_path: Path, name: str) -> None:
    make, says = BAD_FILES[name]
    make(tmp_path / name)
    with pytest.raises(InputError, match=says) as caught:
        take_all(opened(str(tmp_path / name)))
    assert "\n" not in str(caught.value)


def test_a_closed_camera_leaves_nothing_for_the_garbage_collector(tmp_path: Path) -> None:
    path = record(tmp_path / "a.mp4", "libx264", demo_pictures(3))
    gc.collect()
    gc.disable()
    try:
        before = containers()
        with closing(opened(str(path))) as camera:
            camera.read()
        assert containers() == before, "a decoder that is kept costs megabytes at each reopening"
    finally:
        gc.enable()


def containers() -> int:
    # By type(): isinstance() asks the things themselves, of which some that other packages leave there complain.
    return sum(issubclass(type(thing), InputContainer) for thing in gc.get_objects())


def test_a_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(CameraNotFound, match="is a folder"):
        opened(str(tmp_path))
