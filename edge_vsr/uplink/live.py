"""Live push over RTSP or RTMP: quick, best effort, never re-encoded."""

import contextlib
import signal
import socket
import ssl
import subprocess
import sys
from dataclasses import asdict
from typing import Any

from edge_vsr.coded import TIME_BASE, CodedPicture, CodedStream
from edge_vsr.errors import UplinkAway
from edge_vsr.heard import SoundPacket, SoundStream
from edge_vsr.uplink.address import Address
from edge_vsr.uplink.options import UplinkOptions
from edge_vsr.uplink.session import Session, SessionUplink
from edge_vsr.uplink.wire import Connection, receive, send

_FORMATS = {"rtsp": "rtsp", "rtsps": "rtsp", "rtmp": "flv", "rtmps": "flv"}
_TLS_PORTS = {"rtsps": 322, "rtmps": 443}
_SLACK = 5.0
"""Seconds that the muxer process may need beside its own time-outs: to start on a slow card, or to be scheduled."""
_SOUND_BESIDE = {"max_interleave_delta": "200000"}
"""Microseconds that pictures wait for the sound that belongs beside them."""


class LiveMuxer(SessionUplink):
    """One session at a time, in a process of its own; `live_muxer` says why. A `SoundUplink`."""

    def __init__(self, url: str, options: UplinkOptions | None = None, sound: SoundStream | None = None) -> None:
        """Nothing is sent yet; `sound` is what `hear` will get. Raises UsageError for a URL that cannot be used."""
        super().__init__()
        self._sound = sound
        self._address = Address.parse(url)
        self._options = options or UplinkOptions()

    @property
    def name(self) -> str:
        return self._address.shown

    def hear(self, packet: SoundPacket) -> None:
        if isinstance(self._session, _Session) and (trouble := self._session.hear(packet)):
            self._give_up(trouble)

    def _open(self, first: CodedPicture) -> Session:
        try:
            return _Session(first.stream, self._connection(first.stream), first.pts)
        except OSError as error:
            raise UplinkAway(f"{self.name} is away: cannot start its muxer process: {error.strerror}") from None

    def _connection(self, stream: CodedStream) -> Connection:
        kind = _FORMATS[self._address.scheme]
        default = _TLS_PORTS.get(self._address.scheme)
        return Connection(
            url=self._address.url,
            host=self._address.host,
            tls_port=None if default is None else self._address.port or default,
            format=kind,
            options={
                **({"rtsp_transport": "tcp"} if kind == "rtsp" else {}),
                **(_SOUND_BESIDE if self._sound else {}),
                **self._trust(),
            },
            codec=stream.codec,
            width=stream.size.width,
            height=stream.size.height,
            rate=str(stream.rate),
            time_base=str(TIME_BASE),
            connect_timeout=self._options.connect_timeout,
            picture_timeout=self._options.picture_timeout,
            sound=asdict(self._sound) if self._sound else None,
        )

    def _trust(self) -> dict[str, str]:
        """FFmpeg checks no certificate unless told to, and knows no system store."""
        if self._address.scheme not in _TLS_PORTS:
            return {}
        given = {
            "ca_file": self._options.ca_file or ssl.get_default_verify_paths().cafile,
            "cert_file": self._options.client_certificate,
            "key_file": self._options.client_key,
        }
        return {"tls_verify": "1", **{key: str(file) for key, file in given.items() if file is not None}}


class _Session:
    """The muxer process, from the first picture to the end."""

    def __init__(self, stream: CodedStream, connection: Connection, first_pts: int) -> None:
        self.stream = stream
        self._first_pts = first_pts
        self._limit = connection.connect_timeout
        self._picture_timeout = connection.picture_timeout
        self._peer, theirs = socket.socketpair()
        with theirs:
            command = [sys.executable, "-m", "edge_vsr.uplink.live_muxer", str(theirs.fileno())]
            try:
                self._process = subprocess.Popen(  # noqa: S603 - a fixed command
                    command,
                    pass_fds=[theirs.fileno()],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    # FFmpeg's own lines would carry the address, secrets and all.
                    stderr=subprocess.DEVNULL,
                )
            except OSError:
                self._peer.close()
                raise
        with contextlib.suppress(OSError):
            send(self._peer, asdict(connection))

    def push(self, picture: CodedPicture) -> dict[str, str]:
        """Send one picture and wait until it is on its way; {}, or what went wrong."""
        return self._handed({"pts": picture.pts - self._first_pts, "keyframe": picture.keyframe}, picture.data)

    def hear(self, packet: SoundPacket) -> dict[str, str]:
        """As `push`."""
        since = packet.pts - self._first_pts
        return self._handed({"pts": since, "sound": True}, packet.data) if since >= 0 else {}

    def _handed(self, head: dict[str, Any], data: bytes) -> dict[str, str]:
        try:
            self._peer.settimeout(self._limit + _SLACK)
            send(self._peer, head, data)
            trouble: dict[str, str] = receive(self._peer)[0]
        except TimeoutError:
            return {"error": "away", "message": "it did not answer in time"}
        except (OSError, EOFError):
            return {"error": "away", "message": self._obituary()}
        self._limit = self._picture_timeout
        return trouble

    def close(self) -> None:
        """Tell the far end that this is the end, and see to it that the process ends too."""
        with contextlib.suppress(OSError), self._peer:
            send(self._peer, {})
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(self._picture_timeout + _SLACK)
        self.kill()

    def kill(self) -> None:
        self._peer.close()
        self._process.kill()
        self._process.wait()

    def _obituary(self) -> str:
        try:
            code = self._process.wait(_SLACK)
        except subprocess.TimeoutExpired:
            return "its muxer process hangs"
        if code == -signal.SIGALRM:
            return "it did not answer in time"
        return f"its muxer process ended with {code}"
