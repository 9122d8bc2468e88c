"""The seam between cameras and the rest: `Camera`."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal, Protocol

from edge_vsr.frame import Frame, Size

RtspTransport = Literal["tcp", "udp"]


@dataclass(frozen=True, slots=True)
class CaptureWish:
    """What the user asked of the camera. A camera comes as near as it can; `conform` does the rest."""

    size: Size | None = None
    """Frame size; None for the camera's own."""
    rate: Fraction | None = None
    """Frames a second; None for the camera's own."""
    rtsp_transport: RtspTransport = "tcp"
    """How RTSP cameras send: tcp loses nothing, udp is later by less."""
    patience: float = 10.0
    """Seconds without a frame after which a live camera counts as lost; never less than five frames of `rate`."""

    def longest_silence(self) -> float:
        """`patience` in seconds, stretched for slow cameras."""
        return max(self.patience, float(5 / self.rate)) if self.rate else self.patience


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
