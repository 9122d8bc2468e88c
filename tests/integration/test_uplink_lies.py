"""Far ends that lie, and a planted secret that must not come out anywhere."""

import signal
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.request import urlopen

import pytest

from edge_vsr.backoff import Backoff
from edge_vsr.clock import SystemClock
from edge_vsr.errors import ObjectRefused, UplinkAway
from edge_vsr.telemetry.state import read_states
from edge_vsr.uplink.http import HttpUplink
from edge_vsr.uplink.options import UplinkOptions
from edge_vsr.uplink.playlist import PLAYLIST_NAME, Playlist
from edge_vsr.uplink.sender import SegmentSender
from edge_vsr.uplink.spool import Spool
from tests.integration import nginx
from tests.integration.command import LIGHT, edge_vsr, seen_by_others, started
from tests.integration.servers import free_port
from tests.unit.uplink.segments import info, segment

SECRET = "S3CR3T-w0rd"
QUICK = Backoff(first=0.05, most=0.1, floor=0.02)
IMPATIENT = UplinkOptions(connect_timeout=1.0, answer_timeout=1.0)


class Store(BaseHTTPRequestHandler):
    """Keeps what it is sent. A subclass may do so badly."""

    protocol_version = "HTTP/1.1"
    objects: dict[str, bytes]
    tries: dict[str, int]

    def do_PUT(self) -> None:
        name = self.path.rpartition("/")[2].partition("?")[0]
        data = self.rfile.read(int(self.headers["Content-Length"]))
        self.tries[name] = self.tries.get(name, 0) + 1
        kept = self.kept(name, data)
        if kept is not None:
            self.objects[name] = kept
        self.answer(201)

    def do_HEAD(self) -> None:
        data = self.objects.get(self.path.rpartition("/")[2].partition("?")[0])
        self.answer(200 if data is not None else 404, len(data or b""))

    def kept(self, name: str, data: bytes) -> bytes | None:
        return data

    def answer(self, status: int, length: int = 0, *headers: tuple[str, str]) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(length))
        for key, value in headers:
            self.send_header(key, value)
        self.end_headers()

    def log_message(self, *args: object) -> None:
        pass


