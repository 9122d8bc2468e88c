"""The ffmpeg program, for what PyAV's FFmpeg was built without: SRT."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from edge_vsr.errors import MissingDependency

_PATIENCE = 20.0
"""Seconds that a program may take to tell what it can do, on a slow card."""
_INPUT = "n"
_WHAT_TO_DO = "apt install ffmpeg, or pip install 'edge-vsr[srt]'"


def program_with(protocol: str, *, unseen: bool) -> str:
    """The path of an ffmpeg that knows `protocol`; with `unseen` one that takes options of protocols from a file, where
    no other user of the machine reads them off its command line. Raises MissingDependency."""
    found = list(_programs())
    if not found:
        raise MissingDependency(f"{protocol}:// needs the ffmpeg program: {_WHAT_TO_DO}")
    able = [path for path in found if _knows(path, protocol)]
    if not able:
        raise MissingDependency(f"{found[0]} was built without {protocol}://: {_WHAT_TO_DO}")
    if not unseen:
        return able[0]
    for path in able:
        if _takes_options_from_a_file(path):
            return path
    raise MissingDependency(
        f"{able[0]} takes a passphrase or stream id on its command line only, where every user of the machine could "
        "read it; use an ffmpeg whose -fpre sets the options of protocols, such as the 5.1 of Debian 12"
    )


def preset(options: dict[str, str]) -> int:
    """A descriptor to hand to a program, which reads `options` from it once, as -fpre /dev/fd/N."""
    reader, writer = os.pipe()
    with os.fdopen(writer, "wb") as file:
        # Far less than a pipe holds.
        file.write("".join(f"{key}={value}\n" for key, value in options.items()).encode())
    return reader


def _programs() -> Iterator[str]:
    if path := shutil.which("ffmpeg"):
        yield path
    try:
        import imageio_ffmpeg
    except ImportError:
        return
    try:
        yield imageio_ffmpeg.get_ffmpeg_exe()
    except RuntimeError:
        return


def _knows(path: str, protocol: str) -> bool:
    return protocol in _output(path, "-protocols").split()


def _takes_options_from_a_file(path: str) -> bool:
    """Seen by an option that leaves an old file as long as it was: newer programs read -fpre and forget it."""
    with tempfile.NamedTemporaryFile() as old:
        # Longer than what is written over it.
        old.write(b"old")
        old.flush()
        reader = preset({"truncate": "0"})
        try:
            copy = ["-f", "data", "-i", "pipe:0", "-map", "0", "-c", "copy"]
            _output(path, *copy, "-fpre", f"/dev/fd/{reader}", "-f", "data", "-y", f"file:{old.name}", hand=reader)
        finally:
            os.close(reader)
        return Path(old.name).read_bytes() == b"nld"


def _output(path: str, *arguments: str, hand: int | None = None) -> str:
    try:
        return subprocess.run(  # noqa: S603 - a fixed command
            [path, "-hide_banner", "-loglevel", "error", *arguments],
            input=_INPUT,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            pass_fds=[] if hand is None else [hand],
            timeout=_PATIENCE,
            check=False,
            text=True,
            errors="replace",
        ).stdout
    except (OSError, subprocess.TimeoutExpired):
        return ""
