import os
import struct
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image

from edge_vsr.errors import InputError, OutputError
from edge_vsr.frame import LARGEST_SIDE, Plane
from edge_vsr.restoring.picture import Picture, read_picture, restore_picture, restored_file, write_picture
from edge_vsr.sr.engines import RUNTIMES
from edge_vsr.sr.upscaler import BicubicUpscaler, Upscaler, open_upscaler
from tests.unit.sr.pictures import farthest

BGR_TO_LUMA = np.array([0.114, 0.587, 0.299])


class Recording:
    """Passes on to another upscaler, and keeps the last luma that it gave."""

    def __init__(self, other: Upscaler) -> None:
        self.name, self.scale = other.name, other.scale
        self._other = other
        self.last = np.zeros((0, 0), np.uint8)

    def luma(self, y: Plane) -> Plane:
        self.last = self._other.luma(y)
        return self.last


def picture(height: int, width: int, channels: int | None = 3) -> Picture:
    """Soft colours with detail, far enough from black and white that nothing is clipped."""
    shape = (height, width) if channels is None else (height, width, channels)
    noise = np.random.default_rng(3).integers(80, 176, shape, np.uint8)
    return np.asarray(cv2.GaussianBlur(noise, (3, 3), 0), np.uint8).reshape(shape)


def saved(path: Path, data: np.ndarray[Any, Any]) -> Path:
    assert cv2.imwrite(str(path), data)
    return path


@pytest.mark.parametrize("channels", [None, 3, 4])
def test_a_png_comes_back_as_it_is(tmp_path: Path, channels: int | None) -> None:
    original = picture(5, 7, channels)
    write_picture(tmp_path / "a.png", original)
    np.testing.assert_array_equal(read_picture(tmp_path / "a.png"), original)


@pytest.mark.parametrize("name", ["a.jpg", "a.JPEG"])
@pytest.mark.parametrize("channels", [None, 3, 4])
@pytest.mark.parametrize("width", [2, 3, 4, 24])
def test_a_jpeg_keeps_size_and_channels_but_no_transparency(
    tmp_path: Path, name: str, channels: int | None, width: int
) -> None:
    write_picture(tmp_path / name, picture(16, width, channels))
    assert read_picture(tmp_path / name).shape == ((16, width) if channels is None else (16, width, 3))


def test_sixteen_bits_are_rounded_to_eight_for_whoever_reads_so_many(tmp_path: Path) -> None:
    deep = np.array([[0, 128, 129, 257, 385, 386, 32768, 65406, 65407, 65535]], np.uint16)
    read = read_picture(saved(tmp_path / "a.png", deep))
    assert read.dtype == np.uint8
    assert read.tolist() == [[0, 0, 1, 1, 1, 2, 128, 254, 255, 255]]


@pytest.mark.parametrize("channels", [None, 3, 4])
@pytest.mark.parametrize("source", ["a.png", "a.tif"])
def test_sixteen_bits_stay_sixteen(tmp_path: Path, source: str, channels: int | None) -> None:
    deep = np.asarray(picture(12, 9, channels).astype(np.uint16) * 257 + 100, np.uint16)
    expected = cv2.resize(deep.astype(np.float32), None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)
    made = restored_file(saved(tmp_path / source, deep), BicubicUpscaler()).picture
    write_picture(tmp_path / "b.png", made)
    read = cv2.imread(str(tmp_path / "b.png"), cv2.IMREAD_UNCHANGED)
    assert read is not None
    assert read.dtype == np.uint16
    np.testing.assert_array_equal(read, made)
    apart = np.abs(read.astype(np.float64) - expected)
    assert apart.max() <= 1.5 * 257, "what bicubic rounds of the luma that the network sees"
    assert len(np.unique(read)) > 256, "only as many levels as eight bits have"


def test_sixteen_bits_become_eight_in_a_jpeg(tmp_path: Path) -> None:
    deep = np.full((16, 16), 30_000, np.uint16)
    write_picture(tmp_path / "b.jpg", deep)
    assert abs(int(read_picture(tmp_path / "b.jpg").mean()) - 117) <= 1


def test_a_tiff_in_cmyk_is_refused(tmp_path: Path) -> None:
    Image.new("CMYK", (8, 8)).save(tmp_path / "a.tif")
    with pytest.raises(InputError, match=r"a.tif is a TIFF in CMYK; convert it to RGB first"):
        read_picture(tmp_path / "a.tif")


def test_a_jpeg_in_cmyk_is_read_as_rgb(tmp_path: Path) -> None:
    Image.new("RGB", (16, 16), (200, 100, 50)).convert("CMYK").save(tmp_path / "a.jpg", quality=100)
    assert np.abs(read_picture(tmp_path / "a.jpg").astype(int) - (50, 100, 200)).max() <= 3


def test_a_jpeg_is_read_the_way_up_that_the_camera_noted(tmp_path: Path) -> None:
    lying = np.zeros((16, 32, 3), np.uint8)
    lying[:, :16] = 255
    path = saved(tmp_path / "a.jpg", lying)
    turn_right = bytes.fromhex("ffe1002245786966 00004d4d002a00000008 0001 0112 0003 00000001 00060000 00000000")
    data = path.read_bytes()
    path.write_bytes(data[:2] + turn_right + data[2:])
    read = read_picture(path)
    assert read.shape == (32, 16, 3)
    assert read[:14].min() > 200, "what was left is on top after a turn to the right"


