"""The true pictures: a clip's frames, cut so that half of them can be coded, and how they are made small."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from edge_vsr.frame import Plane

SCALE = 2
Planes = tuple[Plane, Plane, Plane]
"""Luma, and two chroma planes of half its sides."""
Shrink = Callable[[Plane], Plane]


@dataclass(frozen=True, slots=True)
class Clip:
    """Some frames of a video, decoded."""

    name: str
    rate: Fraction
    frames: tuple[Planes, ...]

    @property
    def height(self) -> int:
        return self.frames[0][0].shape[0]

    @property
    def width(self) -> int:
        return self.frames[0][0].shape[1]

    @property
    def seconds(self) -> float:
        return float(len(self.frames) / self.rate)

    def bits_a_sample(self, kbits: float) -> float:
        """A rate in bits a luma sample of the full size."""
        return kbits * 1000 / (self.width * self.height * float(self.rate))


def read_clip(path: Path, most: int) -> Clip:
    """The first `most` frames, without the last columns and rows that do not divide by four."""
    frames: list[Planes] = []
    with av.open(str(path)) as container:
        rate = container.streams.video[0].average_rate
        for picture in container.decode(video=0):
            frames.append(_cut(planes_of(picture)))
            if len(frames) == most:
                break
    if not frames or not rate:
        raise SystemExit(f"{path}: no frames, or no frame rate")
    return Clip(path.stem, rate, tuple(frames))


def planes_of(picture: av.VideoFrame) -> Planes:
    """A decoded picture of even sides as 4:2:0."""
    packed = picture.reformat(format="yuv420p").to_ndarray()
    height, width = picture.height, picture.width
    chroma = packed[height:].reshape(-1)
    u, v = np.split(chroma[: height * width // 2], 2)
    half = (height // 2, width // 2)
    return packed[:height], u.reshape(half), v.reshape(half)


def packed(planes: Planes) -> NDArray[np.uint8]:
    """As PyAV takes yuv420p."""
    return np.concatenate([plane.reshape(-1) for plane in planes]).reshape(-1, planes[0].shape[1])


def _cut(planes: Planes) -> Planes:
    height, width = (side // (2 * SCALE) * 2 * SCALE for side in planes[0].shape)
    y, u, v = planes
    half = np.s_[: height // 2, : width // 2]
    return np.ascontiguousarray(y[:height, :width]), np.ascontiguousarray(u[half]), np.ascontiguousarray(v[half])


def area(plane: Plane) -> Plane:
    """What the `low` rung does, stages.prepare.halved."""
    return _resized(plane, cv2.INTER_AREA)


def prefiltered(plane: Plane) -> Plane:
    """Area of a picture that was smoothed a little first: less of what folds over."""
    return area(np.asarray(cv2.GaussianBlur(plane, (3, 3), 0.5), np.uint8))


def cubic(plane: Plane) -> Plane:
    """Catmull-Rom, widened to twice its support (Keys, 1981), as most tools make pictures small."""
    return _separable(plane, _CUBIC)


def lanczos(plane: Plane) -> Plane:
    """Three lobes, widened to twice their support (Duchon, 1979)."""
    return _separable(plane, _LANCZOS)


SHRINKS: Mapping[str, Shrink] = {"area": area, "prefiltered area": prefiltered, "bicubic": cubic, "lanczos": lanczos}


def _resized(plane: Plane, how: int) -> Plane:
    return np.asarray(cv2.resize(plane, None, fx=1 / SCALE, fy=1 / SCALE, interpolation=how), np.uint8)


def _kernel(weight: Callable[[NDArray[np.float64]], NDArray[np.float64]], lobes: int) -> NDArray[np.float32]:
    taps = (np.arange(2 * SCALE * lobes) - SCALE * lobes + 0.5) / SCALE
    weights = weight(taps)
    return np.asarray(weights / weights.sum(), np.float32)


def _keys(x: NDArray[np.float64]) -> NDArray[np.float64]:
    x = np.abs(x)
    return np.where(x <= 1, 1.5 * x**3 - 2.5 * x**2 + 1, -0.5 * x**3 + 2.5 * x**2 - 4 * x + 2)


_CUBIC = _kernel(_keys, 2)
_LANCZOS = _kernel(lambda x: np.sinc(x) * np.sinc(x / 3), 3)


def _separable(plane: Plane, kernel: NDArray[np.float32]) -> Plane:
    """Every second sample between two of `plane`, the border mirrored."""
    margin = len(kernel) // 2 - 1
    wide = cv2.copyMakeBorder(plane, *(margin,) * 4, cv2.BORDER_REFLECT).astype(np.float32)
    anchor = (margin, margin)
    smooth = cv2.sepFilter2D(wide, cv2.CV_32F, kernel, kernel, anchor=anchor)
    inside = smooth[margin : margin + plane.shape[0] : SCALE, margin : margin + plane.shape[1] : SCALE]
    return np.asarray(np.clip(np.rint(inside), 0, 255), np.uint8)
