"""An uplink that PUTs every object: WebDAV, or an object store behind presigned or bearer access.

The standard library's client and no larger one: it writes no addresses to a log, and it leaves the socket within
reach, which the deadline needs.
"""

import contextlib
import http.client
import logging
import socket
import ssl
from dataclasses import dataclass
from io import BytesIO
from urllib.parse import urlsplit

from edge_vsr.errors import ObjectRefused, UplinkAway, UplinkRefused
from edge_vsr.segment import check_name
from edge_vsr.uplink.address import Address
from edge_vsr.uplink.credentials import authorization, tls_reason, trust
from edge_vsr.uplink.deadline import BROKEN, alive, cut_after
from edge_vsr.uplink.options import UplinkOptions

log = logging.getLogger(__name__)

_TYPES = {
    ".ts": "video/mp2t",
    ".mp4": "video/mp4",
    ".m3u8": "application/vnd.apple.mpegurl",
    ".json": "application/json",
    ".jpg": "image/jpeg",
}
_LATER = frozenset({408, 425, 429})
_FOR_ITSELF = frozenset({413, 415, 422})
"""Refusals of one object: too large, of a wrong kind."""
_ADVICE = {
    401: "check the user name and password, or the token",
    403: "check that this user may write there, or whether a signed address has expired",
    404: "check the path",
    405: "check that PUT is allowed there (WebDAV)",
    409: "check that the folder exists there",
    411: "it wants another way of upload",
    413: "raise its limit for the size of an object (nginx: client_max_body_size)",
}
_ANSWER_LIMIT = 65_536
_NOT_YET_VALID = 9


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    location: str | None
    """Where it redirects to."""
    length: str | None
    """Content-Length as it was said."""


class HttpUplink:
    """One kept-alive connection; an object's name is added to the path of the URL, the query stays behind it."""

    def __init__(self, url: str, options: UplinkOptions | None = None) -> None:
        """Nothing is sent yet. Raises UsageError for a URL, a certificate or a token that cannot be used."""
        self._address = address = Address.parse(url)
        self._options = options = options or UplinkOptions()
        self._headers = {"User-Agent": "edge-vsr", **authorization(address, options)}
        self._verifies = options.verify
        self._connection: http.client.HTTPConnection
        if address.scheme == "https":
            self._connection = http.client.HTTPSConnection(
                address.host, address.port, timeout=options.connect_timeout, context=trust(options)
            )
        else:
            self._connection = http.client.HTTPConnection(address.host, address.port, timeout=options.connect_timeout)

    @property
    def name(self) -> str:
        return self._address.shown

    def put(self, name: str, data: bytes) -> None:
        query = f"?{self._address.query}" if self._address.query else ""
        target = f"{self._address.path.rstrip('/')}/{check_name(name)}{query}"
        suffix = name[name.rfind(".") :]
        headers = {
            **self._headers,
            "Content-Type": _TYPES.get(suffix, "application/octet-stream"),
            "Content-Length": str(len(data)),
        }
        if suffix == ".m3u8":
            headers["Cache-Control"] = "no-cache"
        try:
            answer = self._deliver("PUT", target, headers, data)
            if not 200 <= answer.status < 300:
                self.close()
                raise self._refusal(answer)
            # A playlist is small, and the next one follows soon.
            if self._verifies and suffix != ".m3u8":
                self._verify(self._deliver("HEAD", target, self._headers), name, len(data))
        except BROKEN as error:
            self.close()
            raise self._failure(error) from None

    def close(self) -> None:
        self._connection.close()

    def _verify(self, answer: _Answer, name: str, size: int) -> None:
        """Judge by the answer to HEAD whether the far end, which said that it took `size` bytes, has them."""
        if answer.status in (404, 410):
            raise UplinkAway(f"{self.name} took {name} and does not have it")
        if answer.status in _LATER or (answer.status >= 500 and answer.status not in (501, 505)):
            raise self._refusal(answer)
        if answer.status != 200 or not (answer.length or "").isdecimal():
            # Who may only write, as with a signed address, is not told.
            self._verifies = False
            log.info("%s does not tell what it keeps (%d to HEAD); its word is taken", self.name, answer.status)
        elif int(answer.length or "") != size:
            raise UplinkAway(f"{self.name} took {size} bytes of {name} and kept {answer.length}")

    def _deliver(self, method: str, target: str, headers: dict[str, str], data: bytes | None = None) -> _Answer:
        if alive(self._connection.sock):
            # The far end may close an idle connection at the very moment it is used again.
            with contextlib.suppress(ConnectionError):
                return self._exchange(method, target, headers, data)
        self._connection.close()
        self._connection.connect()
        return self._exchange(method, target, headers, data)

    def _exchange(self, method: str, target: str, headers: dict[str, str], data: bytes | None) -> _Answer:
        """Ask once over the open connection."""
        deadline = self._options.answer_timeout + len(data or b"") * 8 / 1000 / self._options.slowest
        with cut_after(deadline, self._connection.sock):
            sent = False
            # Who refuses the first bytes closes while the rest is still on its way: read the answer all the same.
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                body = None if data is None else BytesIO(data)
                self._connection.request(method, target, body=body, headers=headers)
                sent = True
            with self._connection.getresponse() as answer:
                said = answer.read(_ANSWER_LIMIT)
                if len(said) == _ANSWER_LIMIT:
                    self._connection.close()
                elif answer.length:
                    raise http.client.IncompleteRead(said, answer.length)
                if answer.status < 300 and not sent:
                    raise ConnectionAbortedError
                return _Answer(answer.status, answer.headers.get("Location"), answer.headers.get("Content-Length"))

    def _failure(self, error: Exception) -> UplinkAway | UplinkRefused:
        match error:
            case ssl.SSLCertVerificationError(verify_code=code) if code == _NOT_YET_VALID:
                return UplinkAway(f"{self.name}: its certificate is not valid yet; is the date of this machine right?")
            case ssl.SSLCertVerificationError():
                return UplinkRefused(
                    f"{self.name}: its certificate is not trusted ({error.verify_message}); "
                    "check the host name and the CA file"
                )
            case socket.gaierror():
                return UplinkAway(f"{self.name} is away: its name has no address (DNS)")
            case TimeoutError():
                return UplinkAway(f"{self.name} is away: it did not answer in time")
            case OSError():
                return UplinkAway(f"{self.name} is away: {tls_reason(error, 'it broke the connection')}")
        return UplinkAway(f"{self.name} does not answer in HTTP")

    def _refusal(self, answer: _Answer) -> UplinkAway | UplinkRefused:
        status = answer.status
        if status in _LATER or status >= 500:
            return UplinkAway(f"{self.name} answered {status}")
        if 300 <= status < 400:
            return UplinkRefused(
                f"{self.name} answered {status}, a redirect to {_host(answer.location)}, which is not followed; "
                "give the address it points to"
            )
        meaning = http.client.responses.get(status, "")
        kind = ObjectRefused if status in _FOR_ITSELF else UplinkRefused
        return kind(f"{self.name} answered {status} {meaning}; {_ADVICE.get(status, 'check the address')}")


def _host(location: str | None) -> str:
    try:
        host = urlsplit(location or "").hostname
    except ValueError:
        host = None
    return ascii(host) if host else "another path"
