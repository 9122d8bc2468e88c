"""Commands in a control group of their own, where this user may make one: v1's memory controller or v2's."""

import contextlib
import os
import subprocess
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path("/sys/fs/cgroup")


@dataclass(frozen=True)
class Group:
    """A control group."""

    folder: Path
    peak_file: str

    @property
    def peak(self) -> int | None:
        """Bytes at most in use so far; None on kernels that do not say."""
        path = self.folder / self.peak_file
        return int(path.read_text()) if path.exists() else None

    def run(self, command: Sequence[object], **environment: str) -> "subprocess.CompletedProcess[str]":
        """Run `command` inside to its end."""
        enter = f'echo $$ > {self.folder}/cgroup.procs && exec "$@"'
        return subprocess.run(
            ["sh", "-c", enter, "sh", *map(str, command)],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            env={**os.environ, **environment},
            timeout=170,
            check=False,
        )


@contextlib.contextmanager
def limited(limit: int) -> Iterator[Group]:
    """A group that may hold `limit` bytes, without swap. Skips where none can be made."""
    v1 = (ROOT / "memory", "memory.limit_in_bytes", "memory.max_usage_in_bytes")
    v2 = (ROOT, "memory.max", "memory.peak")
    root, limit_file, peak_file = v1 if (ROOT / "memory").is_dir() else v2
    folder = root / f"edge-vsr-test-{uuid.uuid4().hex}"
    try:
        folder.mkdir()
        (folder / limit_file).write_text(str(limit))
    except OSError as error:
        with contextlib.suppress(OSError):
            folder.rmdir()
        pytest.skip(f"no control group can be made here: {error.strerror}")
    try:
        yield Group(folder, peak_file)
    finally:
        folder.rmdir()
