"""An upscaler that fails when told to."""

from collections.abc import Iterator

from edge_vsr.frame import Plane
from edge_vsr.sr.upscaler import Upscaler


class FaultyUpscaler:
    """Another upscaler, and a fault or None for each frame; none where they are used up."""

    def __init__(self, upscaler: Upscaler, faults: Iterator[Exception | None]) -> None:
        self._upscaler = upscaler
        self._faults = faults

    @property
    def name(self) -> str:
        return self._upscaler.name

    @property
    def scale(self) -> int:
        return self._upscaler.scale

    def luma(self, y: Plane) -> Plane:
        if fault := next(self._faults, None):
            raise fault
        return self._upscaler.luma(y)
