"""Luma planes that look like what cameras see."""

from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_vsr.calibration.bicubic import cubic
from edge_vsr.camera import PatternCamera
from edge_vsr.clock import FakeClock
from edge_vsr.frame import Frame, Plane, Size
from edge_vsr.sr.store import LOSSY

SATURATED = 1.5
"""Levels (root of the mean square) that OpenVINO's pictures may be away from ONNX Runtime's where its 8-bit products
saturate (docs/network.md); 0.2 to 1.1 were seen."""


def root_mean_square(apart: NDArray[np.integer]) -> float:
    return float(np.sqrt(np.mean(np.square(apart, dtype=np.float64))))


def noise(height: int, width: int) -> Plane:
    return np.random.default_rng(7).integers(0, 256, (height, width), np.uint8)


def gradient(height: int, width: int) -> Plane:
    return np.asarray(np.linspace(0, 255, height * width).reshape(height, width), np.uint8)


def text(height: int, width: int) -> Plane:
    plane = np.full((height, width), 235, np.uint8)
    for line in range(12, height, 14):
        cv2.putText(plane, "EV 1024 substation", (2, line), cv2.FONT_HERSHEY_SIMPLEX, 0.4, 16, 1, cv2.LINE_AA)
    return plane


def demo_frame(width: int = 192, height: int = 108) -> Frame:
    frame = PatternCamera(FakeClock(), size=Size(width, height)).read()
    assert frame is not None
    return frame


def made_small(plane: Plane, scale: int, source: str) -> Plane:
    """By `scale`, as networks for such sources learnt it: by area, or by antialiased bicubic."""
    if source == LOSSY:
        return np.asarray(cv2.resize(plane, None, fx=1 / scale, fy=1 / scale, interpolation=cv2.INTER_AREA), np.uint8)
    reach = 2 * scale
    taps = cubic((np.arange(2 * reach) - reach + 0.5) / scale)
    blurred = cv2.sepFilter2D(plane.astype(np.float32), -1, taps / taps.sum(), taps / taps.sum(), anchor=(reach, reach))
    return np.asarray(np.clip(np.rint(blurred[scale // 2 :: scale, scale // 2 :: scale]), 0, 255), np.uint8)


def real_looking() -> Iterator[tuple[str, Plane]]:
    """Pictures by name, of several sizes."""
    yield "demo camera", demo_frame().y
    yield "demo camera, small and odd", demo_frame(97, 65).y
    yield "noise", noise(50, 71)
    yield "gradient", gradient(64, 48)
    yield "text", text(60, 150)
    yield "checkerboard", np.asarray(np.indices((40, 40)).sum(0) % 2 * 255, np.uint8)


def farthest(a: Plane, b: Plane) -> int:
    """The largest difference, in levels."""
    assert a.shape == b.shape, f"{a.shape} is not {b.shape}"
    return int(np.abs(a.astype(int) - b).max())
