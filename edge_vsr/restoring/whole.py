"""Files that are there whole or not at all."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

import av

from edge_vsr.errors import OutputError


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


def remove(part: Path) -> None:
    """Take away what is not to stay; it need not be there."""
    with contextlib.suppress(OSError):  # nothing is there, or nothing can be done
        part.unlink()
