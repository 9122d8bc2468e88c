"""Frames up to 3840x2160, odd ones among them, by every released model: tiles in both engines, byte for byte.

Takes a minute or two and 2 GiB of memory.
"""

import cv2
import numpy as np
import pytest

from edge_vsr.clock import FakeClock
from edge_vsr.frame import Plane, Size
from edge_vsr.sr.budget import usual_tile
from edge_vsr.sr.changes.upscaler import KeptTilesUpscaler
from edge_vsr.sr.engines import RUNTIMES, open_runtime, usable_cpus
from edge_vsr.sr.network import StagedNetwork
from edge_vsr.sr.onnx import products_saturate
from edge_vsr.sr.store import bundled_store
from tests.unit.sr.changes.test_upscaler import everything, shares_of
from tests.unit.sr.pictures import SATURATED, demo_frame, root_mean_square

MODELS = list(bundled_store().models)
SIZES = {(2160, 3840): (720, 1296), (1081, 1921): (288, 656), (16, 3839): (16, 512), (2159, 17): (400, 64)}
"""Height and width of frames, and rows and columns of tiles that do not cut them evenly."""


def sizes_for(model: str) -> dict[tuple[int, int], tuple[int, int]]:
    """All; for x4, where ONNX Runtime needs its exact kernels, without the largest: results of 133 million samples
    would take half an hour more. The next are of 7684x4324."""
    largest = next(iter(SIZES))
    slow = products_saturate() and bundled_store().find(model).scale == 4
    return {size: tile for size, tile in SIZES.items() if not (slow and size == largest)}


def loaded(model: str, runtime: str) -> StagedNetwork:
    store = bundled_store()
    return StagedNetwork.load(store, store.find(model), open_runtime(runtime), usable_cpus())


def picture(height: int, width: int) -> Plane:
    """The demo camera's scene with noise on it: no two tiles are alike."""
    scene = cv2.resize(demo_frame(1280, 720).y, (width, height), interpolation=cv2.INTER_CUBIC)
    noise = np.random.default_rng(height).integers(0, 8, scene.shape, np.uint8)
    return np.asarray(cv2.add(scene, noise), np.uint8)


def assert_same(made: Plane, expected: Plane, what: str) -> None:
    apart = np.argwhere(made != expected)
    assert not len(apart), f"{what}: {len(apart)} samples differ, the first at {apart[0]}"


@pytest.mark.timeout(1800)  # ear-l-x4 on two threads without VNNI, beside other stages
@pytest.mark.parametrize("model", MODELS)
def test_large_frames_are_the_same_by_any_tiles_in_either_engine(model: str) -> None:
    """Usual are whole frames in OpenVINO and rows of them in ONNX Runtime."""
    networks = {runtime: loaded(model, runtime) for runtime in RUNTIMES}
    for (height, width), tile in sizes_for(model).items():
        y, made = picture(height, width), {}
        for runtime, network in networks.items():
            usual = usual_tile(network.model, runtime, Size(width, height))
            made[runtime] = network.restore(y, usual)
            what = f"{runtime}, {width}x{height}, tiles {usual} and {tile}"
            assert_same(network.restore(y, tile), made[runtime], what)
        one, other = made.values()
        if products_saturate():
            assert root_mean_square(one.astype(int) - other) < SATURATED
        else:
            assert_same(one, other, f"{width}x{height} between {' and '.join(made)}")


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_changed_tiles_of_a_large_frame_are_the_whole_frames(runtime: str) -> None:
    network = loaded("ear-s-x2", runtime)
    kept = KeptTilesUpscaler(network, FakeClock(), threshold=0)
    y = picture(1081, 1921)
    kept.luma(y)
    shares = shares_of(network, y)
    # At the ends of the frame and within, one after another.
    for corner in [(0, 0), (1060, 1900), (500, 0), (0, 900), (517, 1003)]:
        y = y.copy()
        y[corner[0] :, corner[1] :][:21, :21] ^= 255
        made = kept.luma(y)
        assert 0 < kept.fresh.mean() < 0.1, f"{kept.fresh.mean():.0%} of the tiles at {corner}"
        assert_same(made, everything(network, y, shares), f"changed at {corner}")