def test_floating_point_samples_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="float32 samples; convert it to 8 or 16 bits"):
        read_picture(saved(tmp_path / "a.tiff", np.ones((4, 4), np.float32)))


@pytest.mark.parametrize("data", [b"", b"hello", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"])
def test_what_is_no_picture_is_an_input_error(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.png").write_bytes(data)
    with pytest.raises(InputError, match=r"a.png is not a picture that can be read"):
        read_picture(tmp_path / "a.png")


@pytest.mark.parametrize("name", ["a.png", "a.jpg"])
def test_a_broken_off_picture_is_an_input_error(tmp_path: Path, name: str) -> None:
    path = saved(tmp_path / name, picture(40, 40))
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(InputError, match=f"{name} is not a picture that can be read"):
        read_picture(path)


def test_a_picture_that_is_not_there_is_an_input_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"a.png cannot be read: No such file"):
        read_picture(tmp_path / "a.png")


def test_a_failed_write_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "folder.png").mkdir()
    with pytest.raises(OutputError, match="cannot write"):
        write_picture(tmp_path / "folder.png", picture(4, 4))
    assert [path.name for path in tmp_path.iterdir()] == ["folder.png"]


@pytest.mark.parametrize("channels", [None, 3, 4])
@pytest.mark.parametrize(("height", "width"), [(1, 1), (9, 16), (31, 20)])
def test_bicubic_is_opencvs_within_a_level(height: int, width: int, channels: int | None) -> None:
    original = picture(height, width, channels)
    expected = cv2.resize(original, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)
    apart = farthest(restore_picture(original, BicubicUpscaler()), np.asarray(expected, np.uint8))
    assert apart <= 1, f"{apart} levels apart"


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_the_results_luma_is_the_networks_save_for_rounding(runtime: str) -> None:
    upscaler = Recording(open_upscaler("ear-s-x2", runtime=runtime, threads=1))
    restored = restore_picture(picture(40, 33), upscaler)
    assert 0 < restored.min() <= restored.max() < 255, "nothing is clipped"
    apart = np.abs(restored @ BGR_TO_LUMA - upscaler.last)
    # Half a level where the network's input was rounded, stretched by bicubic, and half one where the result is.
    assert apart.max() <= 1.3, f"{apart.max():.2f} levels apart"
    assert apart.mean() <= 0.5, f"{apart.mean():.2f} levels apart in the mean"


def test_a_gray_picture_in_colour_stays_gray() -> None:
    gray = picture(20, 20, None)
    restored = restore_picture(cv2.cvtColor(gray, cv2.COLOR_GRAY2BGR).astype(np.uint8), open_upscaler("ear-s-x2"))
    assert farthest(restored[..., 0], restored[..., 2]) == farthest(restored[..., 0], restored[..., 1]) == 0


def test_transparency_is_bicubic() -> None:
    original = picture(12, 14, 4)
    expected = cv2.resize(original[..., 3], None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)
    assert farthest(restore_picture(original, open_upscaler("ear-s-x2"))[..., 3], np.asarray(expected, np.uint8)) <= 1


def test_a_picture_too_large_to_be_meant_is_refused() -> None:
    with pytest.raises(InputError, match="too large"):
        restore_picture(np.zeros((1, LARGEST_SIDE + 1, 3), np.uint8), BicubicUpscaler())


def test_a_small_file_of_a_huge_picture_is_refused_before_it_is_decoded(tmp_path: Path) -> None:
    head = b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sIIBBBBB", 13, b"IHDR", 100_000, 100_000, 8, 2, 0, 0, 0)
    (tmp_path / "bomb.png").write_bytes(head + bytes(100))
    with pytest.raises(InputError, match=r"bomb\.png: a picture of 100000x100000 is too large; at most 8192 a side"):
        read_picture(tmp_path / "bomb.png")


def test_a_jpeg_that_says_late_how_large_it_is_is_refused_before_it_is_decoded(tmp_path: Path) -> None:
    data = bytearray(cv2.imencode(".jpg", picture(8, 8))[1].tobytes())
    struct.pack_into(">HH", data, data.index(b"\xff\xc0") + 5, 65535, 65535)
    profile = b"\xff\xe2\xff\xff" + bytes(65533)
    (tmp_path / "bomb.jpg").write_bytes(data[:2] + 20 * profile + data[2:])
    with pytest.raises(InputError, match="a picture of 65535x65535 is too large"):
        read_picture(tmp_path / "bomb.jpg")


def test_a_kind_that_does_not_say_how_large_it_is_is_refused_whatever_its_name(tmp_path: Path) -> None:
    size = struct.pack("<HH", 30_000, 30_000)
    head = b"GIF89a" + size + b"\x80\0\0" + bytes(6) + b"," + bytes(4) + size + b"\0"
    (tmp_path / "bomb.png").write_bytes(head + b"\x02\x02\x44\x01\0;")
    with pytest.raises(InputError, match=r"bomb\.png is not a picture that can be read"):
        read_picture(tmp_path / "bomb.png")


def test_what_has_no_end_or_is_far_too_long_is_not_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.png")
    with pytest.raises(InputError, match=r"pipe\.png is not a file"):
        read_picture(tmp_path / "pipe.png")
    with (tmp_path / "long.png").open("wb") as file:
        file.truncate(1 << 40)
    with pytest.raises(InputError, match=r"long\.png is larger than 512 MiB"):
        read_picture(tmp_path / "long.png")
