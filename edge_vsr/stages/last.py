"""The last frame of a camera, for those who look now and then."""

from fractions import Fraction

from edge_vsr.camera.base import Camera
from edge_vsr.camera.status import CameraStatus, status_of
from edge_vsr.frame import Frame


class LastFrameCamera:
    """Another camera, whose last frame any thread may look at."""

    def __init__(self, camera: Camera) -> None:
        self._camera = camera
        self.last: Frame | None = None

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

    def read(self) -> Frame | None:
        frame = self._camera.read()
        if frame is not None:
            self.last = frame
        return frame

    def close(self) -> None:
        self._camera.close()
