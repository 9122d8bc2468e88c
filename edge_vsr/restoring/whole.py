"""Files that are there whole or not at all."""

import contextlib
import os
import re
from collections.abc import Iterator
from pathlib import Path

import av

from edge_vsr.clock import Clock
from edge_vsr.errors import OutputError

OLD = 3600.0
"""Seconds without a change."""
_PART = re.compile(r"\..+\.(?P<process>\d+)\.part(\.\w+)?")


def part_of(target: Path) -> Path:
    """The temporary name beside `target` that is written to."""
    return target.with_name(f".{target.stem}.{os.getpid()}.part{target.suffix}")


@contextlib.contextmanager
def writing(target: Path) -> Iterator[None]:
    """Raises OutputError for what goes wrong with a file in the block: it is taken for the one that is written."""
    try:
        yield
    except (OSError, av.FFmpegError) as error:
        raise OutputError(f"cannot write {target}: {error.strerror or error}") from error


@contextlib.contextmanager
def whole_file(target: Path) -> Iterator[Path]:
    """A temporary name beside `target` to write to; renamed at the end, removed if anything goes wrong.

    Raises OutputError as `writing` does.
    """
    part = part_of(target)
    try:
        with writing(target):
            yield part
            part.replace(target)
    finally:
        remove(part)


def remove_left_over(folder: Path, clock: Clock) -> None:
    """Take away what processes that were killed have left half-written, once it is OLD: `folder` may be a share, where
    another machine's processes have the same numbers."""
    with contextlib.suppress(OSError):
        for path in folder.iterdir():
            found = _PART.fullmatch(path.name)
            if found and not Path(f"/proc/{found['process']}").exists():
                with contextlib.suppress(OSError):
                    if clock.wall() - path.stat().st_mtime > OLD:
                        path.unlink()


def remove(part: Path) -> None:
    """Take away what is not to stay; it need not be there."""
    with contextlib.suppress(OSError):  # nothing is there, or nothing can be done
        part.unlink()
