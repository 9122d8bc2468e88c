import av
import numpy as np
import pytest
from av.video.reformatter import ColorRange

from edge_vsr.camera.convert import planes_of
from edge_vsr.frame import Matrix, Range

SIZES = [(64, 48), (33, 17), (130, 1)]


def noise(format_: str, width: int, height: int) -> av.VideoFrame:
    rng = np.random.default_rng(7)
    picture = av.VideoFrame(width, height, format_)
    for plane in picture.planes:
        plane.update(rng.integers(0, 256, plane.buffer_size, np.uint8).tobytes())
    return picture


def rows_of(picture: av.VideoFrame, index: int) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    plane = picture.planes[index]
    return np.frombuffer(bytes(plane), np.uint8).reshape(plane.height, plane.line_size)


@pytest.mark.parametrize("format_", ["yuv420p", "yuvj420p"])
@pytest.mark.parametrize(("width", "height"), SIZES)
def test_420_is_passed_on_without_a_copy(format_: str, width: int, height: int) -> None:
    picture = noise(format_, width, height)
    planes = planes_of(picture)
    assert planes.y.shape == (height, width)
    assert planes.u.shape == planes.v.shape == ((height + 1) // 2, (width + 1) // 2)
    for index, plane in enumerate((planes.y, planes.u, planes.v)):
        assert plane.ctypes.data == np.frombuffer(memoryview(picture.planes[index]), np.uint8).ctypes.data
        assert np.array_equal(plane, rows_of(picture, index)[:, : plane.shape[1]])


@pytest.mark.parametrize(("format_", "first"), [("nv12", 0), ("nv21", 1)])
@pytest.mark.parametrize(("width", "height"), SIZES)
def test_interleaved_chroma_is_only_taken_apart(format_: str, first: int, width: int, height: int) -> None:
    picture = noise(format_, width, height)
    planes = planes_of(picture)
    pairs = rows_of(picture, 1)[:, : (width + 1) // 2 * 2]
    assert np.array_equal(planes.y, rows_of(picture, 0)[:, :width])
    assert np.array_equal(planes.u, pairs[:, first::2])
    assert np.array_equal(planes.v, pairs[:, 1 - first :: 2])


@pytest.mark.parametrize("format_", ["yuvj422p", "yuv422p", "yuvj444p", "yuv444p", "yuyv422", "uyvy422"])
@pytest.mark.parametrize("range_", [ColorRange.UNSPECIFIED, ColorRange.MPEG, ColorRange.JPEG])
@pytest.mark.parametrize(("width", "height"), [(64, 48), (33, 17)])
def test_luma_is_bit_identical_when_chroma_is_resampled(
    format_: str, range_: ColorRange, width: int, height: int
) -> None:
    picture = noise(format_, width, height)
    picture.color_range = range_
    luma = rows_of(picture, 0)
    if format_ in ("yuyv422", "uyvy422"):
        luma = luma[:, 0 if format_ == "yuyv422" else 1 :: 2]
    assert np.array_equal(planes_of(picture).y, luma[:, :width])


@pytest.mark.parametrize(("format_", "level"), [("yuvj422p", 255), ("yuvj444p", 0), ("yuv422p", 3)])
def test_extreme_chroma_keeps_its_level(format_: str, level: int) -> None:
    picture = av.VideoFrame(32, 16, format_)
    for plane in picture.planes:
        plane.update(bytes([level]) * plane.buffer_size)
    planes = planes_of(picture)
    assert set(np.unique(planes.u)) | set(np.unique(planes.v)) == {level}


@pytest.mark.parametrize("height", [64, 720])
@pytest.mark.parametrize("format_", ["rgb24", "bgr24", "gbrp", "rgba", "bgr0"])
@pytest.mark.parametrize(
    ("rgb", "bt601", "bt709"),
    [
        ((255, 0, 0), (81, 90, 240), (63, 102, 240)),
        ((0, 255, 0), (145, 54, 34), (173, 42, 26)),
        ((0, 0, 255), (41, 240, 110), (32, 240, 118)),
        ((255, 255, 255), (235, 128, 128), (235, 128, 128)),
        ((0, 0, 0), (16, 128, 128), (16, 128, 128)),
    ],
)
def test_rgb_becomes_the_colours_of_the_standard(
    rgb: tuple[int, int, int], bt601: tuple[int, int, int], bt709: tuple[int, int, int], format_: str, height: int
) -> None:
    picture = av.VideoFrame.from_ndarray(np.full((height, 34, 3), rgb, np.uint8), format="rgb24")
    planes = planes_of(picture.reformat(format=format_))
    assert planes.range is Range.LIMITED
    assert planes.matrix is (Matrix.BT709 if height == 720 else Matrix.BT601)
    for plane, expected in zip((planes.y, planes.u, planes.v), bt709 if height == 720 else bt601, strict=True):
        assert np.abs(plane.astype(int) - expected).max() <= 1


def test_gray_keeps_its_luma_and_has_neutral_chroma() -> None:
    picture = noise("gray", 33, 17)
    planes = planes_of(picture)
    assert np.array_equal(planes.y, rows_of(picture, 0)[:, :33])
    assert planes.range is Range.FULL
    assert set(np.unique(planes.u)) == set(np.unique(planes.v)) == {128}


@pytest.mark.parametrize("format_", ["yuv420p10le", "yuv422p10le", "yuv444p10le"])
def test_ten_bits_become_eight(format_: str) -> None:
    picture = av.VideoFrame(33, 17, format_)
    for plane, level in zip(picture.planes, (940, 64, 512), strict=True):
        plane.update(np.full(plane.buffer_size // 2, level, np.uint16).tobytes())
    planes = planes_of(picture)
    assert {int(planes.y.min()), int(planes.y.max())} == {235}
    assert {int(planes.u.min()), int(planes.v.max())} == {16, 128}


@pytest.mark.parametrize(
    ("colorspace", "height", "matrix"),
    [
        (2, 480, Matrix.BT601),
        (2, 720, Matrix.BT709),
        (1, 480, Matrix.BT709),
        (5, 1080, Matrix.BT601),
        (6, 1080, Matrix.BT601),
    ],
)
def test_the_named_matrix_wins_over_the_usual_one(colorspace: int, height: int, matrix: Matrix) -> None:
    picture = av.VideoFrame(64, height, "yuv420p")
    picture.colorspace = colorspace
    assert planes_of(picture).matrix is matrix
