"""The service manager's side is a real datagram socket."""

import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from edge_vsr.notify import NoNotifier, SystemdNotifier, notifier_of


@pytest.fixture(params=["path", "abstract"])
def manager(request: pytest.FixtureRequest, quick_path: Path) -> Iterator[tuple[str, socket.socket]]:
    """Its address as NOTIFY_SOCKET has it, and its socket."""
    address = str(quick_path / "notify")
    with closing(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)) as listening:
        listening.settimeout(10.0)
        listening.bind("\0" + address if request.param == "abstract" else address)
        yield "@" + address if request.param == "abstract" else address, listening


def test_the_manager_is_told(manager: tuple[str, socket.socket]) -> None:
    address, listening = manager
    notifier = notifier_of({"NOTIFY_SOCKET": address})
    notifier.send("READY=1", "STATUS=it goes well")
    notifier.send("WATCHDOG=1")
    assert [listening.recv(1000), listening.recv(1000)] == [b"READY=1\nSTATUS=it goes well", b"WATCHDOG=1"]


def test_a_status_cannot_smuggle_in_another_line(manager: tuple[str, socket.socket]) -> None:
    address, listening = manager
    notifier_of({"NOTIFY_SOCKET": address}).send("STATUS=one\nMAINPID=1\ntwo")
    assert listening.recv(1000) == b"STATUS=one MAINPID=1 two"


def test_a_manager_that_is_gone_or_busy_does_not_matter(manager: tuple[str, socket.socket], tmp_path: Path) -> None:
    address, _ = manager
    busy = notifier_of({"NOTIFY_SOCKET": address})
    for _ in range(5000):
        busy.send("WATCHDOG=1")
    notifier_of({"NOTIFY_SOCKET": str(tmp_path / "none")}).send("READY=1")


@pytest.mark.parametrize(
    "environment", [{}, {"NOTIFY_SOCKET": ""}, {"NOTIFY_SOCKET": "@"}, {"NOTIFY_SOCKET": "vsock:1"}]
)
def test_where_no_manager_listens_nobody_is_told(environment: dict[str, str]) -> None:
    assert isinstance(notifier_of(environment), NoNotifier)
    notifier_of(environment).send("READY=1")


def test_an_address_is_one_of_a_manager() -> None:
    assert isinstance(notifier_of({"NOTIFY_SOCKET": "/run/systemd/notify"}), SystemdNotifier)
