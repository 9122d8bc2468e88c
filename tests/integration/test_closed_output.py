"""Where what is to be shown cannot be written."""

import subprocess
from pathlib import Path

import pytest

from edge_vsr.errors import OutputError, UsageError
from tests.integration.offline import PROGRAM


def in_shell(redirected: str, cwd: Path) -> "subprocess.CompletedProcess[str]":
    """`edge-vsr` with the arguments and the redirections of a shell."""
    command = ["sh", "-c", f'"$0" {redirected}', PROGRAM]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=120, check=False)


@pytest.mark.parametrize("command", ["models", "--help", "--version", "config init -"])
def test_a_full_disk_is_told_in_a_line(tmp_path: Path, command: str) -> None:
    done = in_shell(f"{command} >/dev/full", tmp_path)
    assert done.returncode == OutputError.exit_code, done.stderr
    assert done.stderr.startswith("edge-vsr: cannot write what is to be shown: No space left on device")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("command", "code"), [("models >&-", 0), ("bogus 2>&-", UsageError.exit_code), ("models 2>&-", 0)]
)
def test_what_is_closed_changes_no_exit_code(tmp_path: Path, command: str, code: int) -> None:
    done = in_shell(command, tmp_path)
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
