"""Live push against real servers, and against some that do not behave."""

import logging
import os
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from subprocess import PIPE, Popen

import pytest

from edge_vsr.coded import CodedPicture
from edge_vsr.errors import UplinkAway, UplinkRefused
from edge_vsr.frame import Size
from edge_vsr.uplink.live import LiveMuxer
from edge_vsr.uplink.options import UplinkOptions
from tests.integration import nginx
from tests.integration.certificates import certify
from tests.integration.command import seen_by_others
from tests.integration.pictures import decoded_frames, make_pictures, padded
from tests.integration.servers import free_port, need, running

SECRET = "s3cr3t-w0rd"
IMPATIENT = UplinkOptions(connect_timeout=1.0, picture_timeout=0.5)


def push(url: str, pictures: list[CodedPicture], options: UplinkOptions | None = None) -> None:
    """Push all pictures in one session and end it."""
    uplink = LiveMuxer(url, options)
    try:
        push_all(uplink, pictures)
    finally:
        uplink.close()


def push_all(uplink: LiveMuxer, pictures: list[CodedPicture]) -> None:
    for picture in pictures:
        uplink.push(picture)


@contextmanager
def ffmpeg_listens(url: str, port: int, file: Path) -> Iterator[Popen[bytes]]:
    """The ffmpeg program as a far end for one publisher."""
    listen = ["-listen", "1"] if url.startswith("rtmp") else ["-rtsp_flags", "listen"]
    command = [need("ffmpeg"), "-loglevel", "warning", "-y", *listen, "-i", url, "-c", "copy", str(file)]
    with running(command) as process:
        until_listening(port)
        yield process


@contextmanager
def gstreamer_listens(port: int, file: Path, *credentials: str) -> Iterator[Popen[bytes]]:
    """gst-rtsp-server, which takes RECORD at /cam."""
    python = "/usr/bin/python3"
    probe = "import gi; gi.require_version('GstRtspServer', '1.0'); from gi.repository import GstRtspServer"
    with running([python, "-c", probe]) as process:
        if process.wait() != 0:
            pytest.skip("gst-rtsp-server or python3-gi is not installed")
    sink = Path(__file__).with_name("rtsp_sink.py")
    with running([python, str(sink), str(port), str(file), *credentials], port=port) as process:
        yield process


def until_listening(port: int) -> None:
    """As wait_for_port, but without connecting: ffmpeg takes the first connection for its publisher."""
    end = time.monotonic() + 60.0
    while f":{port:04X} 00000000:0000 0A" not in Path("/proc/net/tcp").read_text():
        assert time.monotonic() < end, f"nothing listens on port {port}"
        time.sleep(0.02)


def settle(file: Path) -> None:
    """Wait until `file` is there and grows no more: GStreamer drops what its jitter buffer holds at the end."""
    end, size = time.monotonic() + 60.0, -1
    while size <= 0 or file.stat().st_size != size:
        assert time.monotonic() < end, f"{file} does not come"
        size = file.stat().st_size if file.exists() else 0
        time.sleep(1.0)


def frames_recorded(file: Path, expected: int) -> int:
    """How many frames of `file` decode, once they are `expected` or a minute has passed."""
    end = time.monotonic() + 60.0
    while True:
        try:
            found = decoded_frames(str(file))
        except (OSError, ValueError, IndexError):
            found = 0
        if found == expected or time.monotonic() > end:
            return found
        time.sleep(0.05)


def test_ffmpeg_gets_every_frame_over_rtmp(tmp_path: Path) -> None:
    port = free_port()
    url = f"rtmp://127.0.0.1:{port}/live/camera"
    with ffmpeg_listens(url, port, tmp_path / "got.flv") as far:
        push(url, make_pictures(50))
        far.wait(60.0)
    assert decoded_frames(str(tmp_path / "got.flv")) == 50


def test_ffmpeg_gets_every_frame_over_rtsp(tmp_path: Path) -> None:
    port = free_port()
    url = f"rtsp://127.0.0.1:{port}/camera"
    with ffmpeg_listens(url, port, tmp_path / "got.ts") as far:
        push(url, make_pictures(50))
        far.wait(60.0)
    assert decoded_frames(str(tmp_path / "got.ts")) == 50


def test_nginx_gets_every_frame_over_rtmp(tmp_path: Path) -> None:
    port = free_port()
    with nginx.rtmp(tmp_path, port):
        push(f"rtmp://127.0.0.1:{port}/live/camera", make_pictures(50))
        assert frames_recorded(tmp_path / "www/camera.flv", 50) == 50


def test_gstreamer_gets_every_frame_over_rtsp_with_a_password(tmp_path: Path) -> None:
    port = free_port()
    with gstreamer_listens(port, tmp_path / "got.h264", "camera", SECRET):
        with pytest.raises(UplinkRefused, match="401"):
            push(f"rtsp://127.0.0.1:{port}/cam", make_pictures(1))
        with pytest.raises(UplinkRefused, match="401") as caught:
            push(f"rtsp://camera:{SECRET}x@127.0.0.1:{port}/cam", make_pictures(1))
        assert SECRET not in str(caught.value)
        uplink = LiveMuxer(f"rtsp://camera:{SECRET}@127.0.0.1:{port}/cam")
        push_all(uplink, make_pictures(50))
        assert frames_recorded(tmp_path / "got.h264", 50) == 50
        uplink.close()


def test_a_path_that_the_server_does_not_have_is_refused(tmp_path: Path) -> None:
    port = free_port()
    with gstreamer_listens(port, tmp_path / "got.h264"), pytest.raises(UplinkRefused, match="404"):
        push(f"rtsp://127.0.0.1:{port}/elsewhere", make_pictures(1))


