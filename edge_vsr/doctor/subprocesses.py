"""Code that may kill its process, run in another one."""

import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass

PATIENCE = 60.0
"""Seconds; libraries of hundreds of megabytes load slowly from an SD card."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """Of a child."""

    code: int | None
    """Its exit code, below 0 the signal that killed it; None if it took too long."""
    output: str
    """Standard output."""
    error: str
    """The last line of standard error."""

    @property
    def reason(self) -> str:
        """Why it failed, in words."""
        if self.code is None:
            return f"it takes more than {PATIENCE:.0f} s"
        if self.code < 0:
            return f"it is killed by {signal.Signals(-self.code).name}"
        return self.error or f"it exits with {self.code}"


Probe = Callable[[str], Outcome]
"""Runs a piece of Python in a child."""


def run_python(code: str) -> Outcome:
    """Run `code` in a Python of its own, as this one is."""
    try:
        child = subprocess.run(  # noqa: S603  our own interpreter, our own code
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            errors="replace",
            timeout=PATIENCE,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Outcome(None, "", "")
    except OSError as problem:
        return Outcome(1, "", f"{sys.executable} cannot be run: {problem.strerror}")
    lines = child.stderr.strip().splitlines()
    return Outcome(child.returncode, child.stdout.strip(), lines[-1] if lines else "")
