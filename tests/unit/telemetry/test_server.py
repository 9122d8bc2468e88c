"""The listener, over real sockets."""

import socket
import threading
import time
from contextlib import suppress
from http.client import HTTPConnection, HTTPResponse

import pytest

from edge_vsr.errors import UsageError
from edge_vsr.telemetry import server as server_module
from edge_vsr.telemetry.server import Listen, MetricsServer

TOKEN = "S3CR3T"


def get(server: MetricsServer, path: str = "/metrics", **headers: str) -> HTTPResponse:
    host, _, port = server.address.rpartition(":")
    connection = HTTPConnection(host.strip("[]"), int(port), timeout=30)
    connection.request("GET", path, headers=headers)
    return connection.getresponse()


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_it_serves_what_is_rendered(host: str) -> None:
    with MetricsServer(Listen(host, 0), lambda: "a 1\n") as server:
        answer = get(server)
        assert (answer.status, answer.read()) == (200, b"a 1\n")
        assert get(server, "/").status == 404


def test_it_serves_on_after_a_client_that_says_nothing() -> None:
    with MetricsServer(Listen("127.0.0.1", 0), lambda: "a 1\n") as server:
        host, _, port = server.address.rpartition(":")
        with socket.create_connection((host, int(port))):
            assert get(server).status == 200


def test_a_client_that_goes_on_and_on_neither_keeps_others_out_nor_holds_up_the_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(server_module, "PATIENCE", 1.0)
    done = threading.Event()

    def drip(client: socket.socket) -> None:
        with suppress(OSError):
            while not done.wait(0.05):
                client.sendall(b"X")

    with socket.socket() as client:
        with MetricsServer(Listen("127.0.0.1", 0), lambda: "a 1\n") as server:
            host, _, port = server.address.rpartition(":")
            client.connect((host, int(port)))
            client.sendall(b"GET /metrics HTTP/1.1\r\nX: ")
            threading.Thread(target=drip, args=(client,), daemon=True).start()
            assert get(server).status == 200
            began = time.monotonic()
        assert time.monotonic() - began < 10.0
        done.set()


@pytest.mark.parametrize(
    ("header", "status"), [({}, 401), ({"Authorization": "Bearer x"}, 401), ({"Authorization": f"Bearer {TOKEN}"}, 200)]
)
def test_a_token_is_needed_where_there_is_one(header: dict[str, str], status: int) -> None:
    with MetricsServer(Listen("127.0.0.1", 0, TOKEN), lambda: "a 1\n") as server:
        answer = get(server, **header)
        assert answer.status == status
        assert (b"a 1" in answer.read()) == (status == 200)


@pytest.mark.parametrize("text", ["127.0.0.1:9273", "localhost:80", "[::1]:9273", "127.9.9.9:1"])
def test_loopback_needs_no_token(text: str) -> None:
    assert Listen.parse(text) is not None


def test_it_can_be_off() -> None:
    assert Listen.parse("off") is None
    assert Listen.parse("auto") == Listen("127.0.0.1", 9273, tries=10)


@pytest.mark.parametrize("text", ["0.0.0.0:9273", "[::]:9273", "192.168.0.9:1", "box.example.org:9273"])
def test_the_network_needs_one(text: str) -> None:
    with pytest.raises(UsageError, match="--metrics-token-file"):
        Listen.parse(text)
    listen = Listen.parse(text, TOKEN)
    assert listen is not None
    assert TOKEN not in repr(listen)


@pytest.mark.parametrize("text", ["", "9273", "127.0.0.1", "127.0.0.1:70000", "::1:9273", "on", "127.0.0.1:-1"])
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="is not HOST:PORT"):
        Listen.parse(text)


def test_a_second_run_takes_the_next_port_and_one_that_was_named_is_kept() -> None:
    with MetricsServer(Listen("127.0.0.1", 0), lambda: "a 1\n") as first:
        port = int(first.address.rpartition(":")[2])
        with MetricsServer(Listen("127.0.0.1", port, tries=50), lambda: "b 1\n") as second:
            assert port < int(second.address.rpartition(":")[2]) < port + 50
            assert get(second).read() == b"b 1\n"
        with pytest.raises(OSError, match="in use"):
            MetricsServer(Listen("127.0.0.1", port), lambda: "")
