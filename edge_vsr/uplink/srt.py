"""Live push over SRT, by the ffmpeg program: quick, best effort, never re-encoded.

We make the MPEG-TS, and the program carries it: it is given bytes and does not look into them.
"""

import contextlib
import os
import re
import select
import subprocess
import threading
import time
from collections import deque
from collections.abc import Iterable, Sequence
from typing import IO
from urllib.parse import unquote

from edge_vsr.coded import TIME_BASE, CodedPicture, CodedStream
from edge_vsr.errors import UplinkAway, UsageError
from edge_vsr.redact import redact
from edge_vsr.uplink.address import Address
from edge_vsr.uplink.ffmpeg_program import preset, program_with
from edge_vsr.uplink.mux import PictureMuxer
from edge_vsr.uplink.options import UplinkOptions
from edge_vsr.uplink.session import Session, SessionUplink

MESSAGE = 7 * 188
"""Bytes of one SRT message: whole packets of MPEG-TS, as receivers expect."""
LINGER = 2
"""Seconds that what is on its way may take at the end."""
_USUAL_LATENCY = 120_000
"""Microseconds, where none is asked for; SRT's own."""
_SECRET = ("passphrase", "streamid")
_ALLOWED = (*_SECRET, "pbkeylen", "latency")
_TABLES = {"pat_period": "0.6", "sdt_period": "60", "flush_packets": "1"}
"""As in the segments: before keyframes only, where more would cost a thin link."""
_LINES = 50
_REASON = re.compile(r"REJECT reported from HS processing: (.+?)(?: - .*)?$|\[srt[^]]*\] (?:Connection to \S+ )?(.+)$")


class SrtUplink(SessionUplink):
    """One session at a time, by a program of its own each. We call; the far end listens."""

    def __init__(self, url: str, options: UplinkOptions | None = None) -> None:
        """Nothing is sent yet. Raises UsageError for a URL that cannot be used, MissingDependency without ffmpeg."""
        super().__init__()
        self._address = Address.parse(url)
        self._options = options or UplinkOptions()
        self._wishes = _wishes(self._address)
        self._secrets = {key: self._wishes[key] for key in _SECRET if key in self._wishes}
        self._program = program_with("srt", unseen=bool(self._secrets))

    @property
    def name(self) -> str:
        return self._address.shown

    def _open(self, first: CodedPicture) -> Session:
        try:
            return _Session(self._program, self._to(), self._secrets, self._held, first, self._options)
        except OSError as error:
            raise UplinkAway(f"{self.name} is away: cannot start {self._program}: {error.strerror}") from None

    @property
    def _held(self) -> float:
        """Seconds that the far end holds pictures back before it shows them, twice over: it may want more than we."""
        return min(2e-6 * float(self._wishes.get("latency", _USUAL_LATENCY)), LINGER)

    def _to(self) -> list[str]:
        """Where to, in ffmpeg's words and without secrets."""
        shown = {key: value for key, value in self._wishes.items() if key not in _SECRET}
        options = {**shown, "connect_timeout": str(round(self._options.connect_timeout * 1000)), "linger": str(LINGER)}
        return [*(word for key, value in options.items() for word in (f"-{key}", value)), "-f", "data", self.name]


def _wishes(address: Address) -> dict[str, str]:
    """What the query asks for, checked. Raises UsageError, without repeating a secret."""
    example = "srt://host:port?streamid=...&passphrase=...&latency=microseconds"
    if address.port is None:
        raise UsageError(f"the srt:// address names no port; write {example}")
    if address.user is not None or address.path not in ("", "/"):
        raise UsageError(f"an srt:// address has no user and no path; write {example}")
    if "#" in address.url:
        raise UsageError("write # in an srt:// address as %23")
    pairs = [pair.partition("=") for pair in address.query.split("&") if pair]
    found = {unquote(key): unquote(value) for key, _, value in pairs}
    if found.pop("mode", "caller") != "caller":
        raise UsageError("over srt:// we call and the far end listens; leave out mode")
    if found.keys() - set(_ALLOWED):
        raise UsageError(f"an srt:// address may ask for {', '.join(_ALLOWED)}, and for nothing else")
    if any(not value.isprintable() for value in found.values()):
        raise UsageError("the srt:// address has a character in its query that cannot be sent")
    if not 10 <= len(found.get("passphrase", "x" * 10).encode()) <= 64:
        raise UsageError("the passphrase of an srt:// address has 10 to 64 bytes")
    if not 1 <= len(found.get("streamid", "x").encode()) <= 512:
        raise UsageError("the streamid of an srt:// address has 1 to 512 bytes")
    if found.get("pbkeylen", "16") not in ("16", "24", "32"):
        raise UsageError("the pbkeylen of an srt:// address is 16, 24 or 32")
    if not re.fullmatch(r"\d{1,9}", found.get("latency", "0")):
        raise UsageError("the latency of an srt:// address is a number of microseconds, as FFmpeg has it")
    return found


