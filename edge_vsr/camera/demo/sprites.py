"""What moves in front of the demo camera's town."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge_vsr.camera.demo.canvas import Canvas, Colour, Yuv, to_yuv
from edge_vsr.frame import Matrix, Plane, Size

Opacity = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Sprite:
    """A cut-out: colours over black and how much of the background each sample hides."""

    over_black: Yuv
    luma_opacity: Opacity
    """0..1, (height, width)."""
    chroma_opacity: Opacity
    """0..1, (height / 2, width / 2)."""

    @property
    def size(self) -> Size:
        return Size(self.over_black.y.shape[1], self.over_black.y.shape[0])

    def onto(self, y: Plane, u: Plane, v: Plane, left: int, top: int) -> None:
        """Paste in place; `left` and `top` are even luma positions and may lie outside."""
        _blend(y, self.over_black.y, self.luma_opacity, left, top, 16)
        _blend(u, self.over_black.u, self.chroma_opacity, left // 2, top // 2, 128)
        _blend(v, self.over_black.v, self.chroma_opacity, left // 2, top // 2, 128)


def _blend(plane: Plane, colours: Plane, opacity: Opacity, left: int, top: int, zero: int) -> None:
    rows = slice(max(0, -top), min(colours.shape[0], plane.shape[0] - top))
    columns = slice(max(0, -left), min(colours.shape[1], plane.shape[1] - left))
    if rows.start >= rows.stop or columns.start >= columns.stop:
        return
    target = plane[rows.start + top : rows.stop + top, columns.start + left : columns.stop + left]
    through = (target.astype(np.float32) - zero) * (1 - opacity[rows, columns])
    target[:] = np.clip(np.rint(through + colours[rows, columns]), 0, 255)


def cut_out(draw: Callable[[Canvas], None], width: float, height: float, scale: float, matrix: Matrix) -> Sprite:
    """Draw on black and on white: what differs is where the background shows through. Sizes in units."""
    size = Size(max(2, round(width * scale / 2) * 2), max(2, round(height * scale / 2) * 2))
    on_black, on_white = Canvas(width, height, scale), Canvas(width, height, scale, (255, 255, 255))
    draw(on_black)
    draw(on_white)
    dark, light = (to_yuv(canvas.pixels, size, matrix) for canvas in (on_black, on_white))
    opacity = (1 - (light.y.astype(np.float32) - dark.y) / 219).clip(0, 1)
    half = opacity.reshape(size.height // 2, 2, size.width // 2, 2).mean(axis=(1, 3))
    return Sprite(dark, opacity, half)


def car(body: Colour, plate: str) -> Callable[[Canvas], None]:
    """A car of 92 by 40 units that drives to the right."""

    def draw(canvas: Canvas) -> None:
        dark: Colour = (body[0] // 2, body[1] // 2, body[2] // 2)
        canvas.polygon([(14, 17), (28, 2), (62, 2), (78, 17)], body)
        canvas.polygon([(19, 16), (30, 5), (43, 5), (43, 16)], (150, 120, 84))
        canvas.polygon([(47, 16), (47, 5), (60, 5), (71, 16)], (170, 142, 104))
        canvas.polygon([(2, 18), (10, 15), (80, 15), (90, 20), (91, 33), (2, 33)], body)
        canvas.line((3, 26), (90, 26), dark, 0.8)
        canvas.line((45, 17), (45, 32), dark, 0.8)
        canvas.box(85, 20, 5, 4, (190, 246, 255))
        canvas.box(2, 20, 3, 5, (40, 40, 220))
        canvas.box(51, 27.5, 26, 5, (245, 245, 245))
        canvas.text(52, 31.6, 3.6, plate, (20, 20, 20))
        for wheel in (20, 71):
            canvas.disc(wheel, 32, 7.5, (30, 30, 30))
            canvas.disc(wheel, 32, 4, (190, 190, 190))
            canvas.disc(wheel, 32, 1.4, (60, 60, 60))

    return draw


def bus(canvas: Canvas) -> None:
    """A bus of 176 by 66 units that drives to the left."""
    canvas.box(2, 4, 172, 52, (30, 190, 240))
    canvas.box(2, 36, 172, 4, (60, 60, 60))
    for window in range(8):
        canvas.box(22 + window * 19, 11, 15, 17, (120, 90, 60))
    canvas.box(4, 10, 13, 34, (150, 120, 84))
    canvas.text(26, 52, 9, "17  SUBSTATION", (40, 40, 40))
    canvas.box(2, 45, 4, 5, (190, 246, 255))
    for wheel in (34, 140):
        canvas.disc(wheel, 56, 9, (30, 30, 30))
        canvas.disc(wheel, 56, 5, (170, 170, 170))


def rotor(turn: float) -> Callable[[Canvas], None]:
    """Three blades in a box of 132 by 132 units; `turn` in radians."""

    def draw(canvas: Canvas) -> None:
        for blade in range(3):
            angle = turn + blade * 2 * math.pi / 3
            along, across = (math.cos(angle), math.sin(angle)), (-math.sin(angle), math.cos(angle))
            outline = [(0.0, -1.5), (14.0, -4.0), (63.0, -0.6), (63.0, 0.6), (12.0, 1.5), (0.0, 1.5)]
            canvas.polygon(
                [(66 + r * along[0] + s * across[0], 66 + r * along[1] + s * across[1]) for r, s in outline],
                (244, 244, 240),
            )
        canvas.disc(66, 66, 4, (200, 200, 196))

    return draw
