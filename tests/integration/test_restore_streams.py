"""`edge-vsr restore` of and to playlists and live streams, with real servers."""

import shutil
import signal
import socket
import time
from itertools import pairwise
from pathlib import Path

import av
import pytest

from edge_vsr.errors import InputError, UplinkError
from edge_vsr.frame import Size
from edge_vsr.uplink.playlist import PLAYLIST_NAME
from tests.integration import gst_servers, nginx
from tests.integration.command import edge_vsr, pictures_of, sizes_in, started
from tests.integration.rude import rude_server
from tests.integration.servers import free_port, need, running
from tests.integration.test_live_uplinks import ffmpeg_listens
from tests.unit.restoring.videos import write_video

BICUBIC = ("--model", "bicubic")
SECRET = "s3cr3t-w0rd"


def playlist(folder: Path, count: int, *, end: str = "#EXT-X-ENDLIST\n", gap: int = -1) -> Path:
    """Segments of half a second, five frames each."""
    folder.mkdir(parents=True, exist_ok=True)
    text = "#EXTM3U\n#EXT-X-TARGETDURATION:1\n"
    for number in range(count):
        if not (folder / f"{number}.ts").exists():
            write_video(folder / f"{number}.ts", 5, times=[number / 2 + n / 10 for n in range(5)])
        text += ("#EXT-X-GAP\n" if number == gap else "") + f"#EXTINF:0.5,\n{number}.ts\n"
    (folder / PLAYLIST_NAME).write_text(text + end)
    return folder / PLAYLIST_NAME


def times(path: Path) -> list[float]:
    return [float(picture.time or 0.0) for picture in pictures_of(path)]


def test_a_playlist_behind_a_password_becomes_a_file_and_a_folder(tmp_path: Path) -> None:
    playlist(tmp_path / "www", 4, gap=2)
    (tmp_path / "users").write_text(f"mast:{{PLAIN}}{SECRET}\n")
    port = free_port()
    with nginx.webdav(tmp_path, port, server=f"auth_basic x; auth_basic_user_file {tmp_path}/users;"):
        address = f"http://mast:{SECRET}@127.0.0.1:{port}/{PLAYLIST_NAME}"
        for target in ("out.mp4", "out"):
            done = edge_vsr("restore", address, tmp_path / target, *BICUBIC, state=tmp_path)
            assert done.code == 0, done.output
            assert "0.5 s are missing, and are a freeze" in done.output
            assert SECRET not in done.output
    expected = [n / 10 for n in range(20)]
    assert times(tmp_path / "out.mp4") == pytest.approx(expected, abs=0.002)
    shown = times(tmp_path / "out" / PLAYLIST_NAME)
    assert [time - shown[0] for time in shown] == pytest.approx(expected, abs=0.002)
    assert sizes_in(tmp_path / "out" / PLAYLIST_NAME) == {Size(128, 96)}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_live_playlist_is_kept_when_it_is_stopped(tmp_path: Path, number: signal.Signals) -> None:
    source = playlist(tmp_path / "in", 5, end="")
    with started("restore", source, tmp_path / "out", *BICUBIC, state=tmp_path) as command:
        command.until(lambda: (tmp_path / "out" / PLAYLIST_NAME).exists(), "the first segment")
        command.process.send_signal(number)
        done = command.ended()
    assert done.code == 0, done.output
    assert len(pictures_of(tmp_path / "out" / PLAYLIST_NAME)) == 25


def test_a_server_with_a_new_segment_each_time_is_followed_until_it_is_stopped(tmp_path: Path) -> None:
    playlist(tmp_path, 1)
    segment, asked = (tmp_path / "0.ts").read_bytes(), []

    def always_new(peer: socket.socket) -> None:
        name = peer.recv(65_536).split()[1].decode()
        asked.append(name)
        at = len(asked)
        entries = "".join(f"#EXT-X-DISCONTINUITY\n#EXTINF:0.5,\n{n}.ts\n" for n in (at, at + 1))
        listed = f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXT-X-MEDIA-SEQUENCE:{at}\n{entries}".encode()
        body = segment if name.endswith(".ts") else listed
        peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)

    with rude_server(always_new) as port:
        address = f"http://127.0.0.1:{port}/live.m3u8"
        with started("restore", address, tmp_path / "a.mp4", *BICUBIC, state=tmp_path) as command:
            command.until(lambda: len(asked) > 12, "a dozen segments")
            command.process.send_signal(signal.SIGINT)
            done = command.ended()
    assert done.code == 0, done.output
    shown = times(tmp_path / "a.mp4")
    assert len(shown) >= 20
    assert max(later - earlier for earlier, later in pairwise(shown)) < 0.2


