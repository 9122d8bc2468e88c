"""From what a user writes to an uplink."""

import re
from pathlib import Path
from urllib.parse import unquote

from edge_vsr.errors import UsageError
from edge_vsr.redact import check_scheme
from edge_vsr.uplink.base import LiveUplink, SegmentUplink
from edge_vsr.uplink.folder import FolderUplink
from edge_vsr.uplink.http import HttpUplink
from edge_vsr.uplink.live import LiveMuxer
from edge_vsr.uplink.options import UplinkOptions
from edge_vsr.uplink.srt import SrtUplink

LIVE_SCHEMES = ("rtsp", "rtsps", "rtmp", "rtmps", "srt")
_SUPPORTED = "a folder, file://, http://, https://, rtsp://, rtsps://, rtmp://, rtmps:// or srt://"
_SCHEME = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://")


def is_live(spec: str) -> bool:
    """Whether `open_uplink` makes a LiveUplink of `spec`."""
    match = _SCHEME.match(spec)
    return match is not None and match["scheme"].lower() in LIVE_SCHEMES


def open_uplink(spec: str, options: UplinkOptions | None = None) -> SegmentUplink | LiveUplink:
    """An uplink for a folder or a URL; nothing is sent yet, but a folder is made.

    Raises UsageError where `spec` or `options` cannot be used, OutputError where the folder cannot be written,
    MissingDependency where it takes a program which is not there.
    """
    if is_live(spec):
        return open_live(spec, options)
    if (folder := folder_of(spec)) is not None:
        return FolderUplink(folder)
    scheme = spec.partition("://")[0].lower()
    if scheme not in ("http", "https"):
        raise UsageError(f"no uplink over {scheme}://; give {_SUPPORTED}")
    return HttpUplink(spec, options)


def folder_of(spec: str) -> Path | None:
    """The folder that `spec` stands for; None where it is the address of a server. Raises UsageError."""
    if not spec.strip():
        raise UsageError(f"the uplink is empty; give {_SUPPORTED}")
    match = _SCHEME.match(spec)
    if match is None:
        check_scheme(spec)
        return _at_home(spec)
    return _local_path(spec) if match["scheme"].lower() == "file" else None


def open_live(url: str, options: UplinkOptions | None = None) -> LiveUplink:
    """An uplink for a URL of which `is_live` is true; nothing is sent yet.

    Raises UsageError, and MissingDependency where that takes a program which is not there.
    """
    if url.lower().startswith("srt:"):
        return SrtUplink(url, options)
    return LiveMuxer(url, options)


def _at_home(spec: str) -> Path:
    try:
        return Path(spec).expanduser()
    except RuntimeError:
        raise UsageError(f"{spec} is below the home of a user who does not exist; give another folder") from None


def _local_path(url: str) -> Path:
    host, slash, path = url.partition("://")[2].partition("/")
    if host not in ("", "localhost") or not slash:
        raise UsageError("a file:// address is file:///absolute/path")
    return Path("/" + unquote(path))
