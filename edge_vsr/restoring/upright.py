"""Pictures the way up that a camera noted beside them, in the display matrix of a video."""

from dataclasses import dataclass
from typing import Self

import av
import numpy as np
from av.sidedata.sidedata import SideData, Type

from edge_vsr.camera.convert import Planes
from edge_vsr.frame import Plane


@dataclass(frozen=True, slots=True)
class Turn:
    """One of the eight ways up: rows and columns changed for each other first, then each of them turned round."""

    transposed: bool = False
    rows: bool = False
    columns: bool = False

    @classmethod
    def of(cls, picture: av.VideoFrame) -> Self:
        """What sets `picture` upright; angles between are rounded to a quarter turn.

        Source: libavutil/display.h, where (x, y) is shown at (a x + c y, b x + d y).
        """
        noted: SideData | None = picture.side_data.get(Type.DISPLAYMATRIX)  # type: ignore[call-overload]
        if noted is None:
            return cls()
        a, b, _, c, d = (int(n) for n in np.frombuffer(memoryview(noted), np.int32)[:5])
        if abs(a) + abs(d) >= abs(b) + abs(c):
            return cls(rows=d < 0, columns=a < 0)
        return cls(transposed=True, rows=b < 0, columns=c < 0)

    def planes(self, planes: Planes) -> Planes:
        """The same object where nothing is to be turned, else a copy."""
        if self == Turn():
            return planes
        y, u, v = (self._plane(plane) for plane in (planes.y, planes.u, planes.v))
        return Planes(y, u, v, planes.matrix, planes.range)

    def _plane(self, plane: Plane) -> Plane:
        plane = plane.T if self.transposed else plane
        step = slice(None, None, -1)
        return np.ascontiguousarray(plane[step if self.rows else slice(None), step if self.columns else slice(None)])
