"""What a playlist lists, from real servers and from some that do not behave."""

import io
import socket
import time
from pathlib import Path

import pytest

from edge_vsr.errors import InputError
from edge_vsr.restoring.hls.fetch import PLAYLIST_BYTES, REDIRECTS, Away, Fetcher, Gone
from edge_vsr.restoring.hls.playlist import Part, Span
from tests.integration import nginx
from tests.integration.rude import Behaviour, rude_server
from tests.integration.servers import free_port

SECRET = "s3cr3t-w0rd"
IMPATIENCE = 0.4
HEAD = b"HTTP/1.1 200 OK\r\n"


def fetched(place: str, part: Part, patience: float = 60.0) -> bytes:
    """The part, relative to `place`."""
    into = io.BytesIO()
    Fetcher(place, answer_timeout=patience).part(part, into)
    return into.getvalue()


def test_a_real_server_gives_files_and_ranges_of_them_and_wants_its_password(tmp_path: Path) -> None:
    port = free_port()
    (tmp_path / "users").write_text(f"mast:{{PLAIN}}{SECRET}\n")
    (tmp_path / "www").mkdir()
    (tmp_path / "www/a.ts").write_bytes(bytes(range(100)))
    rules = (
        f"auth_basic x; auth_basic_user_file {tmp_path}/users;"
        "location = /moved.ts { return 302 /a.ts; } location = /round.ts { return 301 /round.ts; }"
        "location = /away.ts { return 302 http://other.invalid/a.ts; }"
    )
    with nginx.webdav(tmp_path, port, server=rules):
        place = f"http://mast:{SECRET}@127.0.0.1:{port}/index.m3u8?key={SECRET}"
        assert fetched(place, Part("a.ts")) == bytes(range(100))
        assert fetched(place, Part("a.ts", Span(10, 5))) == bytes(range(10, 15))
        assert fetched(place, Part("/moved.ts")) == bytes(range(100))
        for part, kind, says in (
            (Part("gone.ts"), Gone, "is not there"),
            (Part("round.ts"), InputError, "redirects too often"),
            (Part("away.ts"), Away, "its name has no address"),
        ):
            with pytest.raises(kind, match=says) as caught:
                fetched(place, part)
            assert SECRET not in str(caught.value)
        with pytest.raises(InputError, match=r"401 Unauthorized; check the user name and password"):
            fetched(f"http://127.0.0.1:{port}/index.m3u8", Part("a.ts"))


def test_a_server_that_wants_a_password_gets_it_whoever_lists_its_files_and_no_other_does(tmp_path: Path) -> None:
    port, other = free_port(), free_port()
    (tmp_path / "users").write_text(f"mast:{{PLAIN}}{SECRET}\n")
    for folder in ("one", "two"):
        (tmp_path / folder / "www").mkdir(parents=True)
        (tmp_path / folder / "www/a.ts").write_bytes(b"a")
    rules = f"auth_basic x; auth_basic_user_file {tmp_path}/users;"
    with nginx.webdav(tmp_path / "one", port, server=rules), nginx.webdav(tmp_path / "two", other, server=rules):
        place = f"http://mast:{SECRET}@127.0.0.1:{port}/index.m3u8"
        assert fetched(place, Part(f"http://127.0.0.1:{port}/a.ts")) == b"a"
        with pytest.raises(InputError, match="401"):
            fetched(place, Part(f"http://127.0.0.1:{other}/a.ts"))


@pytest.mark.parametrize("uri", ["../a.ts", "sub/../../a.ts", "%2e%2e/a.ts", "/etc/passwd", "http://127.0.0.1/a.ts"])
def test_a_playlist_on_a_disk_cannot_point_out_of_its_folder(tmp_path: Path, uri: str) -> None:
    (tmp_path / "in" / "sub").mkdir(parents=True)
    for name in ("a.ts", "in/a.ts", "in/sub/a.ts"):
        (tmp_path / name).write_bytes(name.encode())
    place = str(tmp_path / "in" / "index.m3u8")
    with pytest.raises(InputError, match=r"outside its folder|http://, which is not read"):
        fetched(place, Part(uri))
    assert fetched(place, Part("sub/../a.ts")) == b"in/a.ts"


def test_a_variant_may_list_what_is_beside_it_below_its_master(tmp_path: Path) -> None:
    (tmp_path / "low").mkdir()
    (tmp_path / "a.ts").write_bytes(b"a")
    into = io.BytesIO()
    Fetcher(str(tmp_path / "low/index.m3u8"), root=str(tmp_path / "master.m3u8")).part(Part("../a.ts"), into)
    assert into.getvalue() == b"a"


def never_answers(peer: socket.socket) -> None:
    while peer.recv(65_536):
        pass


def answers_byte_by_byte(peer: socket.socket) -> None:
    peer.sendall(HEAD)
    while True:
        peer.sendall(b"X")
        time.sleep(0.05)


