"""Addresses without their secrets, for logs, errors and status lines."""

import re

_CREDENTIALS = re.compile(r"(?P<scheme>[a-zA-Z][a-zA-Z0-9+.-]*://)[^/\s]*@")
_QUERY = re.compile(r"(?P<address>[a-zA-Z][a-zA-Z0-9+.-]*://[^\s?]*)\?[^\s'\"]*")


def redact(text: str) -> str:
    """Replace user names, passwords and query strings of every URL in `text`.

    Query strings go too: presigned addresses and stream keys carry their secret there.
    """
    return _QUERY.sub(r"\g<address>?***", _CREDENTIALS.sub(r"\g<scheme>***@", text))
