"""Where an uplink goes, read from a URL, with its secrets kept apart from what may be shown."""

import re
from dataclasses import dataclass, field
from typing import Self
from urllib.parse import quote, unquote, urlsplit

from edge_vsr.errors import UsageError

_WITHOUT_SECRET_PATH = frozenset({"http", "https", "rtsp", "rtsps", "srt"})


@dataclass(frozen=True, slots=True)
class Address:
    """One parsed URL. Its repr and `shown` carry no secret."""

    scheme: str
    host: str
    port: int | None
    user: str | None = field(repr=False)
    password: str | None = field(repr=False)
    path: str = field(repr=False)
    """Quoted, without query; empty or from "/" on."""
    query: str = field(repr=False)
    url: str = field(repr=False)
    """As given, secrets and all: for the library that connects, and for nothing else."""

    @classmethod
    def parse(cls, url: str) -> Self:
        """Read a URL with a host. Raises UsageError; its message does not repeat the URL, which may be a secret."""
        scheme = url.partition("://")[0].lower()
        if re.search(r"[\s\x00-\x1f\x7f]", url):
            raise UsageError(f"the {scheme}:// address has a blank in it; write blanks as %20")
        try:
            parts = urlsplit(url)
            host, port = parts.hostname, parts.port
            # As whoever asks for its address will.
            (host or "").encode("idna")
        except ValueError:
            raise UsageError(
                f"the {scheme}:// address has a bad host or port; write {scheme}://host:port/path, "
                "with '/', '@' and ':' in a password as %2F, %40 and %3A"
            ) from None
        if not host or port == 0:
            raise UsageError(
                f"the {scheme}:// address names no {'port' if host else 'host'}; write {scheme}://host/path"
            )
        return cls(
            scheme=scheme,
            host=host,
            port=port,
            user=None if parts.username is None else unquote(parts.username),
            password=None if parts.password is None else unquote(parts.password),
            path=quote(parts.path, safe="/%:@!$&'()*+,;=~"),
            query=quote(parts.query, safe="/%:@!$&'()*+,;=~?"),
            url=url,
        )

    @property
    def shown(self) -> str:
        """The address for people: no user, no password, no query, and no stream key where the path carries one."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port is None else f":{self.port}"
        path = self.path
        if self.scheme not in _WITHOUT_SECRET_PATH and path.count("/") > 1:
            path = path.rpartition("/")[0] + "/***"
        return f"{self.scheme}://{host}{port}{path}"
