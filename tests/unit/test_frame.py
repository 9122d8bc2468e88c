from dataclasses import replace

import numpy as np
import pytest

from edge_vsr.camera.fake import gray_frame
from edge_vsr.frame import Matrix, Size


@pytest.mark.parametrize("size", [Size(64, 48), Size(65, 49), Size(1, 1), Size(2, 1)])
def test_a_frame_of_any_size_knows_its_size(size: Size) -> None:
    frame = gray_frame(size=size)
    assert (frame.size, frame.width, frame.height) == (size, size.width, size.height)


@pytest.mark.parametrize("plane", ["u", "v"])
@pytest.mark.parametrize("shape", [(48, 64), (24, 31), (23, 32), (24 * 32,)])
def test_planes_that_do_not_fit_together_are_refused(plane: str, shape: tuple[int, ...]) -> None:
    frame = gray_frame(size=Size(64, 48))
    with pytest.raises(ValueError, match="not one 4:2:0 picture"):
        replace(frame, **{plane: np.zeros(shape, np.uint8)})  # type: ignore[arg-type]


def test_luma_must_be_one_plane() -> None:
    with pytest.raises(ValueError, match="not one 4:2:0 picture"):
        replace(gray_frame(size=Size(64, 48)), y=np.zeros((48, 64, 1), np.uint8))


def test_the_usual_matrix_changes_at_high_definition() -> None:
    assert [Matrix.usual_for(height) for height in (480, 719, 720, 1080)] == [
        Matrix.BT601,
        Matrix.BT601,
        Matrix.BT709,
        Matrix.BT709,
    ]


@pytest.mark.parametrize(
    ("text", "size"), [("960x540", Size(960, 540)), ("1X1", Size(1, 1)), ("0064x48", Size(64, 48))]
)
def test_a_size_is_read(text: str, size: Size) -> None:
    assert Size.parse(text) == size


@pytest.mark.parametrize("size", [Size(960, 540), Size(1, 1)])
def test_a_size_reads_back_what_it_prints(size: Size) -> None:
    assert Size.parse(str(size)) == size


@pytest.mark.parametrize(
    "text", ["", "x", "960", "960x", "x540", "960x540x3", "-1x5", "9.5x5", "960 x 540", "٣x٣", "²x2"]
)
def test_what_is_no_size_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="960x540"):
        Size.parse(text)


@pytest.mark.parametrize("text", ["0x0", "0x540", "960x0"])
def test_a_size_without_pixels_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no pixels"):
        Size.parse(text)


def test_times_scales_both_sides() -> None:
    assert Size(320, 180).times(2) == Size(640, 360)
