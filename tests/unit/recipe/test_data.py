import math
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from models.recipe import data
from models.recipe.data import Patches, hold_out, load_pairs, make_pair, mirrored_part, read_lumas, shrink
from models.recipe.pairs import Luma
from tests.unit.recipe.networks import tiny
from tests.unit.sr.pictures import demo_frame, noise


def keys(x: float) -> float:
    """Keys' cubic kernel with a = -0.5."""
    a = abs(x)
    if a <= 1:
        return 1.5 * a**3 - 2.5 * a**2 + 1
    return -0.5 * a**3 + 2.5 * a**2 - 4 * a + 2 if a <= 2 else 0.0


def shrunk_line(line: list[float], scale: int) -> list[float]:
    """MATLAB's imresize of one line by 1 / scale, sample by sample, in its own numbers that begin at 1."""
    out = []
    for number in range(1, len(line) // scale + 1):
        centre = number * scale + 0.5 * (1 - scale)
        left = math.floor(centre - 2 * scale)
        total = weights = 0.0
        for place in range(left, left + 4 * scale + 2):
            weight = keys((centre - place) / scale) / scale
            mirrored = (place - 1) % (2 * len(line))
            total += weight * line[min(mirrored, 2 * len(line) - 1 - mirrored)]
            weights += weight
        out.append(total / weights)
    return out


def shrunk(picture: Luma, scale: int) -> Luma:
    columns = np.array([shrunk_line(list(column), scale) for column in picture.T.astype(float)]).T
    rows = np.array([shrunk_line(list(row), scale) for row in columns])
    return np.asarray(np.clip(np.rint(rows), 0, 255), np.uint8)


@pytest.mark.parametrize("scale", [2, 4])
@pytest.mark.parametrize("size", [(8, 8), (16, 24), (40, 32)])
def test_shrinking_is_matlabs(scale: int, size: tuple[int, int]) -> None:
    picture = noise(*size)
    apart = np.abs(shrink(picture, scale).astype(int) - shrunk(picture, scale))
    assert apart.max() <= 1, "more than rounding"
    assert apart.mean() < 0.01


def test_a_pair_is_cropped_to_whole_samples() -> None:
    pair = make_pair(noise(21, 33), 4)
    assert (pair.low.shape, pair.high.shape) == ((5, 8), (20, 32))


@pytest.fixture(scope="module")
def patches() -> Patches:
    # From soft pictures, whose patches can be told from their low-resolution ones.
    pictures = [cv2.GaussianBlur(demo_frame(width, 96).y, (0, 0), 2.0) for width in (128, 160)]
    return Patches([make_pair(np.asarray(one, np.uint8), 2) for one in pictures], tiny(patch=24, context=0), seed=3)


def test_a_step_gives_the_same_patches_again_and_another_one_others(patches: Patches) -> None:
    for one, other in zip(patches.batch(7, 4), patches.batch(7, 4), strict=True):
        np.testing.assert_array_equal(one, other)
    assert not np.array_equal(patches.batch(7, 4)[0], patches.batch(8, 4)[0])


def test_low_and_high_patches_show_the_same_place_the_same_way_round(patches: Patches) -> None:
    low, high = patches.batch(1, 64)
    assert (low.shape, high.shape) == ((64, 1, 24, 24), (64, 1, 48, 48))
    means = high.reshape(64, 24, 2, 24, 2).mean((2, 4))
    apart = np.abs(means - low[:, 0]).mean((1, 2))
    turned = np.abs(means[:, ::-1] - low[:, 0]).mean((1, 2))
    assert apart.max() < 2.5, f"a pair is {apart.max():.2f} levels apart in the mean"
    assert np.mean(turned > apart) > 0.9, "this test could tell"


@pytest.mark.parametrize("scale", [2, 4])
def test_a_mirrored_pair_is_still_one(scale: int) -> None:
    pair = make_pair(noise(24, 16), scale)
    low, high = mirrored_part(pair.low, -9, -5, 40), mirrored_part(pair.high, -9 * scale, -5 * scale, 40 * scale)
    np.testing.assert_array_equal(shrink(high, scale)[4:-4, 4:-4], low[4:-4, 4:-4])
    at_a_corner = np.pad(pair.low, ((9, 40), (5, 40)), "symmetric")[:40, :40]
    np.testing.assert_array_equal(low, at_a_corner, "as the product mirrors a frame")


def test_patches_lie_across_borders_too() -> None:
    outlined = np.pad(np.zeros((60, 60), np.uint8), 2, constant_values=255)
    low, _ = Patches([make_pair(outlined, 2)], tiny(patch=16, context=0), seed=3).batch(1, 100)
    across = np.mean(low[..., 3:-3, 3:-3].max((1, 2, 3)) > 200)
    assert 0.3 < across < 0.9, f"{across:.0%} of the patches"


def test_context_lies_around_the_patch_at_low_resolution_only() -> None:
    pair = make_pair(demo_frame(160, 128).y, 2)
    low, high = Patches([pair], tiny(patch=16, context=16), seed=3).batch(1, 16)
    assert (low.shape, high.shape) == ((16, 1, 48, 48), (16, 1, 32, 32))
    means = high.reshape(16, 16, 2, 16, 2).mean((2, 4))
    apart = np.abs(means - low[:, 0, 16:32, 16:32]).mean()
    elsewhere = np.abs(means - low[:, 0, :16, :16]).mean()
    assert apart < elsewhere / 3, f"{apart:.2f} levels apart in the middle, {elsewhere:.2f} in a corner"


def test_half_of_the_patches_are_in_limited_range(patches: Patches) -> None:
    low, high = patches.batch(2, 200)
    limited = [one.min() >= 15 and one.max() <= 236 and other.min() >= 15 for one, other in zip(low, high, strict=True)]
    assert sum(limited) >= 60, f"{sum(limited)} of 200"
    assert np.array_equal(low, np.rint(low)), "levels are whole numbers"


@pytest.mark.parametrize("share", [0.0, 0.25])
def test_so_many_patches_are_of_scenes(share: float) -> None:
    pictures, scenes = ([make_pair(np.full((64, width), level, np.uint8), 2)] for width, level in ((64, 10), (640, 90)))
    pairs = [*pictures, *(replace(pair, scene=True) for pair in scenes)]
    low, _ = Patches(pairs, tiny(patch=16, context=0, scenes=share), seed=3).batch(1, 400)
    of_scenes = (low.mean((1, 2, 3)) > 50).mean()
    assert abs(of_scenes - share) <= share / 4, f"{of_scenes:.0%} of the patches, {share:.0%} asked"


def test_so_many_patches_are_flat_and_of_any_level() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (64, 64), np.uint8)
    low, high = Patches([make_pair(noise, 2)], tiny(patch=16, context=0, flat=0.25), seed=3).batch(1, 400)
    flat = np.ptp(high, axis=(1, 2, 3)) == 0
    assert abs(flat.mean() - 0.25) < 0.06, f"{flat.mean():.0%} of the patches"
    assert np.array_equal(low[flat].max((1, 2, 3)), high[flat].min((1, 2, 3))), "both of a pair are of the same level"
    assert np.ptp(low[flat]) > 200, "dark and bright ones"


