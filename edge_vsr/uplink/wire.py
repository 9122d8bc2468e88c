"""Messages between the live uplink and its muxer process, over a socket pair."""

import json
import socket
import struct
from dataclasses import dataclass, field
from typing import Any

_SIZES = struct.Struct("!II")


@dataclass(frozen=True, slots=True)
class Connection:
    """The first message: what the muxer must know before the first picture."""

    url: str = field(repr=False)
    """With its secrets: it travels here, and never as an argument that any user of the machine can list."""
    host: str
    tls_port: int | None
    """None without TLS."""
    format: str
    """FFmpeg's name of the container."""
    options: dict[str, str]
    """For FFmpeg."""
    codec: str
    width: int
    height: int
    rate: str
    time_base: str
    connect_timeout: float
    """Seconds for connecting and sending the first picture."""
    picture_timeout: float
    """Seconds for every other picture, and for the end."""
    sound: dict[str, Any] | None = None
    """The keys of SoundStream, where there is sound."""


def send(peer: socket.socket, head: dict[str, Any], data: bytes = b"") -> None:
    """Send one message. Raises OSError, TimeoutError among them."""
    text = json.dumps(head).encode()
    peer.sendall(_SIZES.pack(len(text), len(data)) + text + data)


def receive(peer: socket.socket) -> tuple[dict[str, Any], bytes]:
    """Wait for one message. Raises EOFError where the other side is gone, or OSError."""
    head, data = _SIZES.unpack(_exactly(peer, _SIZES.size))
    found: dict[str, Any] = json.loads(_exactly(peer, head))
    return found, _exactly(peer, data)


def _exactly(peer: socket.socket, size: int) -> bytes:
    blocks = bytearray()
    while len(blocks) < size:
        block = peer.recv(size - len(blocks))
        if not block:
            raise EOFError
        blocks += block
    return bytes(blocks)
