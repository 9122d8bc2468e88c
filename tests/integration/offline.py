"""Commands that need no camera and no far end, as a user runs them."""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from edge_vsr.errors import EdgeVsrError

PROGRAM = str(Path(sys.executable).with_name("edge-vsr"))


@dataclass(frozen=True)
class Result:
    """How a command ended and what it wrote."""

    code: int
    stdout: str
    stderr: str


def edge_vsr(*arguments: object, cwd: Path | None = None, program: tuple[str, ...] = (PROGRAM,)) -> Result:
    """Run `edge-vsr` with `arguments` to its end; `program` may start it in another way."""
    command = [*program, *map(str, arguments)]
    done = subprocess.run(
        command, cwd=cwd, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120, check=False
    )
    return Result(done.returncode, done.stdout, done.stderr)


def assert_done(result: Result) -> None:
    """It ended well and had nothing to say."""
    assert result == Result(0, "", ""), f"exit code {result.code}: {result.stderr}"


def assert_refused(result: Result, kind: type[EdgeVsrError], says: str) -> None:
    """One line that says what is wrong, and the documented exit code."""
    assert "Traceback" not in result.stderr, result.stderr
    assert result.code == kind.exit_code, f"exit code {result.code}, not {kind.exit_code}: {result.stderr}"
    assert result.stderr.count("\n") == 1, f"not one line: {result.stderr!r}"
    assert result.stderr.startswith("edge-vsr: ")
    assert says in result.stderr
    assert result.stdout == ""
