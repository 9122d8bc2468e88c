"""From what the user wrote to a running camera."""

import threading
from collections.abc import Callable
from pathlib import Path

from edge_vsr.camera.address import CameraAddress, CameraKind, parse_camera
from edge_vsr.camera.base import Camera, CaptureWish
from edge_vsr.camera.conform import ConformedCamera
from edge_vsr.camera.hearing import Ear
from edge_vsr.camera.isolated import IsolatedCamera
from edge_vsr.camera.lossy import is_lossy_video
from edge_vsr.camera.pattern import PatternCamera
from edge_vsr.camera.picamera import libcamera_has_camera, open_picamera
from edge_vsr.camera.stream import open_stream
from edge_vsr.camera.supervisor import SupervisedCamera
from edge_vsr.camera.v4l2 import is_asked_compressed, open_v4l2
from edge_vsr.camera.whereabouts import Whereabouts
from edge_vsr.clock import Clock


def open_camera(
    spec: str,
    wish: CaptureWish,
    clock: Clock,
    stop: threading.Event,
    *,
    patient: bool = False,
    on_wait: Callable[[str], None] = lambda _reason: None,
    newest: Callable[[], str] | None = None,
    ear: Ear | None = None,
) -> Camera:
    """Open what `parse_camera` understands, as near to `wish` as it can be had.

    Live cameras are reopened when they are lost, until `stop` is set or the camera is closed; `status_of` tells
    how they are. Only the first opening fails: UsageError, CameraNotFound, InputError or MissingDependency.
    If it is `patient`, a live camera that is away from the beginning is waited for as well; `on_wait` is called several
    times a second meanwhile, with the reason. `newest` is asked for `spec` at each opening: its password may have
    changed. `ear` gets the sound of an RTSP camera.
    """
    address = parse_camera(spec)
    newest = newest or (lambda: spec)
    match address.kind:
        case CameraKind.DEMO:
            camera: Camera = PatternCamera(clock, size=wish.size, rate=wish.rate)
        case CameraKind.FILE:
            camera = open_stream(address, wish, clock)
        case _:
            where = Whereabouts(address.target, clock)
            camera = SupervisedCamera(
                lambda: _open_once(parse_camera(newest()), where, wish, clock, ear),
                clock,
                stop,
                patient=patient,
                on_wait=on_wait,
            )
    return ConformedCamera(camera, wish) if wish.size or wish.rate else camera


def is_lossy(spec: str, wish: CaptureWish) -> bool:
    """Whether what comes from there was coded with loss, as far as can be told before a camera is opened.

    Raises UsageError or CameraNotFound as `parse_camera` does.
    """
    address = parse_camera(spec)
    match address.kind:
        case CameraKind.DEMO | CameraKind.PICAMERA:
            return False
        case CameraKind.INDEX if libcamera_has_camera():
            return False
        case CameraKind.INDEX | CameraKind.V4L2:
            return is_asked_compressed(wish)
        case CameraKind.FILE:
            return is_lossy_video(Path(address.target))
        case _:
            return True


def _open_once(address: CameraAddress, where: Whereabouts, wish: CaptureWish, clock: Clock, ear: Ear | None) -> Camera:
    silence = wish.longest_silence()
    match address.kind:
        case CameraKind.RTSP | CameraKind.HTTP:
            # FFmpeg keeps its own time-out here, and only the open stream tells whether it is live
            stream = open_stream(address, wish, clock, ear if address.kind is CameraKind.RTSP else None)
            return IsolatedCamera(address.name, lambda: stream, silence=silence) if stream.live else stream
        case CameraKind.INDEX if libcamera_has_camera():
            address = CameraAddress(CameraKind.PICAMERA, address.target)
    if address.kind is CameraKind.PICAMERA:
        return IsolatedCamera(address.name, lambda: open_picamera(int(address.target), wish, clock), silence=silence)
    return IsolatedCamera(address.name, lambda: open_v4l2(where, address.name, wish, clock), silence=silence)
