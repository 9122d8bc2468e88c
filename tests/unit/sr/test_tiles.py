from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from numpy.typing import NDArray

from edge_vsr.sr.tiles import gather, spans, tiles

lengths = st.integers(1, 200)
sides = st.integers(1, 64)
halos = st.integers(0, 24)


@given(lengths, sides, halos)
@example(100, 90, 12)
@example(65, 64, 0)
def test_spans_cover_the_length_once_and_see_a_halo_wherever_there_is_one(length: int, side: int, halo: int) -> None:
    made = spans(length, side, halo)
    assert [place for one in made for place in range(one.start, one.stop)] == list(range(length))
    assert len({one.length for one in made}) == 1, "windows of one shape"
    for one in made:
        window = range(one.window, one.window + one.length)
        assert 0 <= window.start < window.stop <= length
        assert window.start <= max(0, one.start - halo)
        assert window.stop >= min(length, one.stop + halo)


@given(lengths, sides, halos)
def test_a_window_is_no_longer_than_tile_and_halos(length: int, side: int, halo: int) -> None:
    assert all(one.length <= min(length, side + 2 * halo) for one in spans(length, side, halo))


def blurred(plane: NDArray[np.uint8], times: int) -> NDArray[np.uint8]:
    """Neighbours that overflow and mix, beyond the border a constant: what a chain of convolutions may do."""
    for _ in range(times):
        wide = np.pad(plane, 1, constant_values=7)
        plane = 3 * wide[:-2, 1:-1] + 5 * wide[2:, 1:-1] + 7 * wide[1:-1, :-2] + 11 * wide[1:-1, 2:] + plane
    return plane


@given(st.integers(1, 60), st.integers(1, 60), st.integers(1, 30), st.integers(1, 30), st.integers(0, 4), st.data())
def test_what_tiles_make_is_what_the_whole_plane_makes(
    height: int, width: int, rows: int, columns: int, halo: int, data: Any
) -> None:
    plane = np.random.default_rng(data.draw(st.integers(0, 9))).integers(0, 256, (height, width), np.uint8)
    made = np.zeros_like(plane)
    for one in tiles(height, width, (rows, columns), halo):
        one.put(blurred(one.see(plane), halo), made)
    np.testing.assert_array_equal(made, blurred(plane, halo))


def test_a_halo_too_small_shows() -> None:
    plane = np.random.default_rng(0).integers(0, 256, (40, 40), np.uint8)
    made = np.zeros_like(plane)
    for one in tiles(40, 40, (16, 16), 2):
        one.put(blurred(one.see(plane), 3), made)
    assert not np.array_equal(made, blurred(plane, 3)), "the test above could not fail"


@pytest.mark.parametrize(("length", "tile", "halo"), [(0, 1, 0), (1, 0, 0), (1, 1, -1)])
def test_what_cannot_be_cut_is_refused(length: int, tile: int, halo: int) -> None:
    with pytest.raises(ValueError, match="in tiles of"):
        spans(length, tile, halo)


def test_a_lone_tiles_result_is_not_copied() -> None:
    plane = np.arange(48, dtype=np.uint8).reshape(6, 8)
    gathered = gather(tiles(6, 8, (6, 8), 2), lambda one: one.see(plane), plane.shape)
    assert np.shares_memory(gathered, plane)
    np.testing.assert_array_equal(gathered, plane)


def test_tiles_are_gathered_into_a_plane() -> None:
    plane = np.arange(48, dtype=np.uint8).reshape(6, 8)
    gathered = gather(tiles(6, 8, (2, 3), 1), lambda one: one.see(plane), plane.shape)
    np.testing.assert_array_equal(gathered, plane)
