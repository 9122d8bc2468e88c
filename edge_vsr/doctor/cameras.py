"""V4L2 cameras and what they deliver, asked of the driver (Linux media uAPI, VIDIOC_QUERYCAP, VIDIOC_ENUM_FMT)."""

import fcntl
import os
import struct
from collections.abc import Iterator
from pathlib import Path

from edge_vsr.camera.v4l2 import explain
from edge_vsr.doctor.finding import Finding, note, ok, warning

_CAPABILITY = struct.Struct("16s32s32sIII12x")
_FORMAT = struct.Struct("III32sI4sI8x")
_QUERYCAP = 0x80000000 | _CAPABILITY.size << 16 | ord("V") << 8 | 0
_ENUM_FMT = 0xC0000000 | _FORMAT.size << 16 | ord("V") << 8 | 2
_CAPTURE, _CAPTURE_MPLANE, _DEVICE_CAPS = 0x1, 0x1000, 0x80000000
_MOST_FORMATS = 64


def check_cameras(devices: Path = Path("/dev")) -> Iterator[Finding]:
    """One finding a device that captures; how to name it so that replugging does not matter."""
    found = False
    for device in sorted(devices.glob("video[0-9]*")):
        try:
            described = _describe(device)
        except OSError as problem:
            found = True
            yield warning(device.name, f"cannot be opened: {problem.strerror}", explain(device, problem))
            continue
        if described:
            found = True
            name, formats = described
            stable = _stable_name(devices, device)
            yield ok(
                device.name,
                f"{name}: {', '.join(formats) or 'no formats'}" + (f"; --camera {stable}" if stable else ""),
            )
    if not found:
        yield note("cameras", "no V4L2 camera", "plug one in, or give --camera rtsp://..., picamera:0 or demo")


def _describe(device: Path) -> tuple[str, list[str]] | None:
    """Name and pixel formats; None for what does not capture pictures, as a codec or a camera's second node."""
    handle = os.open(device, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        answer = fcntl.ioctl(handle, _QUERYCAP, bytes(_CAPABILITY.size))
        _driver, card, _bus, _version, capabilities, device_caps = _CAPABILITY.unpack(answer)
        able = device_caps if capabilities & _DEVICE_CAPS else capabilities
        if not able & (_CAPTURE | _CAPTURE_MPLANE):
            return None
        formats = list(_formats(handle, 1 if able & _CAPTURE else 9))
        return (_text(card), formats) if formats else None
    finally:
        os.close(handle)


def _formats(handle: int, kind: int) -> Iterator[str]:
    for index in range(_MOST_FORMATS):
        try:
            answer = fcntl.ioctl(handle, _ENUM_FMT, _FORMAT.pack(index, kind, 0, b"", 0, b"", 0))
        except OSError:
            return
        yield _text(_FORMAT.unpack(answer)[5])


def _stable_name(devices: Path, device: Path) -> str:
    links = sorted((devices / "v4l" / "by-id").glob("*"))
    return next((str(link) for link in links if link.resolve() == device.resolve()), "")


def _text(raw: bytes) -> str:
    return raw.partition(b"\0")[0].decode("ascii", "replace").strip()
