"""Luma to calibrate with: from a camera, a clip, or a folder of pictures and clips."""

import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np

from edge_vsr.camera.base import Camera, CaptureWish
from edge_vsr.camera.open import open_camera
from edge_vsr.clock import Clock
from edge_vsr.errors import InputError
from edge_vsr.frame import Plane
from edge_vsr.restoring.picture import BT601_BGR, Picture, read_picture
from edge_vsr.restoring.plan import PICTURES, VIDEOS

LATE = 15.0
"""Seconds beyond what was asked for, after which a live camera that delivers nothing is given up."""


def camera_lumas(spec: str, clock: Clock, seconds: float | None) -> Iterator[Plane]:
    """What the camera shows, for so many seconds; of a live one always for some. Raises what opening it raises."""
    with closing(open_camera(spec, CaptureWish(), clock, threading.Event())) as camera:
        yield from _lumas(camera, seconds)


def stored_lumas(path: Path, clock: Clock, seconds: float | None) -> Iterator[Plane]:
    """Of a clip, a picture, or all that are in a folder, by name; so many seconds of each clip. Raises InputError."""
    if not path.is_dir():
        yield from _of_file(path, clock, seconds)
        return
    try:
        files = sorted(one for one in path.iterdir() if one.suffix.lower() in PICTURES | VIDEOS)
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror or error}") from error
    if not files:
        raise InputError(f"{path} has neither pictures nor videos in it")
    for file in files:
        yield from _of_file(file, clock, seconds)


def _of_file(path: Path, clock: Clock, seconds: float | None) -> Iterator[Plane]:
    if path.suffix.lower() in PICTURES:
        yield luma_of(read_picture(path))
    else:
        # A path, also where it looks like the name of a camera.
        yield from camera_lumas(str(path.absolute()), clock, seconds)


def _lumas(camera: Camera, seconds: float | None) -> Iterator[Plane]:
    late = threading.Timer((seconds or 0) + LATE, camera.close) if camera.live else None
    if late:
        late.daemon = True
        late.start()
    try:
        first: float | None = None
        while (frame := camera.read()) is not None:
            first = frame.time if first is None else first
            if seconds is not None and frame.time - first >= seconds:
                return
            yield frame.y
    finally:
        if late:
            late.cancel()


def luma_of(picture: Picture) -> Plane:
    """As `restore` has it: full-range BT.601, rounded."""
    if picture.ndim == 2:
        return picture
    luma = picture[..., :3].astype(np.float32) @ np.array(BT601_BGR, np.float32)
    return np.asarray(np.rint(luma), np.uint8)
