"""The inference engines: each is imported in a process of its own, so that an illegal instruction is reported."""

import signal
from collections.abc import Iterator, Sequence

from edge_vsr.doctor.finding import Finding, error, note, ok
from edge_vsr.doctor.subprocesses import Probe, run_python
from edge_vsr.sr.engines import RUNTIMES, installed_runtimes

_IMPORT = "import {0}; print({0}.__version__)"


def check_runtimes(installed: Sequence[str] | None = None, probe: Probe = run_python) -> Iterator[Finding]:
    """One finding a runtime. One is enough; that none works is an error."""
    installed = installed_runtimes() if installed is None else installed
    findings = [_check(name, name in installed, probe) for name in RUNTIMES]
    yield from findings
    if not any(finding.text.startswith("version") for finding in findings):
        yield error("runtimes", "none works: nothing can be super-resolved but by bicubic", "pip install onnxruntime")


def _check(name: str, installed: bool, probe: Probe) -> Finding:
    if not installed:
        return note(name, "not installed", f"pip install {RUNTIMES[name]}")
    outcome = probe(_IMPORT.format(name))
    if outcome.code == 0:
        return ok(name, f"version {outcome.output}")
    if outcome.code == -signal.SIGILL:
        return error(
            name,
            "an illegal instruction: this build needs a newer processor",
            f"pip uninstall {name}, or take another runtime by --runtime",
        )
    return error(name, f"does not start: {outcome.reason}", f"pip install --force-reinstall {RUNTIMES[name]}")