def test_large_pictures_are_seen_more_often() -> None:
    small, large = (make_pair(np.full((64, width), level, np.uint8), 2) for width, level in ((64, 10), (192, 90)))
    low, _ = Patches([small, large], tiny(patch=16, context=0), seed=3).batch(1, 400)
    of_the_large = (low.mean((1, 2, 3)) > 50).mean()
    assert abs(of_the_large - 0.75) < 0.08, f"{of_the_large:.0%} of the patches, 75% of the area"


def test_pairs_come_back_from_the_cache(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    for name in ("b.png", "a.png"):
        cv2.imwrite(str(folder / name), noise(32, 40))
    made = load_pairs(folder, tiny(), tmp_path)
    (folder / "a.png").unlink()
    again = load_pairs(folder, tiny(), tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data", "pictures-x2.npz"]
    for one, other in zip(made, again, strict=True):
        np.testing.assert_array_equal(one.low, other.low)
        np.testing.assert_array_equal(one.high, other.high)
        assert one.scene == other.scene
    assert any(pair.scene for pair in again)


def test_nothing_that_is_learnt_from_is_made_of_what_is_held_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(data, "added_scenes", lambda lumas, _seed: lumas[::4])
    (tmp_path / "pictures").mkdir()
    for number in range(41):
        cv2.imwrite(str(tmp_path / f"pictures/{number:02}.png"), np.full((32, 32), 6 * number, np.uint8))
    learnt, kept = hold_out(load_pairs(tmp_path / "pictures", tiny(), tmp_path))
    of_learnt, of_kept = ({int(pair.high[9, 9]) for pair in part} for part in (learnt, kept))
    assert of_kept == {0, 120, 240}
    assert len(of_learnt) == 38
    assert not of_learnt & of_kept
    assert any(pair.scene for pair in kept)


def test_a_folder_without_pictures_and_a_picture_that_is_none_end_it_with_a_line(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="no pictures"):
        list(read_lumas(tmp_path))
    (tmp_path / "a.png").write_text("hello")
    with pytest.raises(SystemExit, match=r"a.png: not a picture"):
        list(read_lumas(tmp_path))
