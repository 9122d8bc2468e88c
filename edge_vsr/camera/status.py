"""How a camera is doing, for metrics, the log and the status line."""

from dataclasses import dataclass, replace
from enum import Enum
from typing import Protocol, runtime_checkable

from edge_vsr.camera.base import Camera
from edge_vsr.part import CAMERA, PartStatus


class CameraState(Enum):
    OPEN = "open"
    AWAY = "away"
    """Lost; it is being reopened."""
    FROZEN = "frozen"
    """Open, and shows one picture; it will be reopened."""
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class CameraStatus:
    """Counts are of pictures, since the start."""

    state: CameraState = CameraState.OPEN
    last_error: str | None = None
    """Why the camera was last lost, without secrets; kept after it came back."""
    reopened: int = 0
    """How many times it came back."""
    failures: int = 0
    """How many times it was lost, or did not open."""
    retry_in: float = 0.0
    """Seconds until it is opened again; 0 while it is open, or is being opened."""
    corrupt: int = 0
    """Could not be decoded."""
    late: int = 0
    """Lost because the reader came too late."""
    skipped: int = 0
    """Left out on purpose, to keep the wished rate."""

    @property
    def part(self) -> PartStatus:
        """The camera as a part of a run."""
        error = None if self.state is CameraState.OPEN else self.last_error
        return PartStatus(CAMERA, self.state.value, error, self.last_error, self.failures, self.retry_in)

    def plus(self, earlier: "CameraStatus") -> "CameraStatus":
        """This status with the counts of one before a reopening added."""
        return replace(
            self,
            corrupt=self.corrupt + earlier.corrupt,
            late=self.late + earlier.late,
            skipped=self.skipped + earlier.skipped,
        )


@runtime_checkable
class _HasStatus(Protocol):
    @property
    def status(self) -> CameraStatus: ...


def status_of(camera: Camera) -> CameraStatus:
    """The status of any camera; one that keeps none is simply open. May be called from any thread."""
    return camera.status if isinstance(camera, _HasStatus) else CameraStatus()
