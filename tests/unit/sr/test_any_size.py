"""Tiles of frames of many sizes, by a network so small that they cost little; tests/large has the released ones."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from edge_vsr.frame import Size
from edge_vsr.sr.engines import RUNTIMES, open_runtime
from edge_vsr.sr.network import StagedNetwork, padded_size
from tests.unit.calibration.networks import NAME, tiny, tiny_grids, write_store
from tests.unit.sr.pictures import noise


@pytest.fixture(scope="module", params=RUNTIMES)
def network(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> StagedNetwork:
    folder = tmp_path_factory.mktemp("models")
    store = write_store(folder, tiny(), tiny_grids())
    return StagedNetwork.load(store, store.find(NAME), open_runtime(request.param), 1)


def part(length: int, parts: int, align: int) -> int:
    """A side of tiles that cut a padded `length` into about so many parts."""
    return max(1, length // align // parts) * align


@settings(max_examples=40)
@given(st.integers(16, 800), st.integers(16, 800), st.integers(1, 7), st.integers(1, 7))
@example(16, 3840, 1, 5)
@example(2161, 17, 6, 1)
@example(16, 16, 7, 7)
def test_tiles_give_the_whole_frames_picture(
    network: StagedNetwork, height: int, width: int, rows: int, columns: int
) -> None:
    picture = noise(height, width) // 4 + np.arange(width, dtype=np.uint8) // 2
    padded, align = padded_size(Size(width, height), network.model.align), network.model.align
    tile = part(padded.height, rows, align), part(padded.width, columns, align)
    whole, tiled = network.restore(picture), network.restore(picture, tile)
    apart = np.argwhere(tiled != whole)
    assert not len(apart), f"{len(apart)} samples differ in tiles of {tile}, the first at {apart[0]}"
    assert np.unique(whole).size > 16, "a flat picture would hide seams"
