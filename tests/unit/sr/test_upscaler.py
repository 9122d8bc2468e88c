from pathlib import Path

import cv2
import numpy as np
import pytest

from edge_vsr.errors import InputError, ModelError, UsageError
from edge_vsr.frame import LARGEST_SIDE, Frame, Matrix, Plane, Range, Size
from edge_vsr.memory import MIB, Machine
from edge_vsr.sr import upscaler as upscaler_module
from edge_vsr.sr.budget import Budget, Carried
from edge_vsr.sr.engines import RUNTIMES, open_runtime
from edge_vsr.sr.onnx import products_saturate
from edge_vsr.sr.store import ModelStore, bundled_store
from edge_vsr.sr.upscaler import (
    BicubicUpscaler,
    NetworkUpscaler,
    Upscaler,
    make_room,
    open_upscaler,
    start_anew,
    upscale,
)
from tests.unit.sr.pictures import SATURATED, demo_frame, farthest, made_small, noise, real_looking, root_mean_square

EVERY = [(name, runtime) for name in bundled_store().models for runtime in RUNTIMES]
SIZES = [(1, 1), (1, 7), (5, 1), (2, 3), (4, 4), (8, 8), (11, 12), (12, 13), (33, 65), (70, 90), (71, 89)]
"""(height, width)."""
PICTURES = dict(real_looking())
EXTREMES = {"noise": 3.0, "checkerboard": 6.0}
"""As SATURATED, for what no camera sends."""
_open: dict[tuple[str, str], Upscaler] = {}


def network(model: str, runtime: str) -> Upscaler:
    """One upscaler a model and runtime for the whole module: frames of all sizes pass through it."""
    if (model, runtime) not in _open:
        _open[model, runtime] = NetworkUpscaler(bundled_store(), model, open_runtime(runtime), 1)
    return _open[model, runtime]


