import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from edge_vsr.sr.engines import RUNTIMES, open_runtime
from edge_vsr.sr.network import MARGIN, StagedNetwork, mirrored, padding
from edge_vsr.sr.store import bundled_store
from tests.unit.sr.pictures import demo_frame, noise


@given(st.integers(1, 5000), st.integers(1, 64))
@example(1, 8)
@example(4, 8)
@example(5000, 64)
def test_the_padded_length_is_the_shortest_aligned_one_with_both_borders(length: int, align: int) -> None:
    before, after = padding(length, align)
    padded = before + length + after
    border = align + MARGIN
    assert before == border
    assert after >= border
    assert padded % align == 0, f"{length} becomes {padded}, not a multiple of {align}"
    assert padded - align < length + 2 * border, f"{length} becomes {padded}; {padded - align} would do"


@given(st.integers(1, 60), st.integers(1, 60), st.sampled_from([8, 16]))
@example(1, 1, 16)
def test_a_frame_goes_on_beyond_its_borders_as_its_mirror_image(height: int, width: int, align: int) -> None:
    y = noise(height, width)
    around = [padding(length, align) for length in y.shape]
    np.testing.assert_array_equal(mirrored(y, align), np.pad(y, around, "symmetric"))


EVERY = [(name, runtime) for name in bundled_store().models for runtime in RUNTIMES]
_loaded: dict[tuple[str, str], StagedNetwork] = {}


def loaded(model: str, runtime: str) -> StagedNetwork:
    if (model, runtime) not in _loaded:
        store = bundled_store()
        _loaded[model, runtime] = StagedNetwork.load(store, store.find(model), open_runtime(runtime), 2)
    return _loaded[model, runtime]


@pytest.mark.parametrize(("model", "runtime"), EVERY)
@settings(max_examples=4, deadline=None, derandomize=True)
@given(height=st.integers(16, 150), width=st.integers(16, 150), rows=st.integers(1, 6), columns=st.integers(1, 6))
@example(height=129, width=97, rows=1, columns=1)
@example(height=16, width=150, rows=2, columns=1)
def test_tiles_of_any_size_give_the_whole_frames_picture(
    model: str, runtime: str, height: int, width: int, rows: int, columns: int
) -> None:
    network = loaded(model, runtime)
    align = network.model.align
    picture = demo_frame(256, 256).y[:height, :width] ^ noise(height, width) // 64
    whole = network.restore(picture)
    tiled = network.restore(picture, (rows * align, columns * align))
    apart = np.argwhere(tiled != whole)
    assert not len(apart), f"{len(apart)} samples differ, the first at {apart[0]}"


@pytest.mark.parametrize("tile", [(0, 8), (8, -8), (12, 8), (8, 4)])
def test_a_tile_that_no_cells_make_up_is_refused(tile: tuple[int, int]) -> None:
    name, runtime = EVERY[0]
    network = loaded(name, runtime)
    align = network.model.align
    with pytest.raises(ValueError, match=f"sides must be multiples of {align}"):
        network.restore(noise(20, 20), (tile[0] * align // 8, tile[1] * align // 8))
