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
