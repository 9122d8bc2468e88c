"""Frames of the wished size, at most at the wished rate."""

import math
from dataclasses import replace
from fractions import Fraction

import cv2

from edge_vsr.camera.base import Camera, CaptureWish
from edge_vsr.camera.status import CameraStatus
from edge_vsr.camera.wrapped import WrappedCamera
from edge_vsr.frame import Frame, Plane, Size


class ConformedCamera(WrappedCamera):
    """Another camera, scaled and thinned out to a wish. Frames that fit already pass untouched."""

    def __init__(self, camera: Camera, wish: CaptureWish) -> None:
        super().__init__(camera)
        self._size = wish.size
        self._wish = wish.rate
        self._skipped = 0
        self._fit(camera.rate)

    @property
    def rate(self) -> Fraction | None:
        return self._rate or self._camera.rate

    @property
    def status(self) -> CameraStatus:
        return replace(super().status, skipped=self._skipped)

    def read(self) -> Frame | None:
        """The next frame on the grid; frames between are skipped, and leave no gap in the numbers: a gap is a loss."""
        while (frame := self._camera.read()) is not None:
            if self._camera.rate != self._own:  # it came back as another
                self._fit(self._camera.rate)
            if self._grid is None or self._grid.takes(frame.time):
                kept = replace(frame, number=frame.number - self._skipped) if self._skipped else frame
                return scaled(kept, self._size) if self._size else kept
            self._skipped += 1
        return None

    def _fit(self, own: Fraction | None) -> None:
        self._own = own
        self._rate = self._wish if self._wish and (own is None or self._wish < own) else None
        self._grid = TimeGrid(self._rate, own) if self._rate else None


class TimeGrid:
    """Even slots in time, one frame each. Which frame gets the slot does not hang on small jitter."""

    def __init__(self, rate: Fraction, source_rate: Fraction | None) -> None:
        """`rate` in slots a second; `source_rate` in frames a second, if known."""
        self._rate = float(rate)
        # Slots begin about midway between two source frames, where jitter matters least. Not just midway: there
        # the frames of 3:2 stand.
        self._early = float(rate / source_rate) * 0.4 if source_rate else 0.25
        self._start: float | None = None
        self._slot = -1

    def takes(self, time: float) -> bool:
        """True for the first frame of each slot; `time` in seconds."""
        if self._start is None:
            self._start = time
        slot = math.floor((time - self._start) * self._rate + self._early)
        if slot <= self._slot:
            return False
        self._slot = slot
        return True


def scaled(frame: Frame, size: Size) -> Frame:
    """The frame at `size`, its shape stretched if need be: area averaging down, cubic up."""
    if frame.size == size:
        return frame
    half = Size((size.width + 1) // 2, (size.height + 1) // 2)
    return replace(frame, y=_resize(frame.y, size), u=_resize(frame.u, half), v=_resize(frame.v, half))


def _resize(plane: Plane, size: Size) -> Plane:
    smaller = size.width <= plane.shape[1] and size.height <= plane.shape[0]
    way = cv2.INTER_AREA if smaller else cv2.INTER_CUBIC
    return cv2.resize(plane, (size.width, size.height), interpolation=way)  # type: ignore[return-value]
