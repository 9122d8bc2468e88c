import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge_vsr.clock import FakeClock
from edge_vsr.frame import Plane
from edge_vsr.sr.cells import from_cells
from edge_vsr.sr.changes.upscaler import KeptTilesUpscaler
from edge_vsr.sr.network import MARGIN, StagedNetwork, mirrored
from edge_vsr.sr.shares import Shares
from tests.unit.sr.pictures import demo_frame, noise
from tests.unit.sr.test_network import EVERY, loaded


def everything(network: StagedNetwork, y: Plane, shares: Shares) -> Plane:
    """The whole frame, attention frozen."""
    luma = mirrored(y, network.model.align)
    size = (luma.shape[0], luma.shape[1])
    context = from_cells(shares.attend(network.extract(luma, size)), network.model.align // network.model.fine)
    scale = network.model.scale
    made = network.reconstruct(context, luma, size)[MARGIN * scale :, MARGIN * scale :]
    inside: Plane = made[: y.shape[0] * scale, : y.shape[1] * scale]
    return inside


def shares_of(network: StagedNetwork, y: Plane) -> Shares:
    luma = mirrored(y, network.model.align)
    _, shares = network.attend(network.extract(luma, (luma.shape[0], luma.shape[1])))
    return shares


class Steps(FakeClock):
    """A clock on which every look takes some time."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self.seconds = seconds

    def monotonic(self) -> float:
        self.advance(self.seconds)
        return super().monotonic()


_upscalers: dict[tuple[str, str, int | None], KeptTilesUpscaler] = {}


def upscaler(model: str, runtime: str, threshold: int | None) -> KeptTilesUpscaler:
    """One for the whole module: streams of all sizes pass through it."""
    key = model, runtime, threshold
    if key not in _upscalers:
        _upscalers[key] = KeptTilesUpscaler(loaded(model, runtime), FakeClock(), threshold=threshold)
    return _upscalers[key]


@pytest.mark.parametrize(("model", "runtime"), EVERY)
@settings(max_examples=5, deadline=None, derandomize=True)
@given(st.integers(100, 230), st.integers(100, 230), st.integers(0, 2**32 - 1))
def test_with_threshold_0_a_frame_is_what_the_whole_would_be(
    model: str, runtime: str, height: int, width: int, seed: int
) -> None:
    network, rng = loaded(model, runtime), np.random.default_rng(seed)
    kept = upscaler(model, runtime, 0)
    y = demo_frame(256, 256).y[:height, :width].copy()
    np.testing.assert_array_equal(kept.luma(y), network.restore(y))
    shares, partly = shares_of(network, y), 0
    for _ in range(4):
        y = y.copy()
        for _ in range(int(rng.integers(0, 3))):
            top, left = int(rng.integers(0, height)), int(rng.integers(0, width))
            part = y[top : top + int(rng.integers(1, 20)), left : left + int(rng.integers(1, 20))]
            part[:] = rng.integers(0, 256, part.shape)
        made = kept.luma(y)
        if kept.fresh.all():
            shares = shares_of(network, y)
        partly += not kept.fresh.all()
        np.testing.assert_array_equal(made, everything(network, y, shares))


@pytest.mark.parametrize(("model", "runtime"), EVERY)
def test_only_what_changed_is_run(model: str, runtime: str) -> None:
    kept = KeptTilesUpscaler(loaded(model, runtime), FakeClock())
    y = demo_frame(320, 200).y
    first = kept.luma(y)
    assert kept.fresh.all()
    np.testing.assert_array_equal(kept.luma(y), first)
    assert not kept.fresh.any()
    moved = y.copy()
    moved[60:70, 60:70] = 255 - moved[60:70, 60:70]
    changed = kept.luma(moved)
    assert kept.fresh.any()
    assert kept.fresh.mean() < 0.4
    there = slice(60 * kept.scale, 70 * kept.scale)
    assert np.abs(changed[there, there].astype(int) - first[there, there]).mean() > 10
    far = slice(200 * kept.scale, None)
    np.testing.assert_array_equal(changed[:, far], first[:, far], err_msg="what is far off is kept")


@pytest.mark.parametrize(("change", "threshold"), [("scene", None), ("time", None), ("time", 0), ("exposure", 0)])
def test_all_is_made_anew(change: str, threshold: int | None) -> None:
    network, clock = loaded(*EVERY[0]), FakeClock()
    kept = KeptTilesUpscaler(network, clock, threshold=threshold, refresh=7.0)
    y = demo_frame(320, 200).y // 2
    kept.luma(y)
    now = {"scene": noise(200, 320), "exposure": y + 8, "time": y}[change]
    clock.advance(6.0)
    if change == "time":
        kept.luma(y)
        assert not kept.fresh.any()
        clock.advance(1.0)
    made = kept.luma(np.asarray(now, np.uint8))
    assert kept.fresh.all()
    np.testing.assert_array_equal(made, network.restore(np.asarray(now, np.uint8)))


def test_another_exposure_asks_the_attention_alone() -> None:
    network = loaded(*EVERY[0])
    kept = KeptTilesUpscaler(network, FakeClock())
    y = demo_frame(320, 200).y // 2 + 20
    before, brighter = kept.luma(y), y + 8
    after = kept.luma(brighter)
    assert not kept.fresh.any(), "detail is what it was"
    assert np.abs(after.astype(int) - before - 8).max() <= 1
    assert kept._kept is not None
    asked, told = kept._kept.shares, shares_of(network, brighter)
    np.testing.assert_array_equal(asked.channels, told.channels)
    np.testing.assert_array_equal(asked.positions, told.positions)


def test_light_that_changes_a_little_moves_bicubic_alone() -> None:
    kept = upscaler(*EVERY[0], None)
    y = demo_frame(320, 200).y // 2 + 20
    before = kept.luma(y)
    after = kept.luma(y + 2)
    assert not kept.fresh.any()
    assert np.abs(after.astype(int) - before - 2).max() <= 1


def test_noise_alone_makes_nothing_whole() -> None:
    """Neither does it where an object moves before it."""
    kept, rng = KeptTilesUpscaler(loaded(*EVERY[0]), FakeClock()), np.random.default_rng(1)
    still = demo_frame(320, 200).y // 2 + 60
    shares = []
    for frame in range(8):
        y = np.asarray(np.rint(still + rng.normal(0, 1.5, still.shape)), np.uint8)
        y[60:70, 40 + 8 * frame : 50 + 8 * frame] = 255
        kept.luma(y)
        shares.append(kept.fresh.mean())
    assert 0 < max(shares[3:]) < 0.4, f"of the tiles, once the noise is known: {shares}"


def test_a_picture_that_was_coded_anew_is_made_whole() -> None:
    """A little everywhere, and more than the threshold in one place."""
    kept, rng = KeptTilesUpscaler(loaded(*EVERY[0]), FakeClock()), np.random.default_rng(1)
    y = demo_frame(320, 200).y // 2 + 60
    for _ in range(2):
        kept.luma(y)
    again = y + rng.choice(np.array([0, 7], np.uint8), y.shape, p=[0.98, 0.02])
    kept.luma(again)
    assert not kept.fresh.any(), "all below the threshold"
    again[60:70, 60:70] = 255
    kept.luma(again)
    assert kept.fresh.all()


@pytest.mark.parametrize("threshold", [0, None])
def test_another_size_starts_anew(threshold: int | None) -> None:
    network = loaded(*EVERY[0])
    kept = upscaler(*EVERY[0], threshold)
    for height, width in [(120, 160), (160, 120), (1, 1), (30, 200), (16, 16), (120, 160)]:
        y = noise(height, width)
        np.testing.assert_array_equal(kept.luma(y), network.restore(y), err_msg=f"{width}x{height}")


def test_small_frames_are_made_whole_when_they_change() -> None:
    network = loaded(*EVERY[0])
    kept = upscaler(*EVERY[0], None)
    y = noise(20, 24)
    first = kept.luma(y)
    np.testing.assert_array_equal(kept.luma(y), first)
    assert not kept.fresh.any()
    np.testing.assert_array_equal(kept.luma(255 - y), network.restore(255 - y))


def test_what_does_not_fit_into_a_frames_time_waits_and_comes() -> None:
    clock = Steps(0.02)
    kept = KeptTilesUpscaler(loaded(*EVERY[0]), clock, threshold=0, interval=0.01, refresh=1000.0)
    y = demo_frame(320, 200).y // 2
    kept.luma(y)
    part = y.copy()
    part[:40, :40] += 30
    kept.luma(part)  # measured: too slow for the interval
    moved = np.asarray(part.copy(), np.uint8)
    moved[:90] = 255 - moved[:90]
    run = np.zeros_like(kept.fresh)
    kept.luma(moved)
    assert not kept.fresh.all(), "a part waits"
    run |= kept.fresh
    for _ in range(60):
        last = kept.luma(moved)
        run |= kept.fresh
    assert run[:6].all(), "all that changed came"
    assert not kept.fresh.any(), "and nothing more"
    assert kept._kept is not None
    np.testing.assert_array_equal(last, everything(loaded(*EVERY[0]), moved, kept._kept.shares))


def test_a_picture_is_not_changed_by_the_next() -> None:
    kept = upscaler(*EVERY[0], None)
    y = demo_frame(320, 200).y
    pictures = [kept.luma(y), kept.luma(y)]
    copies = [picture.copy() for picture in pictures]
    moved = y.copy()
    moved[50:60, 50:60] ^= 255
    kept.luma(moved)
    kept.luma(255 - y)
    for picture, copy in zip(pictures, copies, strict=True):
        np.testing.assert_array_equal(picture, copy)
