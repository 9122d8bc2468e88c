"""What a camera in front of another one passes on."""

from fractions import Fraction

from edge_vsr.camera.base import Camera
from edge_vsr.camera.status import CameraStatus, status_of


class WrappedCamera:
    """Another camera, for subclasses that say what becomes of its frames."""

    def __init__(self, camera: Camera) -> None:
        self._camera = camera

    @property
    def name(self) -> str:
        return self._camera.name

    @property
    def live(self) -> bool:
        return self._camera.live

    @property
    def rate(self) -> Fraction | None:
        return self._camera.rate

    @property
    def status(self) -> CameraStatus:
        return status_of(self._camera)

    def close(self) -> None:
        self._camera.close()
