"""What is noted beside a picture goes along, as another program reads it."""

import io
import struct
import zlib
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageCms, ImageOps

from edge_vsr.restoring.notes.base import Notes
from edge_vsr.restoring.notes.files import notes_in, with_notes
from edge_vsr.restoring.picture import read_picture, restored_file, write_picture
from edge_vsr.sr.upscaler import BicubicUpscaler

ORIENTATION, MAKER, DATE, MORE, GPS = 0x0112, 0x010F, 0x0132, 0x8769, 0x8825
WIDTH, HEIGHT, MAKERS_NOTE = 0xA002, 0xA003, 0x927C
PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
SEVERAL_SEGMENTS = PROFILE + np.random.default_rng(0).bytes(150_000)


def exif(orientation: int = 1) -> bytes:
    noted = Image.Exif()
    noted[ORIENTATION], noted[MAKER], noted[DATE] = orientation, "Mast & Co", "2026:01:02 03:04:05"
    more = noted.get_ifd(MORE)
    more[WIDTH], more[HEIGHT], more[MAKERS_NOTE] = 12, 8, b"of its own"
    noted.get_ifd(GPS).update({1: "N", 2: (47.0, 30.0, 1.5)})
    return noted.tobytes()


def scene(mode: str = "RGB") -> Image.Image:
    """Each corner another gray, so that every way up shows."""
    rows, columns = np.indices((8, 12))
    return Image.fromarray(np.asarray(40 + 8 * rows + 9 * columns, np.uint8)).convert(mode)


def saved(path: Path, image: Image.Image, **notes: Any) -> Path:
    lossless: dict[str, Any] = {"lossless": True} if path.suffix == ".webp" else {"quality": 100}
    image.save(path, **lossless, **notes)
    return path


def restored(source: Path, target: Path) -> Image.Image:
    made = restored_file(source, BicubicUpscaler())
    write_picture(target, made.picture, made.notes)
    image: Image.Image = Image.open(target)
    image.load()
    return image


@pytest.mark.parametrize("target", ["b.png", "b.jpg"])
@pytest.mark.parametrize("source", ["a.jpg", "a.png", "a.webp"])
def test_exif_profile_and_resolution_go_along(tmp_path: Path, source: str, target: str) -> None:
    noted = {"exif": exif(), "icc_profile": PROFILE, "dpi": (300, 150)}
    image = restored(saved(tmp_path / source, scene(), **noted), tmp_path / target)
    found = image.getexif()
    assert (found[MAKER], found[DATE]) == ("Mast & Co", "2026:01:02 03:04:05")
    assert found.get_ifd(GPS)[2] == (47.0, 30.0, 1.5)
    assert found.get_ifd(MORE)[MAKERS_NOTE] == b"of its own"
    assert (found.get_ifd(MORE)[WIDTH], found.get_ifd(MORE)[HEIGHT]) == image.size == (24, 16)
    assert image.info["icc_profile"] == PROFILE
    if source != "a.webp":  # which knows none
        assert image.info["dpi"] == pytest.approx((300, 150), abs=0.1)


@pytest.mark.parametrize("target", ["b.png", "b.jpg"])
def test_of_a_tiff_profile_and_resolution_go_along(tmp_path: Path, target: str) -> None:
    image = restored(saved(tmp_path / "a.tif", scene(), icc_profile=PROFILE, dpi=(300, 150)), tmp_path / target)
    assert image.info["icc_profile"] == PROFILE
    assert image.info["dpi"] == pytest.approx((300, 150), abs=0.1)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("source", ["a.jpg", "a.png", "a.webp", "a.tif"])
def test_the_way_up_is_applied_and_never_noted_again(tmp_path: Path, source: str, orientation: int) -> None:
    path = saved(tmp_path / source, scene(), exif=exif(orientation))
    with Image.open(path) as turned:
        upright = np.asarray(ImageOps.exif_transpose(turned).convert("L"), np.int16)
    assert np.abs(read_picture(path)[..., 1].astype(np.int16) - upright).max() <= 2
    image = restored(path, tmp_path / "b.png")
    assert image.size == (2 * upright.shape[1], 2 * upright.shape[0])
    assert image.getexif().get(ORIENTATION, 1) == 1


def test_a_preview_which_is_not_upright_does_not_go_along(tmp_path: Path) -> None:
    noted = Image.Exif()
    noted[ORIENTATION] = 6
    noted.get_ifd(1).update({0x0103: 6, 0x0201: 0, 0x0202: 0})
    assert noted.tobytes()
    image = restored(saved(tmp_path / "a.jpg", scene(), exif=noted), tmp_path / "b.jpg")
    assert not image.getexif().get_ifd(1)


def test_a_profile_of_cmyk_is_not_said_of_the_rgb_that_was_made_of_it(tmp_path: Path) -> None:
    cmyk = PROFILE[:16] + b"CMYK" + PROFILE[20:]
    image = restored(saved(tmp_path / "a.jpg", scene("CMYK"), icc_profile=cmyk), tmp_path / "b.png")
    assert (image.mode, image.info.get("icc_profile")) == ("RGB", None)


def test_a_long_profile_goes_along_in_several_segments(tmp_path: Path) -> None:
    source = saved(tmp_path / "a.png", scene(), icc_profile=SEVERAL_SEGMENTS)
    assert restored(source, tmp_path / "b.jpg").info["icc_profile"] == SEVERAL_SEGMENTS
    assert restored(tmp_path / "b.jpg", tmp_path / "c.png").info["icc_profile"] == SEVERAL_SEGMENTS


@pytest.mark.parametrize("target", ["b.png", "b.jpg"])
def test_a_picture_without_notes_gets_none(tmp_path: Path, target: str) -> None:
    image = restored(saved(tmp_path / "a.png", scene()), tmp_path / target)
    assert not {"exif", "icc_profile", "dpi"} & (
        image.info.keys() - {"dpi" if image.info.get("jfif_unit") == 0 else ""}
    )


def test_a_profile_that_unfolds_without_end_is_left_out() -> None:
    packed = b"x\0\0" + zlib.compress(bytes(100 << 20), 9)
    chunk = struct.pack(">I", len(packed)) + b"iCCP" + packed + bytes(4)
    assert notes_in(b"\x89PNG\r\n\x1a\n" + chunk) == Notes()


def coded(kind: str, **notes: Any) -> bytes:
    file = io.BytesIO()
    scene().save(file, kind, **notes)
    return file.getvalue()


WHOLE = {kind: coded(kind, exif=exif(6), icc_profile=PROFILE) for kind in ("JPEG", "PNG", "WEBP", "TIFF")}


@given(st.sampled_from(sorted(WHOLE)), st.data())
def test_damaged_notes_are_no_error_and_what_is_written_can_be_read(kind: str, data: st.DataObject) -> None:
    damaged = bytearray(WHOLE[kind])
    for at in data.draw(st.lists(st.integers(0, min(len(damaged), 1000) - 1), max_size=20)):
        damaged[at] = data.draw(st.integers(0, 255))
    notes = notes_in(bytes(damaged[: data.draw(st.integers(0, len(damaged)))]))
    for like in ("JPEG", "PNG"):
        image = cv2.imdecode(np.frombuffer(with_notes(coded(like), notes), np.uint8), cv2.IMREAD_COLOR)
        assert image is not None
        assert sorted(image.shape[:2]) == [8, 12]
