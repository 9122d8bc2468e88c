import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_vsr.sr.cells import YIELDED, all_to_cells, from_cells, restored_planes, samples, to_cells, together

sides = st.sampled_from([2, 4, 8])
small = st.integers(1, 9)


@given(sides, small, small)
def test_a_cell_holds_its_samples_row_by_row(side: int, rows: int, columns: int) -> None:
    plane = np.random.default_rng(rows).integers(0, 256, (rows * side, columns * side), np.uint8)
    cells = to_cells(plane, side)
    assert cells.shape == (1, side * side, rows, columns)
    y, x = rows - 1, columns - 1
    cell = plane[y * side :, x * side :]
    np.testing.assert_array_equal(cells[0, :, y, x], cell.flatten())


@given(sides, small, small)
def test_from_cells_undoes_to_cells(side: int, rows: int, columns: int) -> None:
    plane = np.random.default_rng(columns).integers(0, 256, (rows * side, columns * side), np.uint8)
    np.testing.assert_array_equal(from_cells(to_cells(plane, side), side)[0, 0], plane)


@given(sides, small, small)
def test_what_was_restored_comes_in_cells_of_any_side(side: int, rows: int, columns: int) -> None:
    plane = np.random.default_rng(rows).integers(0, 256, (rows * side, columns * side), np.uint8)
    np.testing.assert_array_equal(restored_planes(to_cells(plane, side))[0], plane)


@pytest.mark.parametrize(("fine", "scale", "positions"), [(1, 2, 2), (1, 4, 1), (2, 2, 1), (4, 2, 1)])
def test_positions_are_taken_together_where_each_yields_few_samples(fine: int, scale: int, positions: int) -> None:
    assert together(fine, scale) == positions
    assert positions * fine * scale >= YIELDED


@given(small, small)
def test_a_pixel_comes_with_those_diagonally_beside_it(rows: int, columns: int) -> None:
    plane = np.random.default_rng(rows).integers(1, 256, (rows, columns), np.uint8)
    cells = to_cells(plane, 1)
    assert cells.shape == (1, samples(1), rows, columns)
    beside = [(y, x) for y in (rows - 2, rows) for x in (columns - 2, columns)]
    expected = [plane[y, x] if 0 <= y < rows and 0 <= x < columns else 0 for y, x in beside]
    assert cells[0, :, -1, -1].tolist() == expected, "black beyond the plane"


@given(sides | st.just(1), small, small)
def test_several_planes_make_what_each_makes(side: int, rows: int, columns: int) -> None:
    planes = np.random.default_rng(rows).integers(0, 256, (3, rows * side, columns * side), np.uint8)
    expected = np.concatenate([to_cells(plane, side) for plane in planes])
    np.testing.assert_array_equal(all_to_cells(planes, side), expected)


@pytest.mark.parametrize("side", [2, 4])
def test_each_channel_comes_from_cells_of_its_own(side: int) -> None:
    planes = np.random.default_rng(0).integers(0, 256, (3, 5 * side, 7 * side), np.uint8)
    cells = np.concatenate([to_cells(plane, side) for plane in planes], axis=1)
    np.testing.assert_array_equal(from_cells(cells, side)[0], planes)


def test_a_window_of_a_larger_plane_need_not_be_copied_first() -> None:
    plane = np.random.default_rng(1).integers(0, 256, (40, 48), np.uint8)
    window = plane[8:24, 16:40]
    np.testing.assert_array_equal(to_cells(window, 4), to_cells(window.copy(), 4))