@pytest.mark.parametrize("drips", [".ts", ".m3u8"])
def test_a_server_that_sends_for_days_does_not_keep_a_stop_waiting(tmp_path: Path, drips: str) -> None:
    playlist(tmp_path, 1)
    segment, asked = (tmp_path / "0.ts").read_bytes(), []
    listed = b"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:0.5,\n0.ts\n"
    more = b"" if drips == ".m3u8" else b"#EXTINF:0.5,\n1.ts\n"

    def slow(peer: socket.socket) -> None:
        name = peer.recv(65_536).split()[1].decode()
        asked.append(name)
        body = segment if name.endswith(".ts") else listed + more
        if name == "/0.ts" or (name == "/live.m3u8" and asked.count(name) <= 2):
            peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
            return
        peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 4000000\r\n\r\n")
        while True:
            peer.sendall(b"#")
            time.sleep(0.2)

    with rude_server(slow) as port:
        address = f"http://127.0.0.1:{port}/live.m3u8"
        with started("restore", address, tmp_path / "a.mp4", *BICUBIC, state=tmp_path) as command:
            command.until(lambda: len(asked) == 4, "what takes days")
            command.process.send_signal(signal.SIGINT)
            done = command.ended()
    assert done.code == 0, done.output
    assert "segment" not in done.output, "what was stopped is not missing"
    assert len(times(tmp_path / "a.mp4")) == 5


def test_a_live_playlist_is_followed_to_its_end(tmp_path: Path) -> None:
    source = playlist(tmp_path / "in", 5, end="")
    with started("restore", source, tmp_path / "out", *BICUBIC, state=tmp_path) as command:
        command.until(lambda: (tmp_path / "out" / PLAYLIST_NAME).exists(), "the first segment")
        playlist(tmp_path / "in", 7)
        done = command.ended()
    assert done.code == 0, done.output
    assert len(pictures_of(tmp_path / "out" / PLAYLIST_NAME)) == 35


def test_a_live_stream_without_sound_becomes_a_file_and_that_a_live_stream(tmp_path: Path) -> None:
    python = need(gst_servers.SYSTEM_PYTHON)
    camera, sink = free_port(), free_port()
    with running([python, gst_servers.__file__, str(camera), "h264", "320x240", "silent"], port=camera):
        address = f"rtsp://127.0.0.1:{camera}/cam"
        done = edge_vsr("restore", address, tmp_path / "a.mkv", *BICUBIC, "--seconds", 2, state=tmp_path)
    assert done.code == 0, done.output
    assert "pictures without sound" in done.output
    assert sizes_in(tmp_path / "a.mkv") == {Size(640, 480)}
    assert times(tmp_path / "a.mkv")[-1] < 2.0
    shutil.move(tmp_path / "a.mkv", tmp_path / "b.mkv")
    server = Path(__file__).with_name("rtsp_sink.py")
    with running([python, str(server), str(sink), str(tmp_path / "got.h264")], port=sink):
        address = f"rtsp://127.0.0.1:{sink}/cam"
        done = edge_vsr("restore", tmp_path / "b.mkv", address, *BICUBIC, "--size", "320x240", state=tmp_path)
    assert done.code == 0, done.output
    with av.open(str(tmp_path / "got.h264")) as container:
        assert {(picture.width, picture.height) for picture in container.decode(video=0)} == {(320, 240)}


