import re

import numpy as np
import pytest

from edge_vsr.errors import UsageError
from edge_vsr.frame import Plane, Size
from edge_vsr.memory import MIB
from edge_vsr.sr.budget import Budget
from edge_vsr.sr.upscaler import BicubicUpscaler, NetworkUpscaler, open_upscaler
from edge_vsr.sr.views import ALL, COUNTS, KEEPING_SHAPE, View, first_views, mean_of_views
from tests.unit.sr.pictures import demo_frame, noise

LUMA = noise(24, 40)


def brighter_on_the_left(y: Plane) -> Plane:
    """And half as bright as `y`, whatever is there."""
    out = y // 2
    out[:, : y.shape[1] // 2] += 80
    return out


@pytest.mark.parametrize("view", ALL)
def test_a_view_is_undone(view: View) -> None:
    np.testing.assert_array_equal(view.undone(view.of(LUMA)), LUMA)


def test_views_are_turned_to_the_left_after_the_flip_and_negatives_of_white() -> None:
    np.testing.assert_array_equal(View(1, flip=True, negative=True).of(LUMA), 255 - np.rot90(np.fliplr(LUMA)))


def test_there_are_sixteen_and_the_first_is_the_picture_as_it_is() -> None:
    assert len({view.of(LUMA).tobytes() for view in ALL}) == len(ALL) == 16
    assert ALL[0] == View()
    assert {view.of(LUMA).shape for view in KEEPING_SHAPE} == {LUMA.shape}


@pytest.mark.parametrize("views", [KEEPING_SHAPE, ALL, KEEPING_SHAPE[:4]], ids=len)
def test_the_mean_prefers_no_side_and_no_brightness(views: tuple[View, ...]) -> None:
    # What is half as bright is, with its negative, half as far from the middle.
    np.testing.assert_allclose(mean_of_views(brighter_on_the_left, LUMA, views), LUMA / 2 + 63.75, atol=0.75)


def test_what_treats_all_views_alike_is_its_own_mean() -> None:
    off = mean_of_views(BicubicUpscaler().luma, LUMA, ALL).astype(int) - BicubicUpscaler().luma(LUMA)
    assert np.abs(off).max() <= 1, "but for rounding"


@pytest.mark.parametrize("count", [-1, 0, 3, 16])
@pytest.mark.parametrize("model", ["ear-s-x2", "bicubic"])
def test_another_number_of_views_is_refused(model: str, count: int) -> None:
    with pytest.raises(UsageError, match=rf"--views {count}: give 1, 2, 4 or 8"):
        open_upscaler(model, views=count)


def test_negatives_come_last_for_networks_that_learnt_on_coded_pictures() -> None:
    assert [view.negative for view in first_views(8, lossy=True)] == 4 * [False] + 4 * [True]
    assert set(first_views(8, lossy=True)) == set(first_views(8))
    assert first_views(2) == (View(), View(negative=True))


@pytest.mark.parametrize("count", COUNTS)
@pytest.mark.parametrize("model", ["ear-s-x2", "ear-s-x2-video"])
def test_a_network_makes_the_mean_of_its_first_views(model: str, count: int) -> None:
    y = demo_frame(96, 64).y
    one = open_upscaler(model, runtime="onnxruntime", threads=1)
    made = [view.undone(one.luma(view.of(y))) for view in first_views(count, lossy=model.endswith("video"))]
    several = open_upscaler(model, runtime="onnxruntime", threads=1, tile=(16, 32), views=count)
    np.testing.assert_array_equal(several.luma(y), np.rint(np.mean(made, 0)))


def test_several_views_take_a_picture_and_a_few_results_more() -> None:
    size = Size(1920, 1080)

    def least(views: int) -> int:
        upscaler = open_upscaler("ear-s-x2", runtime="onnxruntime", threads=1, budget=Budget(1), views=views)
        assert isinstance(upscaler, NetworkUpscaler)
        with pytest.raises(UsageError, match="give --memory") as refused:
            upscaler.tile_for(size)
        needed = re.search(r"--memory (\d+)M", str(refused.value))
        assert needed, refused.value
        return int(needed[1]) * MIB

    more = size.width * size.height * (1 + 4 * 4)
    assert abs(least(2) - least(1) - more) < 4 * MIB
    assert abs(least(8) - least(2)) < 4 * MIB