def says_hello(peer: socket.socket) -> None:
    peer.recv(65_536)
    peer.sendall(b"220 mail.example ESMTP\r\n" * 3)


def is_overloaded(peer: socket.socket) -> None:
    peer.recv(65_536)
    peer.sendall(b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n")


def hangs_in_the_middle(peer: socket.socket) -> None:
    peer.recv(65_536)
    peer.sendall(HEAD + b"Content-Length: 100\r\n\r\nhalf")
    while peer.recv(65_536):
        pass


def breaks_off(peer: socket.socket) -> None:
    peer.recv(65_536)
    peer.sendall(HEAD + b"Content-Length: 100\r\n\r\nhalf")


@pytest.mark.parametrize(
    "behave", [never_answers, answers_byte_by_byte, says_hello, is_overloaded, hangs_in_the_middle, breaks_off]
)
def test_a_rude_server_is_away_and_is_not_waited_for(behave: Behaviour) -> None:
    with rude_server(behave) as port, pytest.raises(Away):
        fetched(f"http://127.0.0.1:{port}/index.m3u8", Part("a.ts"), IMPATIENCE)


def test_what_came_before_it_broke_off_is_kept() -> None:
    into = io.BytesIO()
    with rude_server(breaks_off) as port, pytest.raises(Away, match="broke off after 4 of 100 bytes"):
        Fetcher(f"http://127.0.0.1:{port}/index.m3u8").part(Part("a.ts"), into)
    assert into.getvalue() == b"half"


def test_a_range_beyond_any_file_is_an_input_error(tmp_path: Path) -> None:
    (tmp_path / "a.ts").write_bytes(b"abc")
    with pytest.raises(InputError, match=r"a\.ts has no byte 99999999999999999999"):
        fetched(str(tmp_path / "index.m3u8"), Part("a.ts", Span(10**20 - 1, 3)))


def test_a_server_that_leads_from_one_address_to_the_next_is_left_soon() -> None:
    asked = []

    def leads_on(peer: socket.socket) -> None:
        asked.append(peer.recv(65_536).split()[1])
        peer.sendall(b"HTTP/1.1 302 Found\r\nLocation: /%d.m3u8\r\nContent-Length: 0\r\n\r\n" % len(asked))

    with rude_server(leads_on) as port:
        place = f"http://127.0.0.1:{port}/index.m3u8"
        with pytest.raises(InputError, match="redirects too often"):
            Fetcher(place).text(place)
    assert asked == [b"/index.m3u8", *(b"/%d.m3u8" % n for n in range(1, REDIRECTS))]


def test_a_playlist_without_an_end_is_not_read_for_ever() -> None:
    sent = []

    def endless(peer: socket.socket) -> None:
        peer.recv(65_536)
        peer.sendall(HEAD + b"\r\n#EXTM3U\n")
        while True:
            sent.append(peer.send(b"#EXTINF:2,\na.ts\n" * 4096))

    with rude_server(endless) as port:
        place = f"http://127.0.0.1:{port}/index.m3u8"
        with pytest.raises(InputError, match="is larger than 4 MiB"):
            Fetcher(place).text(place)
    assert sum(sent) < 4 * PLAYLIST_BYTES


@pytest.mark.parametrize("uri", ["ftp://h/a.ts", "file:///etc/passwd", "http://["])
def test_a_server_cannot_point_elsewhere_than_to_http(uri: str) -> None:
    with pytest.raises(InputError):
        fetched("http://127.0.0.1/index.m3u8", Part(uri))


def test_what_a_playlist_lists_is_where_the_playlist_was_found() -> None:
    asked = []

    def moved(peer: socket.socket) -> None:
        asked.append(peer.recv(65_536).split()[1])
        if len(asked) == 1:
            peer.sendall(b"HTTP/1.1 302 Found\r\nLocation: /new/index.m3u8\r\nContent-Length: 0\r\n\r\n")
        else:
            peer.sendall(HEAD + b"Content-Length: 2\r\n\r\nok")

    with rude_server(moved) as port:
        place = f"http://127.0.0.1:{port}/old/index.m3u8"
        fetcher = Fetcher(place)
        assert fetcher.text(place) == "ok"
        fetcher.part(Part("a.ts"), io.BytesIO())
    assert asked == [b"/old/index.m3u8", b"/new/index.m3u8", b"/new/a.ts"]


@pytest.mark.parametrize("uri", ["a b.ts", "a%20b.ts"])
def test_a_blank_in_a_name_is_asked_for_as_addresses_have_it(uri: str) -> None:
    asked = []

    def there(peer: socket.socket) -> None:
        asked.append(peer.recv(65_536).split(b"\r")[0])
        peer.sendall(HEAD + b"Content-Length: 2\r\n\r\nok")

    with rude_server(there) as port:
        Fetcher(f"http://127.0.0.1:{port}/index.m3u8").part(Part(uri), io.BytesIO())
    assert asked == [b"GET /a%20b.ts HTTP/1.1"]