def test_a_camera_with_one_session_is_kept_with_its_sound(tmp_path: Path) -> None:
    python, port = need(gst_servers.SYSTEM_PYTHON), free_port()
    with running([python, gst_servers.__file__, str(port), "h264", "320x240", "one"], port=port):
        address = f"rtsp://127.0.0.1:{port}/cam"
        done = edge_vsr("restore", address, tmp_path / "a.mkv", *BICUBIC, "--seconds", 3, state=tmp_path)
    assert done.code == 0, done.output
    with av.open(str(tmp_path / "a.mkv")) as container:
        heard = [float(one.time or 0.0) for one in container.decode(audio=0)]
    assert -0.5 < heard[0] < 1.5, "it begins soon"
    assert 1.5 < heard[-1] < 3.0, "and ends with the pictures"


@pytest.mark.parametrize(
    ("source", "target", "kind", "says"),
    [
        ("in/index.m3u8", "rtsp://u:s3cr3t-w0rd@127.0.0.1:1/x", UplinkError, "rtsp://127.0.0.1:1/x is away"),
        ("http://u:s3cr3t-w0rd@127.0.0.1:1/x.m3u8", "b.mp4", InputError, "Connection refused"),
        ("in/0.m3u8", "b.mp4", InputError, "it does not start with #EXTM3U"),
    ],
)
def test_what_cannot_be_reached_or_read_is_one_line(
    tmp_path: Path, source: str, target: str, kind: type[InputError], says: str
) -> None:
    playlist(tmp_path / "in", 1)
    shutil.copy(tmp_path / "in/0.ts", tmp_path / "in/0.m3u8")
    done = edge_vsr("restore", source, target, *BICUBIC, state=tmp_path, cwd=tmp_path)
    assert done.code == kind.exit_code, done.output
    assert says in done.output.splitlines()[-1]
    assert "Traceback" not in done.output
    assert SECRET not in done.output
    assert not (tmp_path / "b.mp4").exists()


@pytest.mark.parametrize(
    ("scheme", "codec", "heard"),
    [("rtsp", "aac", "aac"), ("rtsp", "pcm_alaw", "pcm_alaw"), ("rtmp", "aac", "aac"), ("rtmp", "pcm_alaw", "aac")],
)
def test_a_live_far_end_hears_the_sound(tmp_path: Path, scheme: str, codec: str, heard: str) -> None:
    source = write_video(tmp_path / "a.mov", 25, sound=codec)
    port = free_port()
    url = f"{scheme}://127.0.0.1:{port}/live/camera"
    with ffmpeg_listens(url, port, tmp_path / "got.mkv") as far:
        done = edge_vsr("restore", source, url, *BICUBIC, state=tmp_path)
        far.wait(60.0)
    assert done.code == 0, done.output
    with av.open(str(tmp_path / "got.mkv")) as container:
        (stream,) = container.streams.audio
        assert stream.codec_context.name == heard
        seconds = sum(one.samples / one.sample_rate for one in container.decode(stream))
    assert seconds == pytest.approx(2.5, abs=0.3)
    assert len(pictures_of(tmp_path / "got.mkv")) == 25


def test_a_playlist_with_sound_becomes_a_playlist_with_sound(tmp_path: Path) -> None:
    write_video(tmp_path / "a.ts", 25, sound="aac")
    (tmp_path / "a.m3u8").write_text("#EXTM3U\n#EXT-X-TARGETDURATION:3\n#EXTINF:2.5,\na.ts\n#EXT-X-ENDLIST\n")
    done = edge_vsr("restore", tmp_path / "a.m3u8", tmp_path / "out", *BICUBIC, state=tmp_path)
    assert done.code == 0, done.output
    with av.open(str(tmp_path / "out" / PLAYLIST_NAME)) as container:
        samples = sum(one.samples for one in container.decode(audio=0))
    assert samples / 48_000 == pytest.approx(2.5, abs=0.1)


def test_of_a_part_of_a_video_there_is_that_part_of_the_sound(tmp_path: Path) -> None:
    source = write_video(tmp_path / "a.mkv", 40, sound="aac")
    done = edge_vsr("restore", source, tmp_path / "b.mkv", *BICUBIC, "--seconds", 1, state=tmp_path)
    assert done.code == 0, done.output
    with av.open(str(tmp_path / "b.mkv")) as container:
        samples = sum(one.samples for one in container.decode(audio=0))
    assert samples / 48_000 == pytest.approx(1.0, abs=0.05)
