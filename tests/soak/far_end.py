"""A far end that takes PUT over a link that fails: what it has in the end is what arrived."""

import hashlib
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from edge_vsr.uplink.playlist import PLAYLIST_NAME, Playlist
from tests.soak.weather import Fault


class FarEnd:
    """Digests of the segments that it has, and what its playlist told."""

    def __init__(self) -> None:
        self.segments: dict[str, str] = {}
        self.sizes: dict[str, int] = {}
        self.listed: list[str] = []
        """Names, in the order in which they were first listed, gaps left out."""
        self.gaps: set[str] = set()
        self._guard = threading.Lock()

    def take(self, name: str, data: bytes) -> None:
        with self._guard:
            self.sizes[name] = len(data)
            if name != PLAYLIST_NAME:
                self.segments[name] = hashlib.sha256(data).hexdigest()
                return
            known = set(self.listed)
            for entry in Playlist.parse(data.decode()).entries:
                if entry.gap:
                    self.gaps.add(entry.name)
                elif entry.name not in known:
                    self.listed.append(entry.name)


@contextmanager
def serving(far_end: FarEnd, is_on: Callable[[Fault], bool]) -> Iterator[int]:
    """The port on which it is reached."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 30.0

        def do_PUT(self) -> None:
            size = int(self.headers["Content-Length"])
            if is_on(Fault.LINK_DOWN):
                self.close_connection = True
                return
            if is_on(Fault.LINK_CUTS) and size > 1:
                self.rfile.read(size // 2)
                self.close_connection = True
                return
            data = self.rfile.read(size)
            if is_on(Fault.FAR_END_BUSY):
                self._answer(503)
                return
            if len(data) == size:
                far_end.take(self.path.strip("/"), data)
                self._answer(201)

        def do_HEAD(self) -> None:
            if is_on(Fault.LINK_DOWN):
                self.close_connection = True
                return
            size = far_end.sizes.get(self.path.strip("/"))
            self._answer(404 if size is None else 200, size or 0)

        def _answer(self, status: int, size: int = 0) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(size))
            self.end_headers()

        def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002  its name in the base class
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        server.block_on_close = False
        # Who is killed leaves connections that break.
        server.handle_error = lambda *_: None  # type: ignore[method-assign]
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()
