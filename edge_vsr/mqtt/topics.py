"""Where the broker is, and what the topics are called. Pure."""

import re
from dataclasses import dataclass, field
from typing import Self
from urllib.parse import unquote, urlsplit

from edge_vsr.errors import UsageError

_PORTS = {"mqtt": 1883, "mqtts": 8883}
_HOW = "write mqtt://user:password@host:port/topic, or mqtts:// for TLS"
_LONGEST = 200


@dataclass(frozen=True, slots=True)
class Topics:
    """Of one instance."""

    base: str
    """Such as "edge-vsr/front"; every topic is below it."""

    @property
    def availability(self) -> str:
        """Retained: "online", or "offline", which is also the last will."""
        return f"{self.base}/availability"

    @property
    def status(self) -> str:
        """Retained JSON."""
        return f"{self.base}/status"

    @property
    def still(self) -> str:
        """A JPEG."""
        return f"{self.base}/still"

    @property
    def commands(self) -> str:
        """A filter: all commands, known or not."""
        return f"{self.base}/command/+"

    def command(self, name: str) -> str:
        return f"{self.base}/command/{name}"

    def command_in(self, topic: str) -> str:
        """The name of the command that came by `topic`, whatever it is."""
        return topic.removeprefix(f"{self.base}/command/")


@dataclass(frozen=True, slots=True)
class Broker:
    """Where to connect. Its repr and `shown` carry no secret."""

    host: str
    port: int
    tls: bool
    user: str | None = field(repr=False)
    password: str | None = field(repr=False)
    topics: Topics

    @classmethod
    def parse(cls, url: str, otherwise: str) -> Self:
        """Read mqtt://user:password@host:port/topic; `otherwise` is the last part of the topic where none is given.

        Raises UsageError; its message does not repeat the URL, which may be a secret.
        """
        scheme = url.partition("://")[0].lower()
        if scheme not in _PORTS or "://" not in url:
            raise UsageError(f"the MQTT broker is no mqtt:// address; {_HOW}")
        try:
            parts = urlsplit(url)
            host, port = parts.hostname, parts.port
            # As whoever asks for its address will.
            (host or "").encode("idna")
        except ValueError:
            host, port = None, None
        if not host or port == 0 or re.search(r"[\s\x00-\x1f\x7f]", url) or parts.query or parts.fragment:
            raise UsageError(
                f"the {scheme}:// address has a bad host, port or character; {_HOW}, "
                "with '/', '?', '#', '@' and ':' in a password as %2F, %3F, %23, %40 and %3A"
            )
        base = unquote(parts.path.strip("/")) or f"edge-vsr/{plain(otherwise)}"
        if re.search(r"[+#\x00-\x1f\x7f]|^\$|//", base) or len(base.encode()) > _LONGEST:
            raise UsageError(f"the MQTT topic has '+', '#', '$' or an empty part in it, or is too long; {_HOW}")
        return cls(
            host=host,
            port=port or _PORTS[scheme],
            tls=scheme == "mqtts",
            user=None if parts.username is None else unquote(parts.username),
            password=None if parts.password is None else unquote(parts.password),
            topics=Topics(base),
        )

    @property
    def shown(self) -> str:
        """For people and logs."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'mqtts' if self.tls else 'mqtt'}://{host}:{self.port}/{self.topics.base}"


def plain(text: str) -> str:
    """`text` as a part of a topic or an identifier."""
    return re.sub(r"[^A-Za-z0-9]+", "-", text).strip("-").lower() or "camera"
