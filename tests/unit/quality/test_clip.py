from pathlib import Path

import numpy as np
import pytest

from docs.quality.clip import SHRINKS, Shrink, area, read_clip
from edge_vsr.frame import Frame, Matrix, Range, Size
from edge_vsr.stages.prepare import halved
from tests.unit.restoring.videos import write_video

EVERY = pytest.mark.parametrize("shrink", SHRINKS.values(), ids=SHRINKS.keys())


@EVERY
def test_a_flat_plane_stays_flat_at_half_the_size(shrink: Shrink) -> None:
    np.testing.assert_array_equal(shrink(np.full((12, 20), 77, np.uint8)), np.full((6, 10), 77))


@EVERY
def test_nothing_is_shifted(shrink: Shrink) -> None:
    """A sample lies between the two, and two, that it is made of."""
    ramp = np.broadcast_to(np.arange(0, 200, 2, dtype=np.uint8), (40, 100))
    middle = shrink(np.ascontiguousarray(ramp))[10, 10:40].astype(int)
    assert np.abs(middle - (4 * np.arange(10, 40) + 1)).max() <= 1


def test_area_is_what_the_low_rung_does() -> None:
    rng = np.random.default_rng(1)
    y, u, v = (rng.integers(0, 256, shape, np.uint8) for shape in ((24, 32), (12, 16), (12, 16)))
    low = halved(Frame(y, u, v, Matrix.BT601, Range.LIMITED, 0, 0.0, 0.0))
    for ours, plane in zip((low.y, low.u, low.v), (y, u, v), strict=True):
        np.testing.assert_array_equal(area(plane), ours)


def test_a_clip_is_cut_to_what_can_be_halved(tmp_path: Path) -> None:
    clip = read_clip(write_video(tmp_path / "a.mp4", 9, size=Size(70, 46)), 5)
    assert (clip.name, clip.width, clip.height, len(clip.frames), float(clip.rate)) == ("a", 68, 44, 5, 10)
    assert clip.frames[0][1].shape == (22, 34)
    assert clip.bits_a_sample(68 * 44 * 10 / 1000) == pytest.approx(1)
