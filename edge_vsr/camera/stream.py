"""Cameras on the network and recordings: RTSP, HTTP(S), HLS, files."""

import logging
from pathlib import Path

import av
from av.container import InputContainer

from edge_vsr.camera.address import CameraAddress, CameraKind
from edge_vsr.camera.base import CaptureWish
from edge_vsr.camera.decoded import DecodedCamera, reason
from edge_vsr.camera.hearing import Ear, HeardSession
from edge_vsr.camera.plain import too_large
from edge_vsr.camera.short import short_format
from edge_vsr.clock import Clock
from edge_vsr.errors import CameraNotFound, InputError

log = logging.getLogger(__name__)

_NO_TIMESTAMPS = 0x80
"""AVFMT_NOTIMESTAMPS: FFmpeg counts such pictures, as those in parts, at 25 a second, whatever they come at."""


def open_stream(address: CameraAddress, wish: CaptureWish, clock: Clock, ear: Ear | None = None) -> DecodedCamera:
    """Open an RTSP or HTTP address or a file. `ear` gets its sound, if the far end gives that beside the pictures.

    RTSP is live. HTTP is live unless what it serves has a known length, as a recording has.
    Raises CameraNotFound if the far end does not answer or refuses, InputError if what it holds is no video.
    """
    try:
        container = _opened(address, wish, ear)
    except av.FFmpegError as error:
        raise _cannot_open(address, error) from error
    session = HeardSession(container, ear) if ear else container
    try:
        live, stamped = _is_live(address, container), not container.format.flags & _NO_TIMESTAMPS
        return DecodedCamera(address.name, session, live=live, clock=clock, stamped=stamped)
    except InputError as error:
        if address.kind is CameraKind.FILE:
            raise
        raise CameraNotFound(str(error)) from error


def _opened(address: CameraAddress, wish: CaptureWish, ear: Ear | None) -> InputContainer:
    silence = wish.longest_silence()
    try:
        return av.open(
            _target(address),
            mode="r",
            format=short_format(Path(address.target)) if address.kind is CameraKind.FILE else None,
            options=_options(address.kind, wish, ear),
            timeout=(silence, silence),
        )
    except (av.InvalidDataError, av.HTTPOtherClientError, av.HTTPServerError) as error:
        if ear is None:
            raise
        container = _opened(address, wish, None)
        log.info("%s: pictures without sound: %s", address.name, reason(error))
        return container


def _options(kind: CameraKind, wish: CaptureWish, ear: Ear | None) -> dict[str, str]:
    """FFmpeg's options: nothing waits for ever, and live pictures are not held back."""
    if kind is CameraKind.FILE:
        return {}
    microseconds = str(round(wish.longest_silence() * 1e6))
    if kind is CameraKind.HTTP:
        return {"rw_timeout": microseconds}
    # The least probesize: the session description says all that is needed, and what opening looks at longer
    # comes as a burst of late pictures. fflags=nobuffer would throw it away, and the first keyframe with it.
    # max_delay is how long RTP over UDP waits for a packet that was overtaken.
    return {
        "rtsp_transport": wish.rtsp_transport,
        "allowed_media_types": "video+audio" if ear else "video",
        "timeout": microseconds,
        "probesize": "32",
        "flags": "low_delay",
        "max_delay": "200000",
    }


def _target(address: CameraAddress) -> str:
    # Without the prefix FFmpeg would take a name such as "concat:a" for a protocol.
    return f"file:{Path(address.target)}" if address.kind is CameraKind.FILE else address.target


def _is_live(address: CameraAddress, container: InputContainer) -> bool:
    match address.kind:
        case CameraKind.FILE:
            return False
        case CameraKind.HTTP:
            # A playlist has a length, but what it lists may go on
            endless = container.size <= 0 or container.format.name in ("hls", "dash")
            return container.duration is None and endless
        case _:
            return True


def _cannot_open(address: CameraAddress, error: av.FFmpegError) -> CameraNotFound | InputError:
    name = address.name
    match error:
        case av.HTTPUnauthorizedError() | av.HTTPForbiddenError():
            return CameraNotFound(f"{name} wants a user name and a password; write them as //USER:PASSWORD@HOST")
        case av.HTTPNotFoundError():
            return CameraNotFound(f"{name}: the host answers, but has nothing under this path; check the path")
        case av.ConnectionRefusedError():
            return CameraNotFound(f"{name}: nothing listens there; check the host and the port")
        case av.InvalidDataError() if address.kind is CameraKind.FILE:
            return InputError(f"{name} is not a video, or its end is missing")
        case av.InvalidDataError():
            return CameraNotFound(f"{name}: what it sends is not a video; check the path")
    if address.kind is CameraKind.FILE:
        why = "its pictures are too large" if too_large(error) else reason(error)
        return InputError(f"{name} cannot be read: {why}")
    return CameraNotFound(f"{name} cannot be opened: {reason(error)}; check the address and the network")
