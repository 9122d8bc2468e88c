"""Gets what a playlist lists, from a disk or over HTTP, into files: never more than a bound, and never for ever.

The standard library's client, as in `uplink.http`: it logs no address, and leaves the deadline the socket.
"""

import contextlib
import http.client
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Protocol
from urllib.parse import unquote, urljoin, urlsplit

from edge_vsr.errors import InputError, UsageError
from edge_vsr.redact import redact
from edge_vsr.restoring.hls.playlist import Part
from edge_vsr.restoring.plan import scheme_of
from edge_vsr.uplink.address import Address
from edge_vsr.uplink.credentials import authorization, trust
from edge_vsr.uplink.deadline import BROKEN, cut_after
from edge_vsr.uplink.options import UplinkOptions

PLAYLIST_BYTES = 4 << 20
PIECE_BYTES = 512 << 20
"""A segment is a few MB; what is larger is not read further."""
BLOCK = 1 << 16
REDIRECTS = 5
LATER = frozenset({408, 425, 429})
ADVICE = {401: "check the user name and password", 403: "check who may read there, and whether the address has expired"}


class Take(Protocol):
    """What is given the bytes as they come."""

    def __call__(self, data: bytes, /) -> object: ...


class Gone(InputError):
    """It is not there, and asking again will not help."""


class Away(InputError):
    """It did not come, or not whole; asking again may help."""


class Line:
    """What is read over a network right now, by one thread; any other may cut it, and so may a signal handler."""

    def __init__(self) -> None:
        self._cut = False
        self._connected: socket.socket | None = None

    def cut(self) -> None:
        """End it, and what is asked for later: Away is raised there."""
        self._cut = True
        if (connected := self._connected) is not None:
            with contextlib.suppress(OSError):
                # Not SSLSocket.shutdown, which takes the TLS state from under the thread that reads.
                socket.socket.shutdown(connected, socket.SHUT_RDWR)

    @contextlib.contextmanager
    def over(self, connected: socket.socket) -> Iterator[None]:
        """Around what goes over `connected`."""
        self._connected = connected
        try:
            if self._cut:
                raise ConnectionAbortedError
            yield
        finally:
            self._connected = None


class Fetcher:
    """Reads resources relative to one playlist. Used by one thread."""

    def __init__(
        self,
        playlist: str,
        *,
        root: str | None = None,
        line: Line | None = None,
        answer_timeout: float = 10.0,
        slowest: float = 16.0,
    ) -> None:
        """`root` is the playlist that led to this one, if another did. `answer_timeout` in seconds is for an answer to
        begin; `slowest` in kbit/s still counts as a link, so that a large segment may take days: `line` can be cut."""
        self._playlist = playlist
        self._root = root or playlist
        self._line = line or Line()
        self._answer_timeout = answer_timeout
        self._slowest = slowest

    def resolved(self, uri: str, base: str | None = None) -> str:
        """Where `uri` of the playlist (or of `base`) is: an address or a path. Raises InputError.

        A playlist that was read from a disk lists what is in its folder: who may write there may not look elsewhere.
        """
        base = self._playlist if base is None else base
        remote = scheme_of(base)
        try:
            scheme = scheme_of(urljoin(base, uri) if remote else uri)
        except ValueError:
            scheme = "no"
        if remote and scheme in ("http", "https"):
            # A blank is none in an address, and yet servers write some.
            return urljoin(base, uri.replace(" ", "%20"))
        if scheme or remote:
            raise InputError(f"it lists a resource over {redact(scheme)}://, which is not read")
        place = Path(base).parent / unquote(uri)
        if not _is_below(place, Path(self._root).parent):
            raise InputError(f"it lists {_shown(uri)}, which is outside its folder and is not read")
        return str(place)

    def text(self, place: str) -> str:
        """A playlist; what is asked for later is relative to where it was found (RFC 3986, 5.1.3). Raises Gone, Away
        or InputError."""
        found = bytearray()
        self._playlist = self._read(place, None, found.extend, PLAYLIST_BYTES)
        return found.decode("utf-8", "replace")

    def part(self, part: Part, into: IO[bytes]) -> None:
        """Write a resource behind what is in `into`; what came before it broke off stays. Raises as `text` does."""
        self._read(self.resolved(part.uri), part, into.write, PIECE_BYTES)

    def local(self, part: Part) -> Path | None:
        """The file that a part is, whole; None where it must be fetched. Raises Gone, InputError."""
        place = self.resolved(part.uri)
        return None if scheme_of(place) or part.span else _file(place)

    def _read(self, place: str, part: Part | None, take: Take, most: int) -> str:
        """Returns where it was found: behind all redirects."""
        span = part.span if part else None
        if span and span.length > most:
            raise InputError(f"{_shown(place)} is larger than {most >> 20} MiB")
        if not scheme_of(place):
            _copy(_file(place), span.start if span else 0, span.length if span else most, take, whole=span is None)
            return place
        headers = {"Range": f"bytes={span.start}-{span.start + span.length - 1}"} if span else {}
        try:
            return self._get(place, headers, take, span.length if span else most, ranged=span is not None)
        except UsageError as error:
            raise InputError(str(error)) from None
        except ssl.SSLCertVerificationError as error:
            raise InputError(f"{_shown(place)}: its certificate is not trusted ({error.verify_message})") from None
        except socket.gaierror:
            raise Away(f"{_shown(place)}: its name has no address (DNS)") from None
        except TimeoutError:
            raise Away(f"{_shown(place)} did not answer in time") from None
        except BROKEN as error:
            raise Away(f"{_shown(place)}: {getattr(error, 'strerror', None) or 'the connection broke'}") from None

    def _get(self, place: str, headers: dict[str, str], take: Take, most: int, *, ranged: bool) -> str:
        root = Address.parse(self._root)
        options = UplinkOptions()
        for _ in range(REDIRECTS):
            address = Address.parse(place)
            known = address if address.user is not None else root if _same_server(address, root) else None
            who = authorization(known, options) if known else {}
            connection = _connection(address, options, self._answer_timeout)
            try:
                connection.connect()
                connected = connection.sock  # which the connection forgets where the answer is the last one
                path = (address.path or "/") + (f"?{address.query}" if address.query else "")
                with self._line.over(connected), cut_after(self._answer_timeout, connected):
                    connection.request("GET", path, headers={"User-Agent": "edge-vsr", **who, **headers})
                    answer = connection.getresponse()
                if answer.status in (301, 302, 303, 307, 308):
                    place = self.resolved(answer.headers.get("Location", ""), place)
                    continue
                _judge(answer.status, place, ranged=ranged)
                size = min(most, answer.length or most)
                seconds = self._answer_timeout + (size * 8 / 1000 / self._slowest if answer.length else 120.0)
                with self._line.over(connected), cut_after(seconds, connected):
                    _take_body(answer, take, most, place)
                return place
            finally:
                connection.close()
        raise InputError(f"{_shown(place)} redirects too often")


