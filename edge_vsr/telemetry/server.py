"""Prometheus metrics over HTTP: on loopback, or anywhere to who has the token."""

import errno
import hmac
import ipaddress
import logging
import re
import socket
import socketserver
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Self

from edge_vsr.errors import UsageError
from edge_vsr.telemetry.metrics import CONTENT_TYPE
from edge_vsr.uplink.deadline import cut_after

log = logging.getLogger(__name__)

PATH = "/metrics"
USUAL_PORT = 9273
USUAL_TRIES = 10
"""Runs on one machine that each find a port of their own."""
PATIENCE = 2.0
"""Seconds that one request may take; there is one at a time, so that nobody can pile them up."""
_ADDRESS = re.compile(r"(?P<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+):(?P<port>\d{1,5})")


@dataclass(frozen=True, slots=True)
class Listen:
    """Where to serve."""

    host: str
    port: int
    """0 takes a free one."""
    token: str | None = field(default=None, repr=False)
    """Bearer token that a request must carry."""
    tries: int = 1
    """Ports from that one on, of which the first that is free is taken."""

    def __post_init__(self) -> None:
        if self.token is None and not _is_loopback(self.host):
            raise UsageError(
                f"--metrics {self.host} is open to the network; give a token by --metrics-token-file, or listen on "
                "127.0.0.1"
            )

    @classmethod
    def parse(cls, text: str, token: str | None = None) -> Self | None:
        """Read "127.0.0.1:9273" or "[::1]:9273"; None for "off"; "auto" is a port on loopback that no other run has.

        Raises UsageError, also off loopback without token.
        """
        if text == "off":
            return None
        if text == "auto":
            return cls("127.0.0.1", USUAL_PORT, token, USUAL_TRIES)
        found = _ADDRESS.fullmatch(text)
        if not found or int(found["port"]) > 65_535:
            raise UsageError(f"--metrics {text!r} is not HOST:PORT, such as 127.0.0.1:9273, nor auto, nor off")
        host = found["host"].strip("[]")
        return cls(host, int(found["port"]), token)


class MetricsServer:
    """Serves from a thread of its own, from the start of the block to its end."""

    def __init__(self, listen: Listen, render: Callable[[], str]) -> None:
        """Raises OSError where nothing can listen there."""
        self._token = listen.token
        self._server = _listening(listen, _handler(lambda: self._token, render))
        self._thread = threading.Thread(target=self._server.serve_forever, name="metrics", daemon=True)

    @property
    def address(self) -> str:
        """HOST:PORT."""
        host, port = self._server.server_address[:2]
        return f"[{host!s}]:{port}" if ":" in str(host) else f"{host!s}:{port}"

    def renew(self, token: str | None) -> None:
        """Ask for `token` from the next request on."""
        self._token = token

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Server(socketserver.TCPServer):
    """Not http.server's own, which asks the DNS for this machine's name."""

    allow_reuse_address = True

    def __init__(self, family: int, address: tuple[str, int], handler: type[BaseHTTPRequestHandler]) -> None:
        self.address_family = family
        super().__init__(address, handler)

    def handle_error(self, _request: object, _client: object) -> None:
        log.debug("a request for metrics failed", exc_info=True)


def _listening(listen: Listen, handler: type[BaseHTTPRequestHandler]) -> _Server:
    family = socket.AF_INET6 if ":" in listen.host else socket.AF_INET
    last = listen.port + listen.tries - 1
    for port in range(listen.port, last):
        try:
            return _Server(family, (listen.host, port), handler)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
    return _Server(family, (listen.host, last), handler)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _handler(wanted: Callable[[], str | None], render: Callable[[], str]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = PATIENCE
        server_version = "edge-vsr"
        sys_version = ""

        def handle(self) -> None:
            # A time-out of the socket begins anew with every byte.
            with cut_after(PATIENCE, self.connection):
                super().handle()

        def do_GET(self) -> None:
            token = wanted()
            given = self.headers.get("Authorization", "").encode("latin-1", "replace")
            if token is not None and not hmac.compare_digest(given, f"Bearer {token}".encode()):
                self.send_response(401)
                self.send_header("WWW-Authenticate", "Bearer")
                self._end("a bearer token is needed\n")
            elif self.path.partition("?")[0] != PATH:
                self.send_response(404)
                self._end(f"there is only {PATH}\n")
            else:
                self.send_response(200)
                self._end(render())

        def _end(self, text: str) -> None:
            body = text.encode()
            self.send_header("Content-Type", CONTENT_TYPE)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002  the library's name
            log.debug(format, *arguments)

    return Handler
