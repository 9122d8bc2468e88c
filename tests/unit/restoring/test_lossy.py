from pathlib import Path

import cv2
import numpy as np
import pytest

from edge_vsr.restoring.lossy import is_lossy, is_lossy_picture
from edge_vsr.restoring.plan import Plan, plan
from tests.unit.restoring.videos import write_video


def planned(source: object) -> Plan:
    return plan(str(source), str(Path(str(source)).parent / "out") if "://" not in str(source) else "out.mp4")


def picture(path: Path, *options: int) -> Path:
    cv2.imwrite(str(path), np.arange(48 * 3, dtype=np.uint8).reshape(6, 8, 3), options)
    return path


@pytest.mark.parametrize(
    ("name", "quality", "lossy"),
    [
        ("a.jpg", (), True),
        ("a.png", (), False),
        ("a.bmp", (), False),
        ("a.tif", (), False),
        ("a.webp", (cv2.IMWRITE_WEBP_QUALITY, 80), True),
        ("a.webp", (cv2.IMWRITE_WEBP_QUALITY, 101), False),
    ],
)
def test_a_picture_tells_by_its_first_bytes(tmp_path: Path, name: str, quality: tuple[int, ...], lossy: bool) -> None:
    assert is_lossy_picture(picture(tmp_path / name, *quality)) is lossy


def test_what_a_picture_is_called_does_not_count(tmp_path: Path) -> None:
    assert is_lossy_picture(picture(tmp_path / "a.jpg").rename(tmp_path / "a.png"))
    assert not is_lossy_picture(tmp_path / "missing.jpg")


@pytest.mark.parametrize(
    ("name", "codec", "lossy"),
    [
        ("a.mp4", "libx264", True),
        ("a.ts", "libx264", True),
        ("a.y4m", "wrapped_avframe", False),
        ("a.mkv", "ffv1", False),
        ("a.mkv", "rawvideo", False),
    ],
)
def test_a_video_tells_by_its_codec(tmp_path: Path, name: str, codec: str, lossy: bool) -> None:
    assert is_lossy(planned(write_video(tmp_path / name, 3, codec=codec))) is lossy


@pytest.mark.parametrize("source", ["rtsp://camera/a", "https://host/index.m3u8"])
def test_what_comes_over_a_network_was_coded(source: str) -> None:
    assert is_lossy(planned(source))


def test_what_is_no_video_is_for_its_reader_to_refuse(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_text("this is no video")
    assert is_lossy(planned(tmp_path / "a.mp4"))


@pytest.mark.parametrize(
    ("names", "lossy"),
    [
        (("a.png", "b.bmp"), False),
        (("a.png", "b.jpg"), True),
        (("a.png", "c.mp4"), True),
        (("a.png", "c.y4m"), False),
        (("a.png", ".b.jpg", "notes.txt"), False),
        ((), True),
    ],
)
def test_one_that_lost_something_makes_the_folder_so(tmp_path: Path, names: tuple[str, ...], lossy: bool) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for name in names:
        match Path(name).suffix:
            case ".mp4":
                write_video(folder / name, 3)
            case ".y4m":
                write_video(folder / name, 3, codec="wrapped_avframe")
            case ".txt":
                (folder / name).write_text("")
            case _:
                picture(folder / name)
    assert is_lossy(plan(str(folder), str(tmp_path / "out"))) is lossy
