"""Addresses without their secrets, for logs, errors and status lines."""

import re

_URL = re.compile(r"(?P<scheme>[a-zA-Z][a-zA-Z0-9+.-]*://)(?P<rest>\S+?)(?=['\"]?[:;,.)]*(?:\s|$))")


def redact(text: str) -> str:
    """Replace user names, passwords and query strings of every URL in `text`.

    Query strings go too: presigned addresses and stream keys carry their secret there. Where it is not sure what
    is a secret, as with a password that has "/", "?" or "@" in it, more goes rather than less.
    """
    return _URL.sub(_without_secrets, text)


def _without_secrets(url: re.Match[str]) -> str:
    place, mark, query = url["rest"].partition("?")
    if "@" in query:
        return url["scheme"] + "***"
    secret, _, place = place.rpartition("@")
    return url["scheme"] + ("***@" if secret else "") + place + ("?***" if mark else "")
