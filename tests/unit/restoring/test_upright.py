from collections.abc import Sequence
from pathlib import Path

import av
import numpy as np
import pytest

from edge_vsr.camera.convert import Planes
from edge_vsr.frame import Matrix, Range, Size
from edge_vsr.restoring.source import VideoFile
from edge_vsr.restoring.upright import Turn
from tests.unit.restoring.videos import frame, packed, read_video, write_video

ONE = 65536
PLANE = np.arange(6, dtype=np.uint8).reshape(2, 3)
PLANES = Planes(PLANE, PLANE[:1, :2], PLANE[:1, :2], Matrix.BT601, Range.LIMITED)


def noted(path: Path, matrix: Sequence[int]) -> Turn:
    """What is made of a file whose display matrix begins with a, b, c and d."""
    a, b, c, d = matrix
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=10)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        stream.set_display_matrix([a, b, 0, c, d, 0, 0, 0, 1 << 30])
        container.mux(stream.encode(av.VideoFrame.from_ndarray(packed(frame(0)), format="yuv420p")))
        container.mux(stream.encode())
    return Turn.of(read_video(path)[0])


@pytest.mark.parametrize(("a", "d"), [(1, 1), (1, -1), (-1, 1), (-1, -1)])
@pytest.mark.parametrize("aside", [False, True])
def test_every_sample_goes_where_the_matrix_says(tmp_path: Path, a: int, d: int, aside: bool) -> None:
    matrix = (0, a * ONE, d * ONE, 0) if aside else (a * ONE, 0, 0, d * ONE)
    turned = noted(tmp_path / "a.mp4", matrix).planes(PLANES).y
    shown = {}
    for row, column in np.ndindex(PLANE.shape):
        x, y = (d * row, a * column) if aside else (a * column, d * row)
        shown[y, x] = int(PLANE[row, column])
    top, left = min(y for y, _ in shown), min(x for _, x in shown)
    assert {place: int(turned[place[0] - top, place[1] - left]) for place in shown} == shown


def test_what_needs_no_turn_is_not_copied() -> None:
    assert Turn().planes(PLANES) is PLANES


@pytest.mark.parametrize(("degrees", "size"), [(90, Size(48, 64)), (180, Size(64, 48)), (-90, Size(48, 64))])
def test_a_video_comes_upright(tmp_path: Path, degrees: int, size: Size) -> None:
    """Each is turned to the left, as FFmpeg's programs would show it."""
    path = write_video(tmp_path / "a.mp4", 2, turned=degrees)
    with VideoFile(path) as video:
        assert video.about.sizes == (size,)
        first, _ = video
    stored = read_video(path)[0].to_ndarray()[:48]
    np.testing.assert_array_equal(first.y, np.rot90(stored, degrees // 90))