def _is_below(place: Path, folder: Path) -> bool:
    """Whether a name leads into a folder; that a file there is a link is its owner's wish."""
    try:
        return place.parent.resolve().is_relative_to(folder.resolve())
    except (OSError, ValueError, RuntimeError):  # a name that is too long, or links in a circle
        return False


def _same_server(one: Address, other: Address) -> bool:
    """Whether what opens one may be told to the other."""
    return (one.scheme, one.host, one.port) == (other.scheme, other.host, other.port)


def _connection(address: Address, options: UplinkOptions, seconds: float) -> http.client.HTTPConnection:
    if address.scheme == "https":
        return http.client.HTTPSConnection(address.host, address.port, timeout=seconds, context=trust(options))
    return http.client.HTTPConnection(address.host, address.port, timeout=seconds)


def _judge(status: int, place: str, *, ranged: bool) -> None:
    if status == (206 if ranged else 200):
        return
    if status in (404, 410):
        raise Gone(f"{_shown(place)} is not there ({status})")
    if status in LATER or status >= 500:
        raise Away(f"{_shown(place)} answered {status}")
    meaning = http.client.responses.get(status, "")
    raise InputError(f"{_shown(place)} answered {status} {meaning}; {ADVICE.get(status, 'check the address')}")


def _take_body(answer: http.client.HTTPResponse, take: Take, most: int, place: str) -> None:
    said, came = answer.length, 0
    while block := answer.read(BLOCK):
        came += len(block)
        if came > most:
            raise InputError(f"{_shown(place)} is larger than {most >> 20} MiB")
        take(block)
    if said is not None and came < said:
        raise Away(f"{_shown(place)} broke off after {came} of {said} bytes")


def _file(place: str) -> Path:
    path = Path(place)
    try:
        # A pipe or a device would be waited for, or never end.
        if path.is_file():
            return path
    except (OSError, ValueError):
        pass
    raise Gone(f"{place[:200]} is not there")


def _copy(path: Path, start: int, length: int, take: Take, *, whole: bool) -> None:
    try:
        size = path.stat().st_size
        if whole and size > length:
            raise InputError(f"{path} is larger than {length >> 20} MiB")
        if start > size:  # by more than can be asked for, perhaps
            raise InputError(f"{path} has no byte {start}")
        with path.open("rb") as file:
            file.seek(start)
            while length > 0 and (block := file.read(min(BLOCK, length))):
                take(block)
                length -= len(block)
    except OSError as error:
        raise Away(f"{path} cannot be read: {error.strerror}") from error


def _shown(place: str) -> str:
    """For people: without what may be a secret, and not longer than a line."""
    return redact(urlsplit(place)._replace(query="").geturl() if scheme_of(place) else place)[:200]
