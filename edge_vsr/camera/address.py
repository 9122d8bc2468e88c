"""What the user may write for a camera, and what it means."""

import re
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from edge_vsr.errors import CameraNotFound, UsageError
from edge_vsr.redact import check_scheme, redact

_SCHEME = re.compile(r"(?P<scheme>[a-zA-Z][a-zA-Z0-9+.-]*)://(?P<rest>.*)", re.DOTALL)
_KNOWN = "demo, 0, /dev/video0, picamera:0, an rtsp:// or http:// address, or a video file"


class CameraKind(Enum):
    DEMO = "demo"
    INDEX = "index"
    """A bare number: whichever kind of camera this machine has."""
    V4L2 = "v4l2"
    PICAMERA = "picamera"
    RTSP = "rtsp"
    HTTP = "http"
    FILE = "file"


@dataclass(frozen=True, slots=True)
class CameraAddress:
    kind: CameraKind
    target: str
    """What to open: a number, a device, an address with its secrets, or a path."""

    def __repr__(self) -> str:
        return f"CameraAddress({self.kind.name}, {self.name!r})"

    @property
    def name(self) -> str:
        """For people and logs, without secrets."""
        match self.kind:
            case CameraKind.DEMO:
                return "demo"
            case CameraKind.INDEX:
                return f"camera {self.target}"
            case CameraKind.PICAMERA:
                return f"picamera:{self.target}"
            case CameraKind.RTSP | CameraKind.HTTP:
                return redact(self.target)
            case CameraKind.V4L2 | CameraKind.FILE:
                return self.target


def parse_camera(spec: str) -> CameraAddress:
    """Read what the user wrote. Looks at the disk to tell a file from a slip, and opens nothing.

    Raises UsageError for what cannot be an address, CameraNotFound for a file that is not there.
    """
    spec = spec.strip()
    if not spec:
        raise UsageError(f"no camera given; name one of: {_KNOWN}")
    if spec == "demo":
        return CameraAddress(CameraKind.DEMO, "")
    if _is_number(spec):
        return CameraAddress(CameraKind.INDEX, str(int(spec)))
    if spec.startswith("picamera:"):
        number = spec.removeprefix("picamera:")
        if not _is_number(number):
            raise UsageError(f"camera {spec!r}: a number must follow picamera:, as in picamera:0")
        return CameraAddress(CameraKind.PICAMERA, str(int(number)))
    if spec.startswith("/dev/"):
        return CameraAddress(CameraKind.V4L2, spec)
    if url := _SCHEME.fullmatch(spec):
        return _parse_url(spec, url["scheme"].lower(), url["rest"])
    return _parse_file(spec)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _parse_url(spec: str, scheme: str, rest: str) -> CameraAddress:
    kinds = {"rtsp": CameraKind.RTSP, "rtsps": CameraKind.RTSP, "http": CameraKind.HTTP, "https": CameraKind.HTTP}
    if scheme not in kinds:
        raise UsageError(f"camera {redact(spec)!r}: {scheme}:// is not read; use one of: {_KNOWN}")
    host = rest.partition("/")[0].rpartition("@")[2]
    if any(character.isspace() for character in spec):
        # Not repeated: where a password has a blank, nobody can say where it ends.
        raise UsageError(f"the {scheme}:// address of the camera has a blank in it; write %20 instead")
    if not host:
        raise UsageError(f"camera {redact(spec)!r} is not a whole address; write {scheme}://HOST/PATH")
    # FFmpeg compares schemes as written
    return CameraAddress(kinds[scheme], f"{scheme}://{rest}")


def _parse_file(spec: str) -> CameraAddress:
    path, shown = Path(spec), repr(spec[:200])
    try:
        if path.is_dir():
            raise CameraNotFound(f"{shown} is a folder; name the video file in it")
        if path.exists():
            return CameraAddress(CameraKind.FILE, spec)
    except (OSError, ValueError) as error:
        raise CameraNotFound(f"{shown} cannot be read: {error.__class__.__name__}; check its permissions") from error
    check_scheme(spec)
    raise CameraNotFound(f"no file {shown}; name one of: {_KNOWN}")
