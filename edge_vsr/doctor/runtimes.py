"""The inference engines."""

from collections.abc import Iterator, Sequence

from edge_vsr.doctor.finding import Finding, Level, error, note
from edge_vsr.doctor.imports import importing
from edge_vsr.doctor.subprocesses import Probe, run_python
from edge_vsr.sr.engines import RUNTIMES, installed_runtimes


def check_runtimes(installed: Sequence[str] | None = None, probe: Probe = run_python) -> Iterator[Finding]:
    """One finding a runtime. One is enough; that none works is an error."""
    installed = installed_runtimes() if installed is None else installed
    findings = [_check(name, name in installed, probe) for name in RUNTIMES]
    yield from findings
    if not any(finding.level is Level.OK for finding in findings):
        yield error("runtimes", "none works: nothing can be super-resolved but by bicubic", "pip install onnxruntime")


def _check(name: str, installed: bool, probe: Probe) -> Finding:
    if not installed:
        return note(name, "not installed", f"pip install {RUNTIMES[name]}")
    return importing(name, RUNTIMES[name], f"pip uninstall {name}, or take another runtime by --runtime", probe)
