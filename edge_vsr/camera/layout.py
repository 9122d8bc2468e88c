"""Planes of a raw camera buffer, without its padding."""

import numpy as np

from edge_vsr.errors import CameraLost
from edge_vsr.frame import Plane, Size


def planes_of_buffer(buffer: Plane, layout: str, size: Size, stride: int) -> tuple[Plane, Plane, Plane]:
    """Take apart one 4:2:0 picture of even size.

    `buffer` is uint8 of any shape, `stride` the bytes from one luma row to the next, `layout` libcamera's name:
    YUV420, YVU420, NV12 or NV21. Returns y (height, width), u and v (height / 2, width / 2); luma is a view.
    Raises CameraLost for a buffer that is too short or a layout that is not 4:2:0.
    """
    flat = buffer.reshape(-1)
    rows, half_rows, half = size.height, size.height // 2, size.width // 2
    if layout not in ("YUV420", "YVU420", "NV12", "NV21"):
        raise CameraLost(f"the camera sends {layout}, which is not 4:2:0; ask for another size")
    if flat.size < stride * (rows + half_rows):
        raise CameraLost(f"a picture of {flat.size} bytes is too short for {size} with rows of {stride}")
    y = flat[: stride * rows].reshape(rows, stride)[:, : size.width]
    chroma = flat[stride * rows : stride * (rows + half_rows)]
    if layout.startswith("NV"):
        pairs = chroma.reshape(half_rows, stride)[:, : half * 2]
        first, second = np.ascontiguousarray(pairs[:, 0::2]), np.ascontiguousarray(pairs[:, 1::2])
    else:
        both = chroma.reshape(2, half_rows, stride // 2)[:, :, :half]
        first, second = both[0], both[1]
    return (y, first, second) if layout in ("YUV420", "NV12") else (y, second, first)
