"""Picture n of the demo camera."""

import math

import cv2

from edge_vsr.camera.demo.canvas import UNITS, Yuv
from edge_vsr.camera.demo.number import STRIP, write_frame_number
from edge_vsr.camera.demo.sprites import bus, car, cut_out, rotor
from edge_vsr.camera.demo.town import draw_town
from edge_vsr.errors import UsageError
from edge_vsr.frame import Matrix, Plane, Size

SMALLEST = Size(64, 64)

_WHITE = 235
_STILL, _PAN = 240, 90
"""Frames that the camera stands still, and that it takes to turn."""
_PHASES = 24
"""Drawn positions of the wind wheel, a third of a turn in all."""


class Scene:
    """Draws picture n: a window into the town, what moves, a label and the number."""

    def __init__(self, size: Size) -> None:
        if size.width < SMALLEST.width or size.height < SMALLEST.height:
            raise UsageError(f"the demo camera cannot be smaller than {SMALLEST}; {size} was asked for")
        self.size = size
        self.matrix = Matrix.usual_for(size.height)
        self._scale = scale = size.height / UNITS
        even = Size(size.width + size.width % 2, size.height + size.height % 2)
        self._travel = even.width // 8 * 2
        self._town = draw_town(Size(even.width + self._travel, even.height), self.matrix)
        self._cars = [
            cut_out(car(colour, plate), 92, 42, scale, self.matrix)
            for colour, plate in (((48, 40, 196), "EV 1024"), ((170, 96, 32), "SR 540X"), ((210, 210, 214), "QP 0037"))
        ]
        self._bus = cut_out(bus, 176, 66, scale, self.matrix)
        self._rotors = [
            cut_out(rotor(turn * 2 * math.pi / 3 / _PHASES), 132, 132, scale, self.matrix) for turn in range(_PHASES)
        ]

    def picture(self, number: int) -> tuple[Plane, Plane, Plane]:
        """Luma (height, width) and two chromas (half, rounded up), fresh for every call."""
        left = self._pan(number)
        window = Yuv(*(self._window(plane, left // part, part) for plane, part in self._planes()))
        self._move(window, number, left)
        y, u, v = window.y[: self.size.height, : self.size.width], window.u, window.v
        self._label(y, u, v, number)
        write_frame_number(y, number)
        rows = u.shape[0] - math.ceil(u.shape[0] / STRIP)
        u[rows:] = v[rows:] = 128
        return y, u, v

    def _planes(self) -> tuple[tuple[Plane, int], ...]:
        return (self._town.y, 1), (self._town.u, 2), (self._town.v, 2)

    def _window(self, plane: Plane, left: int, part: int) -> Plane:
        width = (self.size.width + self.size.width % 2) // part
        return plane[:, left : left + width].copy()

    def _pan(self, number: int) -> int:
        """Where the window begins; even, so that chroma moves by whole samples."""
        turn, step = divmod(number, _STILL + _PAN)
        done = (1 - math.cos(math.pi * max(0, step - _STILL) / _PAN)) / 2
        return round(self._travel / 2 * (done if turn % 2 == 0 else 1 - done)) * 2

    def _move(self, window: Yuv, number: int, left: int) -> None:
        town = self._travel + self.size.width
        wheel = self._rotors[number % _PHASES]
        for x in range(round(236 * self._scale / 2) * 2, town, round(660 * self._scale / 2) * 2):
            wheel.onto(window.y, window.u, window.v, x - left, round(2 * self._scale / 2) * 2)
        lanes = [(self._bus, -1.7, 398, 0.2), *((one, 2.6 + 0.9 * k, 466, k / 3) for k, one in enumerate(self._cars))]
        for sprite, speed, top, start in lanes:
            loop = town + 2 * sprite.size.width
            x = int(start * loop + number * speed * self._scale) % loop - sprite.size.width
            sprite.onto(window.y, window.u, window.v, (x - left) // 2 * 2, round(top * self._scale / 2) * 2)

    def _label(self, y: Plane, u: Plane, v: Plane, number: int) -> None:
        height = round(26 * self._scale / 2) * 2
        width = round(232 * self._scale / 2) * 2
        y[:height, :width] = 30
        u[: height // 2, : width // 2] = v[: height // 2, : width // 2] = 128
        cv2.putText(
            y[:height, :width], f"edge-vsr {number:08d}", (round(6 * self._scale), round(19 * self._scale)),
            cv2.FONT_HERSHEY_SIMPLEX, 0.66 * self._scale, _WHITE, max(1, round(1.4 * self._scale)), cv2.LINE_AA,
        )  # fmt: skip
