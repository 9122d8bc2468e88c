"""Segment uplinks against real servers, and against some that do not behave."""

import logging
import socket
import struct
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path

import pytest

from edge_vsr.backoff import Backoff
from edge_vsr.clock import SystemClock
from edge_vsr.errors import UplinkAway, UplinkRefused
from edge_vsr.segment import Segment
from edge_vsr.uplink.folder import FolderUplink
from edge_vsr.uplink.http import HttpUplink
from edge_vsr.uplink.options import UplinkOptions
from edge_vsr.uplink.playlist import PLAYLIST_NAME, Playlist
from edge_vsr.uplink.retention import Bounds
from edge_vsr.uplink.sender import SegmentSender, UplinkState
from edge_vsr.uplink.spool import Spool
from tests.integration import nginx
from tests.integration.certificates import certify
from tests.integration.pictures import decoded_frames, make_pictures, to_mpegts
from tests.integration.rude import Behaviour, rude_server
from tests.integration.servers import free_port, need
from tests.unit.uplink.segments import info, segment

SECRET = "s3cr3t-w0rd"
QUICK = Backoff(first=0.05, most=0.1, floor=0.02)
IMPATIENT = UplinkOptions(connect_timeout=1.0, answer_timeout=1.0, slowest=1e6)


def put(url: str, options: UplinkOptions | None = None, *, data: bytes = b"x") -> None:
    """Send one object, a.ts, over an uplink for this alone."""
    with closing(HttpUplink(url, options)) as uplink:
        uplink.put("a.ts", data)


def test_webdav_takes_and_replaces_objects(tmp_path: Path) -> None:
    port = free_port()
    with nginx.webdav(tmp_path, port):
        uplink = HttpUplink(f"http://127.0.0.1:{port}/site/camera/")
        uplink.put("a.ts", b"one" * 100_000)
        uplink.put("a.ts", b"two")
        uplink.put(PLAYLIST_NAME, b"#EXTM3U")
        uplink.close()
        assert (tmp_path / "www/site/camera/a.ts").read_bytes() == b"two"
        assert (tmp_path / "www/site/camera/index.m3u8").read_bytes() == b"#EXTM3U"


def test_a_server_that_dies_and_comes_back_gets_everything_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    port = free_port()
    stop = threading.Event()
    with Spool(tmp_path / "spool") as spool, ExitStack() as cleanup:
        uplink = HttpUplink(f"http://127.0.0.1:{port}")
        sender = SegmentSender(spool, uplink, clock=SystemClock(), stop=stop, backoff=QUICK)
        thread = threading.Thread(target=sender.run)
        cleanup.callback(thread.join)
        cleanup.callback(stop.set)
        thread.start()
        with nginx.webdav(tmp_path, port) as server:
            for sequence in range(4):
                spool.put(segment(sequence, 200_000))
            until(lambda: sender.delivered.count >= 2)
            server.kill()
            server.wait()
            for sequence in range(4, 8):
                spool.put(segment(sequence, 200_000))
            until(lambda: sender.state is UplinkState.AWAY)
        with nginx.webdav(tmp_path, port):
            until(lambda: spool.count == 0)
            assert sender.state is UplinkState.UP
        uplink.close()
    www = tmp_path / "www"
    for sequence in range(8):
        assert (www / info(sequence).name).read_bytes() == segment(sequence, 200_000).data
    listed = [entry.name for entry in Playlist.parse((www / PLAYLIST_NAME).read_text()).entries]
    assert listed == [info(sequence).name for sequence in range(8)]
    assert [" ".join(message.split()[:2]) for message in caplog.messages] == [
        "uplink away:",
        f"uplink http://127.0.0.1:{port}",
    ]


def test_a_player_shows_what_was_sent(tmp_path: Path) -> None:
    need("ffprobe")
    pictures = make_pictures(100, gop=25)
    with Spool(tmp_path / "spool") as spool:
        for sequence in range(4):
            data = to_mpegts(pictures[25 * sequence : 25 * sequence + 25])
            spool.put(Segment(replace(info(sequence, duration=1.0), frames=25), data))
        sender = SegmentSender(
            spool, FolderUplink(tmp_path / "far"), clock=SystemClock(), stop=threading.Event(), window=None
        )
        assert sender.drain(60.0) == 0
        assert sender.finish()
    assert decoded_frames(str(tmp_path / "far" / PLAYLIST_NAME)) == 100


