import cv2
import numpy as np
import pytest

from edge_vsr.frame import Plane
from edge_vsr.restoring.coarse import BAND, FINE, GAIN, MOST, SMOOTH, SURE, bolder, once_more
from edge_vsr.sr.upscaler import enlarge

RNG = np.random.default_rng(5)


def plane(rows: int, columns: int) -> Plane:
    return np.asarray(RNG.integers(60, 190, (rows, columns)), np.uint8)


@pytest.mark.parametrize("step", [0.625, 2.0, FINE])
def test_what_was_coded_finely_stays_as_it_was_made(step: float) -> None:
    y = plane(24, 32)
    made = plane(48, 64)
    np.testing.assert_array_equal(bolder(y, made, step), made)


@pytest.mark.parametrize(("step", "share"), [(16.0, GAIN), (32.0, 2 * GAIN), (64.0, MOST), (1e6, MOST)])
@pytest.mark.parametrize("scale", [2, 4])
def test_what_was_added_smoothly_grows_with_each_time_that_the_step_doubles(
    step: float, share: float, scale: int
) -> None:
    y = plane(60, 40)
    below = enlarge(y, 40 * scale, 60 * scale)
    grown = bolder(y, below + np.uint8(10), step)
    np.testing.assert_allclose(grown, below + 10 + 10 * share, atol=0.51)


def test_what_was_added_finely_stays() -> None:
    y = np.full((40, 40), 128, np.uint8)
    rows, columns = np.indices((80, 80))
    made = np.asarray(128 + 20 * ((rows + columns) % 2 * 2 - 1), np.uint8)
    assert np.abs(bolder(y, made, 32.0).astype(int) - made).max() <= 1


@pytest.mark.parametrize("scale", [2, 4])
def test_bands_leave_no_seams(scale: int) -> None:
    y = plane(3 * BAND // scale + 5, 30)
    made = np.asarray(cv2.GaussianBlur(plane(y.shape[0] * scale, 30 * scale), (0, 0), 2), np.uint8)
    added = made.astype(np.float32) - enlarge(y, made.shape[1], made.shape[0])
    reach = 2 * 2 * scale * 4 + 1
    whole = made + 2 * GAIN * cv2.GaussianBlur(added, (reach, reach), SMOOTH * scale)
    assert np.abs(bolder(y, made, 32.0) - np.clip(whole, 0, 255)).max() < 0.7


@pytest.mark.parametrize("size", [(1, 1), (1, 9), (7, 2)])
def test_the_smallest_frames_have_a_smooth_part_too(size: tuple[int, int]) -> None:
    y = plane(*size)
    made = enlarge(y, 2 * size[1], 2 * size[0])
    np.testing.assert_array_equal(bolder(y, made, 60.0), made)


def test_the_network_is_not_asked_again_for_what_was_coded_finely() -> None:
    made = plane(8, 8)
    assert once_more(made, lambda _small: pytest.fail("it was asked"), 2, SURE) is made


@pytest.mark.parametrize("scale", [2, 4])
def test_the_network_is_shown_its_result_made_small(scale: int) -> None:
    small = plane(6, 5)
    made = np.kron(small, np.ones((scale, scale), np.uint8))
    seen: list[Plane] = []

    def restore(y: Plane) -> Plane:
        seen.append(y)
        return made + np.uint8(40)

    changed = once_more(made, restore, scale, 2 * SURE)
    np.testing.assert_array_equal(seen[0], small)
    np.testing.assert_array_equal(changed, made + 12)


def test_the_second_result_replaces_the_first_at_most() -> None:
    made = plane(4, 4)
    np.testing.assert_array_equal(once_more(made, lambda _small: made + np.uint8(5), 2, 1e6), made + 5)
