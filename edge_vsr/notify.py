"""Telling the service manager how we are. Source: sd_notify(3), whose protocol is documented and stable."""

import logging
import os
import socket
from collections.abc import Mapping
from typing import Protocol

log = logging.getLogger(__name__)


class Notifier(Protocol):
    """Whoever wants to know that the service is ready, alive, or in what state."""

    def send(self, *assignments: str) -> None:
        """Tell, such as "READY=1" or "STATUS=in one line"; several at once are one message. Never fails or waits."""


class SystemdNotifier:
    """One datagram a message. One that is lost is not missed: the next comes soon."""

    def __init__(self, address: str) -> None:
        """`address` is that of a socket in the file system, or, with a leading "@", in the abstract name space."""
        self._address = "\0" + address[1:] if address.startswith("@") else address

    def send(self, *assignments: str) -> None:
        message = "\n".join(" ".join(one.split()) for one in assignments)
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as manager:
                # One that is busy must not make the service wait.
                manager.setblocking(False)
                manager.sendto(message.encode(), self._address)
        except OSError as error:
            log.debug("the service manager was not told: %s", error.strerror)


class NoNotifier:
    """Nobody wants to know."""

    def send(self, *assignments: str) -> None:
        pass


class FakeNotifier:
    """Keeps what it was told, for tests."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def send(self, *assignments: str) -> None:
        self.told += assignments


def notifier_of(environment: Mapping[str, str] = os.environ) -> Notifier:
    """The service manager that started us, if there is one and it wants to know."""
    address = environment.get("NOTIFY_SOCKET", "")
    return SystemdNotifier(address) if address[:1] in ("/", "@") and address[1:] else NoNotifier()
