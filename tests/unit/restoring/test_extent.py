import struct

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_vsr.frame import Size
from edge_vsr.restoring.extent import extent_of

LOSSLESS_WEBP = [cv2.IMWRITE_WEBP_QUALITY, 101]


def coded(suffix: str, channels: int = 3, options: list[int] | None = None) -> bytes:
    """A picture of 300x200."""
    picture = np.random.default_rng(0).integers(0, 256, (200, 300, channels), np.uint8)
    return cv2.imencode(suffix, picture, options or [])[1].tobytes()


def decoded_size(data: bytes) -> Size:
    picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    assert picture is not None, "OpenCV does not read it"
    return Size(picture.shape[1], picture.shape[0])


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".bmp", ".webp", ".tif"])
@pytest.mark.parametrize("channels", [1, 3])
def test_every_kind_says_its_size(suffix: str, channels: int) -> None:
    assert extent_of(coded(suffix, channels)) == Size(300, 200)


def test_webp_without_loss_or_with_transparency_does() -> None:
    assert extent_of(coded(".webp", 3, LOSSLESS_WEBP)) == Size(300, 200)
    assert extent_of(coded(".webp", 4)) == Size(300, 200)


def test_a_progressive_jpeg_with_much_before_it_does() -> None:
    data = coded(".jpg", 3, [cv2.IMWRITE_JPEG_PROGRESSIVE, 1])
    preview = b"\xff\xe1" + (60_000).to_bytes(2, "big") + b"\xff\xc0" * 29_999
    assert extent_of(data[:2] + 5 * preview + data[2:]) == Size(300, 200)


@pytest.mark.parametrize("between", [b"\xff\xff\xff", b"\xff\x01\xff\xd0", b"text", b"\xff\x00text"])
def test_a_jpeg_is_read_as_decoders_read_it_where_no_segment_stands(between: bytes) -> None:
    data = coded(".jpg")
    first = 4 + int.from_bytes(data[4:6])
    data = data[:first] + between + data[first:]
    assert decoded_size(data) == Size(300, 200)
    assert extent_of(data) == Size(300, 200)


def test_of_a_tiff_that_says_two_sizes_the_one_that_decoders_take_is_known() -> None:
    data = bytearray(coded(".tif"))
    (start,) = struct.unpack_from("<I", data, 4)
    count = struct.unpack_from("<H", data, start)[0]
    directory = data[start + 2 : start + 2 + 12 * count]
    width = next(directory[at : at + 12] for at in range(0, len(directory), 12) if directory[at : at + 2] == b"\0\1")
    other = width[:8] + struct.pack("<I", 10)
    again = struct.pack("<I", len(data))
    made = bytes(data[:4] + again + data[8:] + struct.pack("<H", count + 1) + directory + other + bytes(4))
    assert decoded_size(made) == Size(300, 200)
    assert extent_of(made) == Size(300, 200)


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".bmp", ".webp", ".tif"])
@given(st.data())
def test_what_is_cut_or_harmed_is_read_without_an_error(suffix: str, data: st.DataObject) -> None:
    whole = bytearray(coded(suffix)[:2000])
    for _ in range(data.draw(st.integers(0, 5))):
        whole[data.draw(st.integers(2, len(whole) - 1))] = data.draw(st.integers(0, 255))
    extent_of(bytes(whole[: data.draw(st.integers(0, len(whole)))]))


def test_what_is_no_picture_has_none() -> None:
    assert extent_of(b"") is None
    assert extent_of(b"this is no picture") is None
    assert extent_of(coded(".ppm")) is None
