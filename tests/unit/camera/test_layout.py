import numpy as np
import pytest

from edge_vsr.camera.layout import planes_of_buffer
from edge_vsr.errors import CameraLost
from edge_vsr.frame import Plane, Size

SIZE = Size(6, 4)


def expected() -> tuple[Plane, Plane, Plane]:
    y = np.arange(24, dtype=np.uint8).reshape(4, 6)
    return y, np.arange(100, 106, dtype=np.uint8).reshape(2, 3), np.arange(200, 206, dtype=np.uint8).reshape(2, 3)


def padded(plane: Plane, stride: int) -> Plane:
    return np.pad(plane, ((0, 0), (0, stride - plane.shape[1])), constant_values=255).reshape(-1)


def buffer(layout: str, stride: int) -> Plane:
    y, u, v = expected()
    first, second = (u, v) if layout in ("YUV420", "NV12") else (v, u)
    if layout.startswith("NV"):
        chroma = [padded(np.stack([first, second], axis=2).reshape(2, 6), stride)]
    else:
        chroma = [padded(first, stride // 2), padded(second, stride // 2)]
    return np.concatenate([padded(y, stride), *chroma])


@pytest.mark.parametrize("layout", ["YUV420", "YVU420", "NV12", "NV21"])
@pytest.mark.parametrize("stride", [6, 8, 64])
def test_padding_is_left_out(layout: str, stride: int) -> None:
    planes = planes_of_buffer(buffer(layout, stride).reshape(-1, stride), layout, SIZE, stride)
    for name, plane, wanted in zip("yuv", planes, expected(), strict=True):
        assert np.array_equal(plane, wanted), f"{name} of {layout} with stride {stride}"


def test_bytes_after_the_picture_are_ignored() -> None:
    longer = np.concatenate([buffer("NV12", 8), np.zeros(100, np.uint8)])
    assert np.array_equal(planes_of_buffer(longer, "NV12", SIZE, 8)[2], expected()[2])


def test_a_short_buffer_is_a_lost_camera() -> None:
    with pytest.raises(CameraLost, match="too short"):
        planes_of_buffer(buffer("NV12", 8)[:-1], "NV12", SIZE, 8)


def test_another_layout_is_named() -> None:
    with pytest.raises(CameraLost, match="XBGR8888"):
        planes_of_buffer(np.zeros(1000, np.uint8), "XBGR8888", SIZE, 8)
