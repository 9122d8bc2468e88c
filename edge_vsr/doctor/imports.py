"""Compiled packages, each imported in a process of its own: an illegal instruction is reported, and not suffered."""

import signal
from collections.abc import Iterator

from edge_vsr.doctor.finding import Finding, error, ok
from edge_vsr.doctor.subprocesses import Probe, run_python

NEEDED = {"numpy": "numpy", "cv2": "opencv-python-headless", "av": "av"}
"""What nothing goes without, by module, and what pip installs it by."""
_IMPORT = "import {0}; print({0}.__version__)"


def check_needed(probe: Probe = run_python) -> Iterator[Finding]:
    """One finding a package."""
    for module, package in NEEDED.items():
        build = f"build one for this processor: pip install --force-reinstall --no-binary {package} {package}"
        yield importing(module, package, build, probe)


def importing(module: str, package: str, instead: str, probe: Probe) -> Finding:
    """Whether `module` starts. `package` is for pip; `instead` is what to do where the processor is too old for it."""
    outcome = probe(_IMPORT.format(module))
    if outcome.code == 0:
        return ok(module, f"version {outcome.output}")
    if outcome.code == -signal.SIGILL:
        return error(module, "an illegal instruction: this build needs a newer processor", instead)
    return error(module, f"does not start: {outcome.reason}", f"pip install --force-reinstall {package}")
