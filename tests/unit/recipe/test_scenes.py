from pathlib import Path

import cv2
import numpy as np
import pytest

from models.recipe.scenes import added_scenes, blurred, fonts, night, page, with_text
from tests.unit.recipe.networks import luma


def sharpness(picture: np.ndarray) -> float:
    return float(np.abs(cv2.Laplacian(picture.astype(np.float32), cv2.CV_32F)).mean())


def test_text_changes_a_part_of_the_picture() -> None:
    flat = np.full((200, 300), 120, np.uint8)
    written = with_text(flat, np.random.default_rng(1), fonts(), lines=4)
    share = np.mean(written != flat)
    assert 0.01 < share < 0.9, f"{share:.0%} of the samples were written on"


def test_night_is_dark_and_noisy() -> None:
    dark = night(np.full((64, 64), 200, np.uint8), np.random.default_rng(2))
    assert dark.mean() < 140
    assert dark.std() > 0.3


@pytest.mark.parametrize("seed", range(6))
def test_blur_takes_detail_and_leaves_brightness(seed: int) -> None:
    sharp = luma()
    soft = blurred(sharp, np.random.default_rng(seed))
    assert sharpness(soft) < sharpness(sharp)
    assert abs(float(soft.mean()) - float(sharp.mean())) < 2


def test_a_page_is_full_of_text() -> None:
    assert sharpness(page(np.random.default_rng(3), fonts())) > 5


def test_the_same_seed_makes_the_same_scenes() -> None:
    pictures = [luma()] * 16
    for one, other in zip(added_scenes(pictures, 5), added_scenes(pictures, 5), strict=True):
        np.testing.assert_array_equal(one, other)
    assert len(list(added_scenes(pictures, 5))) == 6, "one of every fourth picture, and a page for every second of them"


def test_without_fonts_the_message_says_what_to_install(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match=r"no fonts; apt-get install fonts-dejavu"):
        fonts(tmp_path)