class _Session:
    """The program, from the first picture to the end. A thread reads what it says, so that it never waits for us."""

    def __init__(
        self,
        program: str,
        to: Sequence[str],
        secrets: dict[str, str],
        held: float,
        first: CodedPicture,
        options: UplinkOptions,
    ) -> None:
        self.stream: CodedStream = first.stream
        self._first_pts = first.pts
        self._limit = options.connect_timeout
        self._picture_timeout = options.picture_timeout
        self._secrets = secrets
        self._held = held
        self._sink = _Sink()
        size, rate = first.stream.size, first.stream.rate
        self._muxer = PictureMuxer(
            self._sink,
            "mpegts",
            _TABLES,
            codec=first.stream.codec,
            width=size.width,
            height=size.height,
            rate=rate,
            time_base=TIME_BASE,
        )
        self._said: deque[str] = deque(maxlen=_LINES)
        self._connected = False
        self._known = threading.Event()
        reader = preset(secrets)
        try:
            self._process = subprocess.Popen(  # noqa: S603 - a fixed command
                [
                    *(program, "-hide_banner", "-nostats", "-loglevel", "warning", "-progress", "pipe:2"),
                    *("-f", "data", "-raw_packet_size", str(MESSAGE), "-blocksize", str(MESSAGE), "-i", "pipe:0"),
                    *("-map", "0", "-c", "copy", "-flush_packets", "1"),
                    *(("-fpre", f"/dev/fd/{reader}") if secrets else ()),
                    *to,
                ],
                pass_fds=[reader],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                # Ctrl-C goes to the whole process group; we decide about the end.
                start_new_session=True,
            )
        finally:
            os.close(reader)
        assert self._process.stdin  # noqa: S101  for mypy
        assert self._process.stderr  # noqa: S101
        self._stdin = self._process.stdin
        os.set_blocking(self._stdin.fileno(), False)
        self._listener = threading.Thread(target=self._listen, args=(self._process.stderr,), daemon=True)
        self._listener.start()

    def push(self, picture: CodedPicture) -> dict[str, str]:
        end = time.monotonic() + self._limit
        self._muxer.mux(picture.data, picture.pts - self._first_pts, keyframe=picture.keyframe)
        try:
            self._write(self._sink.take(), end)
        except TimeoutError:
            return {"error": "away", "message": "it did not take a picture in time"}
        except OSError:
            return self._obituary()
        if not self._connected:
            # It tells of its progress only once it is connected.
            if not self._known.wait(max(0.0, end - time.monotonic())):
                return {"error": "away", "message": "it did not answer in time"}
            if not self._connected:
                return self._obituary()
        self._limit = self._picture_timeout
        return {}

    def close(self) -> None:
        # At the end of a connection the far end drops what it has but does not show yet.
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(self._held)
        with contextlib.suppress(OSError):
            self._stdin.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(self._picture_timeout + LINGER)
        self.kill()

    def kill(self) -> None:
        with contextlib.suppress(OSError):
            self._stdin.close()
        self._process.kill()
        self._process.wait()
        self._listener.join()

    def _write(self, data: bytes, end: float) -> None:
        """Raises TimeoutError after `end`, BrokenPipeError where the program has ended."""
        descriptor = self._stdin.fileno()
        ready = select.poll()
        ready.register(descriptor, select.POLLOUT)
        # A pipe takes so few bytes whole or not at all: the program never reads a part of a packet.
        for start in range(0, len(data), MESSAGE):
            while True:
                try:
                    os.write(descriptor, data[start : start + MESSAGE])
                except BlockingIOError:
                    left = end - time.monotonic()
                    if left <= 0:
                        raise TimeoutError from None
                    ready.poll(left * 1000)
                else:
                    break

    def _listen(self, stderr: IO[bytes]) -> None:
        with stderr:
            while line := stderr.readline(4096):
                text = line.decode(errors="replace").strip()
                if text.startswith("progress="):
                    self._connected = True
                    self._known.set()
                elif text and not re.fullmatch(r"\w+= *\S*", text):
                    self._said.append(text)
        self._known.set()

    def _obituary(self) -> dict[str, str]:
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(self._picture_timeout)
        self._listener.join(self._picture_timeout)
        return last_words(list(self._said), self._secrets.values())


def last_words(said: Sequence[str], secrets: Iterable[str] = ()) -> dict[str, str]:
    """What went wrong, by the lines that the program wrote, oldest first."""
    reasons = [match for line in said if (match := _REASON.search(line))]
    message = next((match[1] for match in reasons if match[1]), None) or (
        reasons[-1][2] if reasons else said[-1] if said else "ffmpeg ended without a word"
    )
    for secret in secrets:
        message = message.replace(secret, "***")
    refused = any("reject" in line.lower() for line in said)
    return {"error": "refused" if refused else "away", "message": redact(message)}


class _Sink:
    """Where the muxer writes."""

    def __init__(self) -> None:
        self._data = bytearray()

    def write(self, data: bytes) -> int:
        self._data += data
        return len(data)

    def take(self) -> bytes:
        """What was written since the last time."""
        data = bytes(self._data)
        self._data.clear()
        return data
