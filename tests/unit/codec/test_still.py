import io

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from edge_vsr.codec.still import jpeg
from edge_vsr.frame import Frame, Matrix, Range


def flat(value: int, kind: Range, width: int = 64, height: int = 48) -> Frame:
    y: NDArray[np.uint8] = np.full((height, width), value, np.uint8)
    half: NDArray[np.uint8] = np.full(((height + 1) // 2, (width + 1) // 2), 128, np.uint8)
    return Frame(y, half, half, Matrix.BT709, kind, 0, 0.0, 0.0)


def opened(data: bytes) -> av.VideoFrame:
    with av.open(io.BytesIO(data), format="jpeg_pipe") as container:
        assert isinstance(container, av.container.InputContainer)
        return next(container.decode(video=0))


@pytest.mark.parametrize(
    ("value", "kind", "expected"),
    [(235, Range.LIMITED, 255), (16, Range.LIMITED, 0), (255, Range.FULL, 255), (100, Range.FULL, 100)],
)
def test_a_still_is_a_jpeg_in_full_range(value: int, kind: Range, expected: int) -> None:
    data = jpeg(flat(value, kind))
    assert data.startswith(b"\xff\xd8")
    assert data.endswith(b"\xff\xd9")
    picture = opened(data)
    assert (picture.width, picture.height) == (64, 48)
    assert picture.to_ndarray(format="yuvj420p")[:48].mean() == pytest.approx(expected, abs=2)


def test_an_odd_size_keeps_its_size() -> None:
    picture = opened(jpeg(flat(100, Range.FULL, 65, 47)))
    assert (picture.width, picture.height) == (65, 47)