def test_a_session_starts_at_its_first_keyframe_whatever_the_time(tmp_path: Path) -> None:
    port = free_port()
    uplink = LiveMuxer(f"rtmp://127.0.0.1:{port}/live/camera")
    pictures = make_pictures(30, first=100_000)
    with nginx.rtmp(tmp_path, port):
        for picture in pictures[5:10]:
            with pytest.raises(UplinkAway, match="waits for a keyframe"):
                uplink.push(picture)
        push_all(uplink, pictures[10:])
        uplink.close()
        uplink.close()
        assert frames_recorded(tmp_path / "www/camera.flv", 20) == 20


def test_a_peer_that_dies_and_comes_back_gets_pictures_from_a_keyframe_on(tmp_path: Path) -> None:
    port = free_port()
    uplink = LiveMuxer(f"rtsp://127.0.0.1:{port}/cam")
    pictures = make_pictures(60)
    away = 0
    with gstreamer_listens(port, tmp_path / "first.h264") as server:
        push_all(uplink, pictures[:15])
        server.kill()
        server.wait()
        for picture in pictures[15:35]:
            try:
                uplink.push(picture)
            except UplinkAway:
                away += 1
    assert not uplink.connected
    assert away >= 15
    with gstreamer_listens(port, tmp_path / "second.h264"):
        sent = 0
        for picture in pictures[35:]:
            try:
                uplink.push(picture)
            except UplinkAway:
                assert not sent
            else:
                sent += 1
        assert sent == 20
        assert frames_recorded(tmp_path / "second.h264", 20) == 20
        uplink.close()


def test_another_size_is_another_session(tmp_path: Path) -> None:
    port = free_port()
    uplink = LiveMuxer(f"rtmp://127.0.0.1:{port}/live/camera")
    with nginx.rtmp(tmp_path, port):
        push_all(uplink, [*make_pictures(10), *make_pictures(20, Size(160, 90))])
        uplink.close()
        assert frames_recorded(tmp_path / "www/camera.flv", 20) == 20


@pytest.mark.parametrize("scheme", ["rtsp", "rtmp"])
def test_a_peer_that_never_answers_is_away(scheme: str) -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        pytest.raises(UplinkAway, match="did not answer in time"),
    ):
        push(f"{scheme}://127.0.0.1:{listener.getsockname()[1]}/live/x", make_pictures(1), IMPATIENT)


def test_what_an_rtmp_server_says_is_passed_on(tmp_path: Path) -> None:
    port = free_port()
    url = f"rtmp://127.0.0.1:{port}/live/camera"
    first = LiveMuxer(url)
    with nginx.rtmp(tmp_path, port):
        first.push(make_pictures(1)[0])
        with pytest.raises(UplinkAway, match="Already publishing"):
            push(url, make_pictures(1))
        first.close()


@pytest.mark.parametrize("scheme", ["rtsp", "rtmp"])
def test_no_peer_is_away(scheme: str) -> None:
    with pytest.raises(UplinkAway, match="Connection refused"):
        push(f"{scheme}://127.0.0.1:{free_port()}/live/x", make_pictures(1))


def test_a_peer_that_stops_reading_is_away(tmp_path: Path) -> None:
    port = free_port()
    uplink = LiveMuxer(f"rtmp://127.0.0.1:{port}/live/camera", UplinkOptions(picture_timeout=3.0))
    pictures = [padded(picture, 500_000) for picture in make_pictures(60)]
    with nginx.rtmp(tmp_path, port) as server:
        uplink.push(pictures[0])
        server.send_signal(signal.SIGSTOP)
        with pytest.raises(UplinkAway, match="did not answer in time"):
            push_all(uplink, pictures[1:])


@pytest.mark.parametrize("scheme", ["rtsps", "rtmps"])
def test_a_certificate_that_is_not_trusted_is_refused(tmp_path: Path, scheme: str) -> None:
    certify(tmp_path, "server", "subjectAltName=DNS:localhost")
    certify(tmp_path, "stranger", "subjectAltName=DNS:localhost")
    port = free_port()
    files = ["-cert", str(tmp_path / "server.pem"), "-key", str(tmp_path / "server.key")]
    # It ends with its input.
    with running([need("openssl"), "s_server", "-accept", f"127.0.0.1:{port}", *files], port=port, stdin=PIPE):
        for ca_file in (tmp_path / "stranger-ca.pem", None):
            options = UplinkOptions(ca_file=ca_file)
            with pytest.raises(UplinkRefused, match="certificate is not trusted"):
                push(f"{scheme}://localhost:{port}/live/x", make_pictures(1), options)
        trusting = replace(IMPATIENT, ca_file=tmp_path / "server-ca.pem")
        # It speaks TLS only: what follows the handshake has no answer.
        with pytest.raises(UplinkAway):
            push(f"{scheme}://localhost:{port}/live/x", make_pictures(1), trusting)


def test_no_secret_reaches_a_log_an_error_or_a_process_title(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    port = free_port()
    for url in (
        f"rtsp://camera:{SECRET}@127.0.0.1:{free_port()}/x?key={SECRET}",
        f"rtmp://camera:{SECRET}@127.0.0.1:{free_port()}/live/{SECRET}",
    ):
        with pytest.raises(UplinkAway) as caught:
            push(url, make_pictures(1), IMPATIENT)
        assert SECRET not in str(caught.value)
    uplink = LiveMuxer(f"rtmp://127.0.0.1:{port}/live/{SECRET}")
    with nginx.rtmp(tmp_path, port):
        uplink.push(make_pictures(1)[0])
        shown = seen_by_others(os.getpid())
        assert "live_muxer" in shown
        assert SECRET not in shown
        assert SECRET not in f"{uplink!r} {vars(uplink)['_address']!r}"
        uplink.close()
    assert SECRET not in caplog.text + "".join(capfd.readouterr())