def test_bicubic_needs_no_store_and_no_runtime(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_store() -> ModelStore:
        raise ModelError("there are no models")

    monkeypatch.setattr(upscaler_module, "open_library", no_store)
    monkeypatch.setattr(upscaler_module, "open_runtime", no_store)
    bicubic = open_upscaler("bicubic")
    assert (bicubic.name, bicubic.scale) == ("bicubic", 2)
    assert bicubic.luma(noise(3, 5)).shape == (6, 10)


@pytest.mark.parametrize("scale", [2, 3, 4])
def test_bicubic_is_opencvs(scale: int) -> None:
    plane = noise(20, 30)
    expected = cv2.resize(plane, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
    np.testing.assert_array_equal(BicubicUpscaler(scale).luma(plane), expected)


def test_an_unknown_model_gets_the_list() -> None:
    with pytest.raises(ModelError, match=r"model 'ear-xl' is not in .*; there are: bicubic, "):
        open_upscaler("ear-xl")


def test_a_store_of_ones_own_is_used(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=str(tmp_path)):
        open_upscaler("ear-s-x2", store=ModelStore(tmp_path))


def test_a_tile_that_is_wanted_changes_no_byte() -> None:
    plane = noise(70, 90)
    tiled = open_upscaler("ear-s-x2", runtime="onnxruntime", threads=1, tile=(32, 48))
    assert isinstance(tiled, NetworkUpscaler)
    assert tiled.tile_for(Size(90, 70)) == (32, 48)
    np.testing.assert_array_equal(tiled.luma(plane), network("ear-s-x2", "onnxruntime").luma(plane))


def test_room_is_kept_for_what_the_caller_can_do_without_where_there_is_some() -> None:
    small, large = Size(320, 240), Size(640, 480)
    kept = with_room(512 * MIB, spare=2000.0)
    assert make_room(kept, [small])
    with pytest.raises(UsageError, match="cannot hold pictures of 640x480"):
        kept.tile_for(large)
    none = with_room(512 * MIB, spare=2000.0)
    assert not make_room(none, [small, large])
    none.tile_for(large)


def test_another_source_has_all_the_room_again() -> None:
    one = with_room(512 * MIB, spare=2000.0)
    assert make_room(one, [Size(320, 240)])
    start_anew(one)
    one.tile_for(Size(640, 480))


def test_what_did_not_fit_does_not_stand_in_the_way_of_another_source() -> None:
    one = with_room(64 * MIB, spare=0.0)
    with pytest.raises(UsageError):
        one.tile_for(Size(8000, 8000))
    start_anew(one)
    one.tile_for(Size(64, 64))


def test_bicubic_has_room_for_everything() -> None:
    assert make_room(BicubicUpscaler(), [Size(640, 480)])


def with_room(free: int, spare: float) -> NetworkUpscaler:
    budget = Budget(Machine().resident() + free, Carried(spare=spare))
    one = open_upscaler("ear-s-x2", runtime="onnxruntime", threads=1, budget=budget)
    assert isinstance(one, NetworkUpscaler)
    return one


@pytest.mark.parametrize("tile", [(32, 40), (0, 16), (-16, 16)])
def test_a_tile_that_the_model_cannot_cut_is_refused(tile: tuple[int, int]) -> None:
    with pytest.raises(UsageError, match="both sides must be multiples of 16"):
        open_upscaler("ear-s-x2", tile=tile)


@pytest.mark.parametrize(("model", "runtime"), EVERY)
def test_any_size_becomes_exactly_scale_times_as_large(model: str, runtime: str) -> None:
    # One after the other through one upscaler: a stream may change its size.
    one = network(model, runtime)
    for height, width in [*SIZES, SIZES[0]]:
        out = one.luma(noise(height, width))
        assert out.shape == (height * one.scale, width * one.scale), f"from {width}x{height}"
        assert out.dtype == np.uint8


@pytest.mark.parametrize(("model", "runtime"), EVERY)
def test_a_size_seen_before_gives_the_same_picture_again(model: str, runtime: str) -> None:
    one = network(model, runtime)
    first = one.luma(noise(40, 30)).copy()
    one.luma(noise(22, 50))
    assert farthest(one.luma(noise(40, 30)), first) == 0


@pytest.mark.parametrize(("model", "runtime"), EVERY)
def test_planes_need_not_be_contiguous(model: str, runtime: str) -> None:
    one = network(model, runtime)
    whole = noise(60, 80)
    views: dict[str, Plane] = {
        "with the decoder's padding": whole[:40, :50],
        "every second sample": whole[::2, 1::2],
        "mirrored": whole[:, ::-1],
        "turned": whole.T,
        "read-only": np.frombuffer(whole.tobytes(), np.uint8).reshape(whole.shape),
    }
    for name, view in views.items():
        assert farthest(one.luma(view), one.luma(view.copy())) == 0, name


@pytest.mark.parametrize(("model", "runtime"), EVERY)
def test_a_picture_is_not_changed_by_the_next(model: str, runtime: str) -> None:
    one = network(model, runtime)
    plane = noise(24, 24)
    first = one.luma(plane)
    kept = first.copy()
    one.luma(255 - plane)
    np.testing.assert_array_equal(first, kept)
    np.testing.assert_array_equal(plane, noise(24, 24), err_msg="the input was changed")


@pytest.mark.parametrize(("model", "runtime"), EVERY)
@pytest.mark.parametrize("level", [0, 16, 90, 128, 235, 255])
def test_a_flat_picture_stays_flat(model: str, runtime: str, level: int) -> None:
    flat = np.full((30, 45), level, np.uint8)
    one = network(model, runtime)
    off = farthest(one.luma(flat), np.full((30 * one.scale, 45 * one.scale), level, np.uint8))
    assert off <= 1, f"flat {level} is off by {off} levels"


@pytest.mark.parametrize("model", bundled_store().models)
@pytest.mark.parametrize("name", PICTURES)
def test_the_runtimes_agree_to_one_level_but_for_a_few_samples(model: str, name: str) -> None:
    ours, theirs = (network(model, runtime).luma(PICTURES[name]) for runtime in RUNTIMES)
    apart = np.abs(ours.astype(int) - theirs)
    if products_saturate():
        assert root_mean_square(apart) < EXTREMES.get(name, SATURATED)
        return
    assert apart.max() <= 1, f"{np.mean(apart > 1):.3%} of the samples are more than a level apart"
    assert np.mean(apart > 0) < 1e-4, f"{np.mean(apart > 0):.3%} of the samples differ"


@pytest.mark.parametrize(("model", "runtime"), EVERY)
def test_the_network_beats_bicubic_where_there_is_detail(model: str, runtime: str) -> None:
    one = network(model, runtime)
    truth = demo_frame().y
    low = made_small(truth, one.scale, bundled_store().find(model).source)

    def error(upscaler: Upscaler) -> float:
        return float(np.mean((upscaler.luma(low).astype(float) - truth) ** 2))

    assert error(one) < error(BicubicUpscaler(one.scale))


def test_a_frame_keeps_its_colour_time_and_number() -> None:
    plane = noise(7, 9)
    chroma = np.full((4, 5), 90, np.uint8)
    frame = Frame(plane, chroma, chroma, Matrix.BT709, Range.FULL, number=7, time=1.5, wall=99.0)
    large = upscale(frame, BicubicUpscaler())
    assert (large.y.shape, large.u.shape, large.v.shape) == ((14, 18), (7, 9), (7, 9))
    assert (large.matrix, large.range, large.number, large.time, large.wall) == (Matrix.BT709, Range.FULL, 7, 1.5, 99.0)
    assert set(np.unique(large.u)) == {90}, "flat chroma stays flat"


@pytest.mark.parametrize(("height", "width"), [(1, LARGEST_SIDE + 1), (LARGEST_SIDE + 1, 1)])
def test_a_frame_too_large_to_be_meant_is_refused(height: int, width: int) -> None:
    y = np.zeros((height, width), np.uint8)
    chroma = np.zeros(((height + 1) // 2, (width + 1) // 2), np.uint8)
    frame = Frame(y, chroma, chroma, Matrix.BT601, Range.LIMITED, 0, 0.0, 0.0)
    with pytest.raises(InputError, match=f"{width}x{height} is too large; at most {LARGEST_SIDE} a side"):
        upscale(frame, BicubicUpscaler())


@pytest.mark.parametrize(("height", "width"), [(0, 5), (5, 0), (0, 0)])
def test_a_frame_without_pixels_is_refused(height: int, width: int) -> None:
    chroma = np.zeros(((height + 1) // 2, (width + 1) // 2), np.uint8)
    frame = Frame(np.zeros((height, width), np.uint8), chroma, chroma, Matrix.BT601, Range.LIMITED, 0, 0.0, 0.0)
    with pytest.raises(InputError, match=f"{width}x{height} has no pixels"):
        upscale(frame, BicubicUpscaler())
