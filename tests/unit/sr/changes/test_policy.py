"""What decides, without a network: grid, noise, refresh, schedule."""

import math

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge_vsr.frame import Plane
from edge_vsr.sr.changes.difference import apart, apart_in_detail
from edge_vsr.sr.changes.grid import Grid, Mask
from edge_vsr.sr.changes.noise import LEAST, MOST, noise_between, threshold_for
from edge_vsr.sr.changes.refresh import REFRESH_SECONDS, Asked, tile_means, why_refresh
from edge_vsr.sr.changes.schedule import LONGEST_WAIT, scheduled
from tests.unit.sr.pictures import demo_frame


def noisy(plane: Plane, sigma: float, seed: int) -> Plane:
    return np.asarray(
        np.clip(np.rint(plane + np.random.default_rng(seed).normal(0, sigma, plane.shape)), 0, 255), np.uint8
    )


def grid(height: int = 240, width: int = 320) -> Grid:
    return Grid.of(np.zeros((height, width), np.uint8), align=8, halo=14, reach=24, channels=16)


@settings(max_examples=60, deadline=None)
@given(st.integers(64, 300), st.integers(64, 300), st.integers(0, 40), st.integers(0, 2**32 - 1))
def test_the_squares_hold_every_changed_tile(height: int, width: int, count: int, seed: int) -> None:
    one = grid(height // 8 * 8, width // 8 * 8)
    if not one.sides:
        return
    mask = np.zeros(one.shape, np.bool_)
    mask.flat[np.random.default_rng(seed).integers(0, mask.size, count)] = True
    batches = one.cover(mask)
    assert batches is not None
    held = np.zeros_like(mask)
    for batch in batches:
        assert len(batch.blocks) <= batch.count
        for block in batch.blocks:
            held[block.tiles] = True
    assert not (mask & ~held).any()
    assert one.cover(mask, one.cost(batches)) == batches
    assert not count or one.cover(mask, one.cost(batches) - 1) is None


def test_the_largest_difference_is_found_in_the_last_and_smaller_tiles_too() -> None:
    one = grid(72, 88)
    before = np.zeros((72, 88), np.uint8)
    after = before.copy()
    after[71, 87], after[0, 15] = 9, 5
    change = one.largest(apart(before, after))
    assert change.shape == (5, 6)
    assert (change[-1, -1], change[0, 0], int(change.sum())) == (9, 5, 14)


def test_light_alone_is_no_change_of_detail() -> None:
    y = demo_frame().y // 2
    assert apart(y, y + 20).max() == 20
    assert apart_in_detail(y, y + 20).max() == 0


def test_what_becomes_very_dark_is_a_change() -> None:
    bright = np.random.default_rng(0).integers(170, 256, (64, 64), np.uint8)
    dark = np.full_like(bright, 25)
    assert apart_in_detail(bright, dark).min() >= 128
    assert apart_in_detail(dark, bright).min() >= 128


@pytest.mark.parametrize("sigma", [0.0, 1.0, 2.0, 4.0])
def test_noise_is_estimated_also_where_a_part_moves(sigma: float) -> None:
    still = cv2.resize(demo_frame().y, (640, 360))
    moved = np.asarray(still.copy(), np.uint8)
    moved[:200, 300:] = np.roll(moved[:200, 300:], 5, 1)
    found = noise_between(noisy(np.asarray(still // 2 + 60, np.uint8), sigma, 1), noisy(moved // 2 + 60, sigma, 2))
    assert found == pytest.approx(sigma, rel=0.2, abs=0.1)


def test_noise_does_not_pass_the_threshold_that_follows_it() -> None:
    y = np.asarray(demo_frame(640, 360).y // 2 + 60, np.uint8)
    before, after = noisy(y, 3.0, 1), noisy(y, 3.0, 2)
    limit = threshold_for(noise_between(before, after))
    assert np.mean(grid(360, 640).largest(apart_in_detail(before, after)) > limit) < 0.02


def test_the_threshold_stays_within_its_bounds() -> None:
    assert threshold_for(0.0) == LEAST
    assert threshold_for(1000.0) == MOST


def test_the_attention_is_asked_on_time_scene_and_exposure_only() -> None:
    y = demo_frame(320, 180).y // 2
    means = tile_means(y)
    asked = Asked(100.0, means)
    assert why_refresh(asked, 100.0 + REFRESH_SECONDS / 2, means, means) is None
    assert why_refresh(asked, 100.0 + REFRESH_SECONDS, means, means) == "time"
    assert why_refresh(asked, 100.1, means, tile_means(255 - y)) == "scene"
    brighter = tile_means(y + 6)
    assert why_refresh(asked, 100.1, brighter, brighter) == "exposure", "slow, so that no two frames are far apart"
    moved = y.copy()
    moved[40:120, 60:160] = 255
    assert why_refresh(asked, 100.1, means, tile_means(moved)) is None, "an object is no scene"


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 30))
def test_no_tile_waits_longer_than_the_bound(seed: int, capacity: int) -> None:
    rng = np.random.default_rng(seed)
    step = 0.1
    since = np.full((6, 9), math.inf)
    for frame in range(60):
        now = frame * step
        change = rng.integers(0, 256, since.shape).astype(np.uint8)
        dirty = rng.random(since.shape) < 0.5
        since[dirty] = np.minimum(since[dirty], now)
        chosen = scheduled(change, now - since, lambda mask: int(mask.sum()) <= capacity)
        assert not (chosen & np.isinf(since)).any(), "only what waits is run"
        since[chosen] = math.inf
        left = np.isfinite(since)
        assert not left.any() or (now - since[left]).max() < LONGEST_WAIT


def test_the_most_changed_and_the_oldest_come_first() -> None:
    def three(mask: Mask) -> bool:
        return int(mask.sum()) <= 3

    change = np.array([[10, 200, 30, 40, 50, 60]], np.uint8)
    waits = np.array([[0.0, 0.0, 0.0, 0.0, 0.0, -math.inf]])
    assert scheduled(change, waits, three).tolist() == [[False, True, False, True, True, False]]
    old = np.array([[0.0, 0.0, 0.9, 0.0, 0.0, -math.inf]])
    assert scheduled(change, old, three).tolist() == [[False, True, True, False, True, False]]
