"""Addresses without their secrets, for logs, errors and status lines."""

import re

from edge_vsr.errors import UsageError

_URL = re.compile(r"(?P<scheme>[a-zA-Z][a-zA-Z0-9+.-]*://)(?P<rest>\S+?)(?=['\"]?[:;,.)]*(?:\s|$))")

_HALF = re.compile(r"(?P<scheme>file|https?|rtsps?|rtmps?|srt|mqtts?)(?::(?!//)|//)", re.IGNORECASE)
_HALF_WITH_SECRET = re.compile(rf"\b{_HALF.pattern}\S*@\S*", re.IGNORECASE)


def check_scheme(text: str) -> None:
    """Raises UsageError for what was meant as an address and lacks a colon or a slash. It may have a password in it, so
    it must not be taken for a file, whose name is shown."""
    if match := _HALF.match(text):
        raise UsageError(f"an address starts with {match['scheme'].lower()}://, with two slashes")


def redact(text: str) -> str:
    """Replace user names, passwords and query strings of every URL in `text`, and what was meant as one.

    Query strings go too: presigned addresses and stream keys carry their secret there. Where it is not sure what
    is a secret, as with a password that has "/", "?" or "@" in it, more goes rather than less.
    """
    return _HALF_WITH_SECRET.sub(r"\g<scheme>:***", _URL.sub(_without_secrets, text))


def _without_secrets(url: re.Match[str]) -> str:
    place, mark, query = url["rest"].partition("?")
    if "@" in query:
        return url["scheme"] + "***"
    secret, _, place = place.rpartition("@")
    return url["scheme"] + ("***@" if secret else "") + place + ("?***" if mark else "")
