"""The last frame of a camera, for those who look now and then."""

from edge_vsr.camera.base import Camera
from edge_vsr.camera.wrapped import WrappedCamera
from edge_vsr.frame import Frame


class LastFrameCamera(WrappedCamera):
    """Another camera, whose last frame any thread may look at."""

    def __init__(self, camera: Camera) -> None:
        super().__init__(camera)
        self.last: Frame | None = None

    def read(self) -> Frame | None:
        frame = self._camera.read()
        if frame is not None:
            self.last = frame
        return frame