class Halver(Store):
    """Says 201 and keeps half, the first two times."""

    def kept(self, name: str, data: bytes) -> bytes | None:
        return data[: len(data) // 2] if self.tries[name] < 3 and not name.endswith(".m3u8") else data


class Forgetter(Store):
    """Says 201 and keeps nothing, the first time."""

    def kept(self, name: str, data: bytes) -> bytes | None:
        return data if self.tries[name] > 1 or name.endswith(".m3u8") else None


class WriteOnly(Store):
    """Says nothing of what it keeps."""

    def do_HEAD(self) -> None:
        self.answer(403)


class Picky(Store):
    """Does not take the second segment, and never reads it."""

    def do_PUT(self) -> None:
        if self.path.endswith(info(1).name):
            self.answer(413)
            self.close_connection = True
        else:
            super().do_PUT()


class Redirector(Store):
    """Sends everyone elsewhere, with the secret that it was given."""

    def do_PUT(self) -> None:
        self.answer(307, 0, ("Location", f"http://u:{SECRET}@elsewhere.invalid/?k={SECRET}"))
        self.close_connection = True


class Tongue(Store):
    """Says no, and repeats what it was told."""

    def do_PUT(self) -> None:
        self.answer(403, 0, ("X-You", self.headers["Authorization"]), ("X-Path", self.path))
        self.close_connection = True


@contextmanager
def serving(kind: type[Store]) -> Iterator[tuple[str, type[Store]]]:
    """A far end of that kind, its address without scheme, and its objects."""
    handler = type(kind.__name__, (kind,), {"objects": {}, "tries": {}})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"127.0.0.1:{server.server_address[1]}", handler
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.parametrize("kind", [Store, Halver, Forgetter, WriteOnly])
def test_nothing_leaves_the_spool_before_the_far_end_keeps_it_whole(tmp_path: Path, kind: type[Store]) -> None:
    with serving(kind) as (place, far), Spool(tmp_path) as spool:
        lanes = [HttpUplink(f"http://{place}/cam", IMPATIENT) for _ in range(3)]
        sender = SegmentSender(spool, *lanes, clock=SystemClock(), stop=threading.Event(), backoff=QUICK)
        for sequence in range(6):
            spool.put(segment(sequence, 5000))
        assert sender.drain(30.0) == 0
        for lane in lanes:
            lane.close()
    listed = Playlist.parse(far.objects[PLAYLIST_NAME].decode()).entries
    assert [(entry.name, entry.gap) for entry in listed] == [(info(sequence).name, False) for sequence in range(6)]
    for sequence in range(6):
        assert far.objects[info(sequence).name] == segment(sequence, 5000).data


@pytest.mark.parametrize(
    ("kind", "says"), [(Halver, "took 5000 bytes of .* and kept 2500"), (Forgetter, "does not have")]
)
def test_a_lie_is_told(kind: type[Store], says: str) -> None:
    with (
        serving(kind) as (place, _),
        closing(HttpUplink(f"http://{place}/")) as uplink,
        pytest.raises(UplinkAway, match=says),
    ):
        uplink.put("a.ts", bytes(5000))


def test_one_segment_that_is_refused_does_not_hold_up_the_others(tmp_path: Path) -> None:
    with (
        serving(Picky) as (place, far),
        Spool(tmp_path) as spool,
        closing(HttpUplink(f"http://{place}")) as uplink,
    ):
        with pytest.raises(ObjectRefused, match="413"):
            uplink.put(info(1).name, b"x")
        sender = SegmentSender(spool, uplink, clock=SystemClock(), stop=threading.Event(), backoff=QUICK)
        for sequence in range(4):
            spool.put(segment(sequence))
        assert sender.drain(60.0) == 1
    entries = Playlist.parse(far.objects[PLAYLIST_NAME].decode()).entries
    assert [entry.gap for entry in entries] == [False, True, False, False]


# A secret


def everything_in(folder: Path) -> str:
    return " ".join(str(path) + path.read_bytes().decode("latin-1") for path in folder.rglob("*") if path.is_file())


def told_by_metrics(folder: Path) -> str:
    """What Prometheus is told by the one run whose RUNTIME_DIRECTORY is below `folder`."""
    (state,) = (state for _, state in read_states(folder / "edge-vsr"))
    with urlopen(f"http://{state.metrics}/metrics", timeout=30) as answer:
        text: str = answer.read().decode()
    return text


@pytest.mark.parametrize(
    ("kind", "way", "sign"),
    [
        (Store, "environment", "INFO rung "),
        (Store, "command line", "INFO rung "),
        (Redirector, "environment", "uplink refused"),
        (Tongue, "command line", "uplink refused"),
    ],
)
def test_a_planted_secret_comes_out_nowhere(tmp_path: Path, kind: type[Store], way: str, sign: str) -> None:
    with serving(kind) as (place, _):
        address = f"http://camera:{SECRET}@{place}/dav?signature={SECRET}"
        variables = {"EDGE_VSR_UPLINK": address} if way == "environment" else {}
        flags = [] if way == "environment" else ["--uplink", address]
        state = tmp_path / "state"
        command = ["run", "--camera", "demo", *LIGHT, *flags]
        runtime = tmp_path / "edge-vsr" / "front"
        with started(*command, state=state, cwd=tmp_path, RUNTIME_DIRECTORY=str(runtime), **variables) as run:
            run.until(lambda: "INFO demo" in run.output, "the start")
            run.until_said(sign)
            run.until(lambda: any(read_states(runtime.parent)), "a state")
            shown = seen_by_others(run.process.pid) + everything_in(runtime) + told_by_metrics(tmp_path)
            run.process.send_signal(signal.SIGTERM)
            output = run.ended().output
            assert "frames captured" in output
    assert "edge-vsr" in shown
    assert "edge_vsr_segments_total" in shown
    for word in (SECRET, "camera:", "signature"):
        assert word not in shown + output + everything_in(state)


def test_a_token_comes_out_nowhere_and_is_taken(tmp_path: Path) -> None:
    port = free_port()
    guard = f'if ($http_authorization != "Bearer {SECRET}") {{ return 401; }}'
    state = tmp_path / "state"
    with nginx.webdav(tmp_path, port, server=guard):
        command = ["run", "--camera", "demo", *LIGHT, "--seconds", 3, "--order", "newest-first", "--parallel", 4]
        address = f"http://127.0.0.1:{port}/"
        outcome = edge_vsr(*command, state=state, EDGE_VSR_UPLINK=address, EDGE_VSR_UPLINK_TOKEN=SECRET)
    assert (outcome.code, outcome.waiting, outcome.delivered) == (0, 0, outcome.segments), outcome.output
    assert SECRET not in outcome.output + everything_in(state)
