"""Files that are there whole or not at all."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

import av

from edge_vsr.errors import OutputError


@contextlib.contextmanager
def whole_file(target: Path) -> Iterator[Path]:
    """A temporary name beside `target` to write to; renamed at the end, removed if anything goes wrong.

    Raises OutputError for what goes wrong with a file in the block: it is taken for the one that is written.
    """
    part = target.with_name(f".{target.stem}.{os.getpid()}.part{target.suffix}")
    try:
        yield part
        part.replace(target)
    except (OSError, av.FFmpegError) as error:
        raise OutputError(f"cannot write {target}: {error.strerror or error}") from error
    finally:
        with contextlib.suppress(OSError):  # nothing is there, or nothing can be done
            part.unlink()
