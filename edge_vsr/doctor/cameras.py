"""V4L2 cameras, and what they deliver."""

import fcntl
from collections.abc import Iterator
from pathlib import Path

from edge_vsr.camera.capabilities import Ask, capabilities_of
from edge_vsr.camera.v4l2 import explain
from edge_vsr.doctor.finding import Finding, note, ok, warning


def check_cameras(devices: Path = Path("/dev"), ask: Ask = fcntl.ioctl) -> Iterator[Finding]:
    """One finding a device that captures; how to name it so that replugging does not matter."""
    found = False
    for device in sorted(devices.glob("video[0-9]*")):
        try:
            capabilities = capabilities_of(device, ask)
        except OSError as problem:
            found = True
            yield warning(device.name, f"cannot be opened: {problem.strerror}", explain(device, problem))
            continue
        if capabilities:
            found = True
            stable = _stable_name(devices, device)
            yield ok(device.name, str(capabilities) + (f"; --camera {stable}" if stable else ""))
    if not found:
        yield note("cameras", "no V4L2 camera", "plug one in, or give --camera rtsp://..., picamera:0 or demo")


def _stable_name(devices: Path, device: Path) -> str:
    links = sorted((devices / "v4l" / "by-id").glob("*"))
    return next((str(link) for link in links if link.resolve() == device.resolve()), "")
