import numpy as np

from edge_vsr.frame import Plane
from edge_vsr.sr.changes.grid import Block, Grid
from edge_vsr.sr.changes.kept import Kept
from edge_vsr.sr.network import MARGIN
from tests.unit.sr.pictures import noise

ALIGN, SCALE = 16, 2


def shown(kept: Kept) -> Plane:
    """On black."""
    below = np.zeros_like(kept.whole)
    kept.residual().put_on(below)
    return below


def test_a_tile_that_is_margin_alone_shows_nothing() -> None:
    y = noise(10 * ALIGN + 1, 12 * ALIGN)
    luma = np.pad(y, ((MARGIN, 2 * ALIGN - 1 - MARGIN), (MARGIN, ALIGN - MARGIN)), "symmetric")
    grid = Grid.of(luma, ALIGN, halo=4, reach=ALIGN, channels=16)
    last = grid.shape[0] - 1
    assert last * grid.tile >= MARGIN + len(y), "the last row of tiles is margin alone"
    kept = Kept.nothing(grid, y, luma, SCALE)
    kept.made_whole(luma, noise(len(y) * SCALE, y.shape[1] * SCALE))
    black = np.zeros_like(kept.whole)
    before = shown(kept)
    place = grid.samples(Block(last, 0, 1))
    kept.show(place, np.full((grid.tile * SCALE, grid.tile * SCALE), 255, np.uint8), black)
    kept.hide(place)
    np.testing.assert_array_equal(shown(kept), before)
