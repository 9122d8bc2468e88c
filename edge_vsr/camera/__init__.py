"""Cameras of every kind behind one interface; `open_camera` is the door."""

from edge_vsr.camera.address import CameraAddress, CameraKind, parse_camera
from edge_vsr.camera.base import Camera, CaptureWish
from edge_vsr.camera.demo.number import read_frame_number
from edge_vsr.camera.open import open_camera
from edge_vsr.camera.pattern import PatternCamera
from edge_vsr.camera.status import CameraState, CameraStatus, status_of

__all__ = [
    "Camera",
    "CameraAddress",
    "CameraKind",
    "CameraState",
    "CameraStatus",
    "CaptureWish",
    "PatternCamera",
    "open_camera",
    "parse_camera",
    "read_frame_number",
    "status_of",
]
