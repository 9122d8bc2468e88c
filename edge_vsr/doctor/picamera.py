"""picamera2 and libcamera: whether they import, each in a process of its own, and what to do where they do not."""

from collections.abc import Iterator
from pathlib import Path

from edge_vsr.doctor.finding import Finding, error, note, ok, warning
from edge_vsr.doctor.subprocesses import Outcome, Probe, run_python

INSTALL = (
    "sudo apt install python3-picamera2, and make the virtual environment with "
    "python3 -m venv --system-site-packages, since libcamera is not on PyPI"
)
CLASH = "take numpy, simplejpeg and picamera2 all from apt or all from pip"
_LIBCAMERA = "import libcamera; print(len(libcamera.CameraManager.singleton().cameras))"
_PICAMERA2 = "import picamera2; print(len(picamera2.Picamera2.global_camera_info()))"


def check_picamera(model: Path = Path("/proc/device-tree/model"), probe: Probe = run_python) -> Iterator[Finding]:
    """On a Raspberry Pi what is missing is a warning, elsewhere a note."""
    needed = _is_raspberry(model)
    libcamera = probe(_LIBCAMERA)
    yield _finding("libcamera", libcamera, needed)
    if libcamera.code == 0:
        yield _finding("picamera2", probe(_PICAMERA2), needed)


def _finding(name: str, outcome: Outcome, needed: bool) -> Finding:
    if outcome.code == 0:
        count = int(outcome.output.split()[-1])
        if count or not needed:
            return ok(name, f"sees {count} cameras")
        return warning(name, "sees no camera", "check the cable, then run rpicam-hello --list-cameras")
    if f"No module named '{name}'" in outcome.error:
        return (
            warning(name, "not installed", INSTALL)
            if needed
            else note(name, "not installed; a Raspberry Pi's needs it")
        )
    if "No module named" in outcome.error:
        return error(name, f"is installed, but not what it needs: {outcome.error}", INSTALL)
    return error(name, f"is installed and does not import: {outcome.reason}", CLASH)


def _is_raspberry(model: Path) -> bool:
    try:
        return "Raspberry Pi" in model.read_text("ascii", "replace")
    except OSError:
        return False
