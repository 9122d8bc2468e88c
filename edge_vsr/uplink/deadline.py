"""One deadline for a whole exchange over a socket."""

import contextlib
import http.client
import select
import socket
import threading
from collections.abc import Iterator

BROKEN = (OSError, http.client.HTTPException)
"""What an exchange raises when it fails."""


@contextlib.contextmanager
def cut_after(seconds: float, connected: socket.socket) -> Iterator[None]:
    """End `connected` after `seconds`, whatever it does: a far end that sends a byte now and then never runs into a
    time-out of the socket. Raises TimeoutError then."""
    late = threading.Event()

    def cut() -> None:
        late.set()
        with contextlib.suppress(OSError):
            # Not SSLSocket.shutdown, which takes the TLS state from under the thread that reads.
            socket.socket.shutdown(connected, socket.SHUT_RDWR)

    connected.settimeout(seconds)
    # Bytes that the kernel took do not arrive on a dead link; a slow link acknowledges some all the time.
    connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, 30_000)
    timer = threading.Timer(seconds, cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    except BROKEN:
        if not late.is_set():
            raise
    finally:
        timer.cancel()
    # An answer that was cut within its headers looks like a whole one.
    if late.is_set():
        raise TimeoutError


def alive(connected: socket.socket | None) -> bool:
    """Whether a connection is open and silent; a far end that has closed it made it readable."""
    return connected is not None and not select.select([connected], [], [], 0.0)[0]
