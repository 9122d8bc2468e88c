"""The seam between cameras and the rest: `Camera`."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Protocol

from edge_vsr.frame import Frame, Size


@dataclass(frozen=True, slots=True)
class CaptureWish:
    """What the user asked of the camera. A camera comes as near as it can; `conform` does the rest."""

    size: Size | None = None
    """Frame size; None for the camera's own."""
    rate: Fraction | None = None
    """Frames a second; None for the camera's own."""


class Camera(Protocol):
    """A source of frames. Used by one thread at a time; `close` may come from another."""

    @property
    def name(self) -> str:
        """For people and logs, without secrets."""

    @property
    def live(self) -> bool:
        """True if frames arrive on their own and a late reader loses some; false for a file."""

    @property
    def rate(self) -> Fraction | None:
        """Nominal frames a second; None if the source does not say."""

    def read(self) -> Frame | None:
        """The next frame, waiting for it; None at the end.

        Raises CameraLost if a live source stopped delivering.
        """

    def close(self) -> None:
        """Let go of the device. Any number of times; a `read` under way ends soon with None or CameraLost."""
