"""Drawing in units, and the way from drawn colours to YUV."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_vsr.frame import Matrix, Plane, Size

Colour = tuple[int, int, int]
"""Blue, green, red."""

UNITS = 540
"""Everything is measured in units of 1/540 of the picture's height, from the top left."""
_FINE = 2
"""Drawn this many times larger and averaged down, so that edges are as smooth as a lens makes them."""


@dataclass(frozen=True, slots=True)
class Yuv:
    """A picture of even size in limited range."""

    y: Plane
    u: Plane
    v: Plane


class Canvas:
    """OpenCV drawing in units instead of pixels."""

    def __init__(self, width: float, height: float, scale: float, colour: Colour = (0, 0, 0)) -> None:
        """`width` and `height` in units, `scale` in pixels a unit."""
        self.scale = scale * _FINE
        self.pixels = np.full((round(height * self.scale), round(width * self.scale), 3), colour, np.uint8)

    def point(self, x: float, y: float) -> tuple[int, int]:
        return round(x * self.scale), round(y * self.scale)

    def box(self, x: float, y: float, width: float, height: float, colour: Colour) -> None:
        left, top = self.point(x, y)
        right, bottom = self.point(x + width, y + height)
        self.pixels[max(0, top) : max(0, bottom), max(0, left) : max(0, right)] = colour

    def polygon(self, corners: list[tuple[float, float]], colour: Colour) -> None:
        points = np.array([self.point(x, y) for x, y in corners], np.int32)
        cv2.fillPoly(self.pixels, [points], colour, cv2.LINE_AA)

    def line(self, start: tuple[float, float], end: tuple[float, float], colour: Colour, width: float = 1.0) -> None:
        thick = max(1, round(width * self.scale))
        cv2.line(self.pixels, self.point(*start), self.point(*end), colour, thick, cv2.LINE_AA)

    def disc(self, x: float, y: float, radius: float, colour: Colour) -> None:
        cv2.circle(self.pixels, self.point(x, y), max(1, round(radius * self.scale)), colour, -1, cv2.LINE_AA)

    def text(self, x: float, y: float, size: float, text: str, colour: Colour) -> None:
        """`y` is the base line, `size` the height of a capital."""
        thick = max(1, round(size * self.scale / 9))
        cv2.putText(
            self.pixels, text, self.point(x, y), cv2.FONT_HERSHEY_SIMPLEX, size * self.scale / 22, colour, thick,
            cv2.LINE_AA,
        )  # fmt: skip

    def grain(
        self, x: float, y: float, width: float, height: float, amount: float, seed: int, fade: bool = False
    ) -> None:
        """Roughen a box with noise of `amount` levels and a grain of one unit; `fade` begins with none at the top."""
        left, top = self.point(x, y)
        right, bottom = self.point(x + width, y + height)
        patch = self.pixels[top:bottom, left:right]
        rows, columns = max(1, round(height)), max(1, round(width))
        coarse = np.random.default_rng(seed).normal(0, amount, (rows, columns)).astype(np.float32)
        if fade:
            coarse *= np.linspace(0, 1, rows, dtype=np.float32)[:, None]
        noise = cv2.resize(coarse, (patch.shape[1], patch.shape[0]), interpolation=cv2.INTER_LINEAR)
        patch[:] = np.clip(patch + noise[:, :, None], 0, 255).astype(np.uint8)

    def shade(self, x: float, y: float, luma: NDArray[np.float64]) -> None:
        """Paste a gray picture (height, width) of 0..1 with its top left at `x`, `y`."""
        left, top = self.point(x, y)
        patch = self.pixels[top : top + luma.shape[0], left : left + luma.shape[1]]
        patch[:] = (luma[: patch.shape[0], : patch.shape[1], None] * 255).astype(np.uint8)

    def grid(self, width: float, height: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """x and y in units over a box of that size."""
        rows, columns = max(1, round(height * self.scale)), max(1, round(width * self.scale))
        y, x = np.mgrid[0:rows, 0:columns] / self.scale
        return x, y


def to_yuv(bgr: Plane, size: Size, matrix: Matrix) -> Yuv:
    """`bgr` (any height, any width, 3) at `size` (even), in limited range."""
    small = cv2.resize(bgr, (size.width, size.height), interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    red, blue = (0.299, 0.114) if matrix is Matrix.BT601 else (0.2126, 0.0722)
    luma = red * small[:, :, 2] + (1 - red - blue) * small[:, :, 1] + blue * small[:, :, 0]
    half = (size.width // 2, size.height // 2)
    cb, cr = (
        cv2.resize((small[:, :, channel] - luma) / (2 * (1 - weight)), half, interpolation=cv2.INTER_AREA)
        for channel, weight in ((0, blue), (2, red))
    )
    return Yuv(
        np.rint(16 + 219 * luma).astype(np.uint8),
        np.rint(128 + 224 * cb).astype(np.uint8),
        np.rint(128 + 224 * cr).astype(np.uint8),
    )
