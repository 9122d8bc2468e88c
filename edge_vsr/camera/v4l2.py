"""USB and other V4L2 cameras, through FFmpeg."""

import errno
import stat
from pathlib import Path

import av

from edge_vsr.camera.base import CaptureWish
from edge_vsr.camera.capabilities import Capabilities, capabilities_of
from edge_vsr.camera.copied import CopiedPackets
from edge_vsr.camera.decoded import DecodedCamera, reason
from edge_vsr.camera.whereabouts import Whereabouts
from edge_vsr.clock import Clock
from edge_vsr.errors import CameraNotFound
from edge_vsr.frame import Size

_FORMAT = "video4linux2,v4l2"
_CODES = {"yuyv422": "YUYV", "mjpeg": "MJPG"}
"""What V4L2 calls FFmpeg's formats."""
_USB2_BYTES = 24_000_000
"""Bytes a second of uncompressed video that USB 2 carries beside other devices."""


def capture_plans(wish: CaptureWish) -> list[dict[str, str]]:
    """FFmpeg's options, best first: the first that the device takes is used.

    MJPEG where the pictures would not fit through USB 2 otherwise, or might not; YUYV, which has no
    compression artefacts, where they do. The last plan asks for nothing.
    """
    want: dict[str, str] = {}
    if wish.size:
        want["video_size"] = str(wish.size)
    if wish.rate:
        want["framerate"] = str(wish.rate)
    formats = ["yuyv422", "mjpeg"] if _fits_uncompressed(wish) else ["mjpeg", "yuyv422"]
    plans = [{"input_format": name, **want} for name in formats]
    if want:
        plans += [want]
    return [*plans, {}]


def is_asked_compressed(wish: CaptureWish) -> bool:
    """Whether a device that can do what it is first asked for delivers JPEG."""
    return capture_plans(wish)[0]["input_format"] == "mjpeg"


def _fits_uncompressed(wish: CaptureWish) -> bool:
    if wish.size is None:
        return False
    rate = float(wish.rate) if wish.rate else 30.0
    return wish.size.width * wish.size.height * 2 * rate <= _USB2_BYTES


def open_v4l2(where: Whereabouts, name: str, wish: CaptureWish, clock: Clock) -> DecodedCamera:
    """Open the camera where it is now.

    Raises CameraNotFound, saying whether the device is missing, busy, forbidden, another one or no camera.
    """
    device = where.find()
    _check(device)
    silence = wish.longest_silence()
    offered = _offered(device) if wish.size else None
    for plan in capture_plans(wish):
        options = _possible(plan, wish, offered)
        try:
            container = av.open(str(device), mode="r", format=_FORMAT, options=options, timeout=(silence, silence))
        except av.FFmpegError as error:
            failure = error
            # EINVAL: the device is a camera, but not with this plan
            if error.errno != errno.EINVAL:
                break
        else:
            where.remember(device)
            return DecodedCamera(name, CopiedPackets(container), live=True, clock=clock)
    raise CameraNotFound(explain(device, failure)) from failure


def _possible(plan: dict[str, str], wish: CaptureWish, offered: Capabilities | None) -> dict[str, str]:
    """`plan` with a size that the driver has: of another FFmpeg believes that it got it, and refuses every picture."""
    code = _CODES.get(plan.get("input_format", ""))
    if offered is None or wish.size is None or code is None:
        return plan
    return {**plan, "video_size": str(Size(*offered.nearest((wish.size.width, wish.size.height), code)))}


def _offered(device: Path) -> Capabilities | None:
    try:
        return capabilities_of(device)
    except OSError:
        return None


def _check(device: Path) -> None:
    try:
        mode = device.stat().st_mode
    except PermissionError as error:
        raise CameraNotFound(explain(device, error)) from error
    except OSError as error:
        raise CameraNotFound(f"no camera {device}; it is unplugged, or see what there is: ls /dev/v4l/by-id") from error
    if not stat.S_ISCHR(mode):
        raise CameraNotFound(f"{device} is not a device")


def explain(device: Path, error: OSError | av.FFmpegError) -> str:
    """One line on why the device cannot be opened, and what to do."""
    match error.errno:
        case errno.EACCES | errno.EPERM:
            return f"{device} may not be opened; add the user to the group video: sudo usermod -aG video $USER"
        case errno.EBUSY:
            return f"{device} is in use by another program; close it: fuser -v {device} names it"
        case errno.ENODEV | errno.ENXIO:
            return f"{device} is there but its camera is gone; unplug and replug it"
        case errno.ENOTTY | errno.EINVAL:
            return f"{device} is not a capture device; try the other ones of ls /dev/v4l/by-id"
    return f"{device} cannot be opened: {reason(error) if isinstance(error, av.FFmpegError) else error.strerror}"