def test_a_player_passes_over_what_was_given_up(tmp_path: Path) -> None:
    pictures = make_pictures(75, gop=25)
    pieces = [to_mpegts(pictures[25 * sequence : 25 * sequence + 25]) for sequence in range(3)]
    with Spool(tmp_path / "spool", Bounds(len(pieces[1]) + len(pieces[2]) - 1)) as spool:
        sender = SegmentSender(
            spool, FolderUplink(tmp_path / "far"), clock=SystemClock(), stop=threading.Event(), window=None
        )
        for sequence, piece in enumerate(pieces):
            spool.put(Segment(replace(info(sequence, duration=1.0), frames=25), piece))
            if sequence == 0:
                assert sender.step()
        assert spool.evicted == 1
        assert sender.drain(60.0) == 0
        assert sender.finish()
    assert "#EXT-X-GAP" in (tmp_path / "far" / PLAYLIST_NAME).read_text()
    assert decoded_frames(str(tmp_path / "far" / PLAYLIST_NAME)) == 50


def test_a_password_is_needed_and_taken(tmp_path: Path) -> None:
    port = free_port()
    (tmp_path / "users").write_text(f"camera:{{PLAIN}}{SECRET}\n")
    with nginx.webdav(tmp_path, port, server=f"auth_basic x; auth_basic_user_file {tmp_path}/users;"):
        with pytest.raises(UplinkRefused, match="answered 401 Unauthorized; check the user name and password"):
            put(f"http://127.0.0.1:{port}/")
        with pytest.raises(UplinkRefused, match="401") as caught:
            put(f"http://camera:{SECRET}x@127.0.0.1:{port}/")
        assert SECRET not in str(caught.value)
        put(f"http://camera:{SECRET}@127.0.0.1:{port}/")
    assert (tmp_path / "www/a.ts").read_bytes() == b"x"


def test_an_object_that_is_too_large_is_refused_with_advice(tmp_path: Path) -> None:
    port = free_port()
    with nginx.webdav(tmp_path, port), pytest.raises(UplinkRefused, match=r"413 .*client_max_body_size"):
        put(f"http://127.0.0.1:{port}/", data=b"x" * 20_000_000)


def test_a_signed_query_and_a_token_go_with_every_object(tmp_path: Path) -> None:
    port = free_port()
    server = (
        f'if ($arg_signature != "{SECRET}") {{ return 403; }}if ($http_authorization != "Bearer tok") {{ return 401; }}'
    )
    with nginx.webdav(tmp_path, port, server=server):
        options = UplinkOptions(bearer_token="tok")
        put(f"http://127.0.0.1:{port}/b?signature={SECRET}", options)
        with pytest.raises(UplinkRefused, match="403"):
            put(f"http://127.0.0.1:{port}/b?signature=no", options)
        with pytest.raises(UplinkRefused, match="401"):
            put(f"http://127.0.0.1:{port}/b?signature={SECRET}")
    assert (tmp_path / "www/b/a.ts").read_bytes() == b"x"


def test_tls_is_verified(tmp_path: Path) -> None:
    certify(tmp_path, "server", "subjectAltName=DNS:localhost")
    certify(tmp_path, "client", "subjectAltName=DNS:camera")
    certify(tmp_path, "stranger", "subjectAltName=DNS:localhost")
    port = free_port()
    with nginx.webdav(
        tmp_path,
        port,
        listen=" ssl",
        server=f"ssl_certificate {tmp_path}/server.pem; ssl_certificate_key {tmp_path}/server.key;"
        f"ssl_client_certificate {tmp_path}/client-ca.pem; ssl_verify_client optional;"
        "if ($ssl_client_verify != SUCCESS) { return 403; }",
    ):
        trusting = UplinkOptions(ca_file=tmp_path / "server-ca.pem")
        known = replace(trusting, client_certificate=tmp_path / "client.pem", client_key=tmp_path / "client.key")
        uplink = HttpUplink(f"https://localhost:{port}/", known)
        uplink.put("a.ts", b"x" * 300_000)
        uplink.put("b.ts", b"x")
        uplink.close()
        with pytest.raises(UplinkRefused, match="403"):
            put(f"https://localhost:{port}/", trusting)
        for host, options in (
            ("localhost", UplinkOptions()),
            ("localhost", UplinkOptions(ca_file=tmp_path / "stranger-ca.pem")),
            ("127.0.0.1", trusting),
        ):
            with pytest.raises(UplinkRefused, match=r"not trusted .*; check the host name and the CA file"):
                put(f"https://{host}:{port}/", options)
    assert (tmp_path / "www/a.ts").stat().st_size == 300_000


def never_reads(_: socket.socket) -> None:
    time.sleep(60.0)


def never_answers(peer: socket.socket) -> None:
    while peer.recv(65_536):
        pass


def endless_headers(peer: socket.socket) -> None:
    peer.sendall(b"HTTP/1.1 200 OK\r\n")
    while True:
        peer.sendall(b"X: y\r\n")
        time.sleep(0.02)


def endless_header_byte_by_byte(peer: socket.socket) -> None:
    peer.sendall(b"HTTP/1.1 200 OK\r\nX: ")
    while True:
        peer.sendall(b"y")
        time.sleep(0.05)


def endless_continue(peer: socket.socket) -> None:
    while True:
        peer.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        time.sleep(0.01)


def resets_within_the_answer(peer: socket.socket) -> None:
    peer.recv(65_536)
    peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
    time.sleep(0.1)
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def says_hello(peer: socket.socket) -> None:
    peer.recv(65_536)
    peer.sendall(b"220 mail.example ESMTP\r\n" * 3)


def is_overloaded(peer: socket.socket) -> None:
    peer.recv(65_536)
    peer.sendall(b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n")


@pytest.mark.parametrize(
    "behave",
    [
        never_reads,
        never_answers,
        endless_headers,
        endless_header_byte_by_byte,
        endless_continue,
        resets_within_the_answer,
        says_hello,
        is_overloaded,
    ],
)
def test_a_rude_server_is_away_and_cannot_hang_the_uplink(behave: Behaviour) -> None:
    with rude_server(behave) as port, pytest.raises(UplinkAway):
        put(f"http://127.0.0.1:{port}/", IMPATIENT, data=b"x" * 20_000_000)


def test_a_slow_server_is_not_away() -> None:
    def reads_slowly(peer: socket.socket) -> None:
        left = 10_000_000
        while left > 0:
            left -= len(peer.recv(65_536))
            time.sleep(0.005)
        peer.sendall(b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n")

    # Longer on the way than any one time-out; the deadline grows with the object.
    options = UplinkOptions(connect_timeout=0.2, answer_timeout=0.2, slowest=10_000.0, verify=False)
    with rude_server(reads_slowly) as port:
        began = time.monotonic()
        put(f"http://127.0.0.1:{port}/", options, data=b"x" * 10_000_000)
        assert time.monotonic() - began > 0.5


def test_a_redirect_is_refused_and_not_followed() -> None:
    def redirects(peer: socket.socket) -> None:
        peer.recv(65_536)
        peer.sendall(
            b"HTTP/1.1 307 Moved\r\nLocation: https://u:%b@elsewhere.example/x?k=%b\r\nContent-Length: 0\r\n\r\n"
            % (SECRET.encode(), SECRET.encode())
        )

    with (
        rude_server(redirects) as port,
        pytest.raises(UplinkRefused, match=r"redirect to 'elsewhere.example'") as caught,
    ):
        put(f"http://127.0.0.1:{port}/")
    assert SECRET not in str(caught.value)


def test_an_idle_connection_that_was_closed_is_opened_again() -> None:
    def answers_and_resets(peer: socket.socket) -> None:
        peer.recv(65_536)
        peer.sendall(b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n")
        # The second request finds the connection alive and loses it.
        peer.recv(1)
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    with rude_server(answers_and_resets) as port:
        uplink = HttpUplink(f"http://127.0.0.1:{port}/")
        for _ in range(3):
            uplink.put("a.ts", b"x")
        uplink.close()


def test_no_server_and_no_name_are_away() -> None:
    with pytest.raises(UplinkAway, match="Connection refused"):
        put(f"http://127.0.0.1:{free_port()}/", IMPATIENT)
    with pytest.raises(UplinkAway, match="DNS"):
        put("http://nowhere.invalid/", IMPATIENT)


def test_no_secret_reaches_a_log_an_error_or_a_repr(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)

    def bad_header(peer: socket.socket) -> None:
        peer.recv(65_536)
        peer.sendall(b"HTTP/1.1 403 No\r\nnot a header\r\n\r\n")

    for behave in (bad_header, says_hello, is_overloaded):
        with rude_server(behave) as port, Spool(tmp_path / "spool") as spool:
            uplink = HttpUplink(f"http://camera:{SECRET}@127.0.0.1:{port}/p?signature={SECRET}", IMPATIENT)
            spool.put(segment(0))
            sender = SegmentSender(spool, uplink, clock=SystemClock(), stop=threading.Event(), backoff=QUICK)
            assert not sender.step()
            uplink.close()
            assert SECRET not in f"{sender.status.error} {uplink.name} {uplink!r} {vars(uplink)['_address']!r}"
    assert "uplink" in caplog.text
    assert SECRET not in caplog.text


def until(true: Callable[[], bool], timeout: float = 60.0) -> None:
    end = time.monotonic() + timeout
    while not true():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.01)
