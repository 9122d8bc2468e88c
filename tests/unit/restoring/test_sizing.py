import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_vsr.frame import Size
from edge_vsr.restoring.sizing import Sizing

LOW, NATIVE, ENHANCED = Size(320, 180), Size(640, 360), Size(1280, 720)


@pytest.mark.parametrize(
    ("sizes", "output", "enlarged"),
    [
        ([NATIVE], ENHANCED, [NATIVE]),
        ([LOW, NATIVE], NATIVE, [LOW]),
        ([NATIVE, ENHANCED], ENHANCED, [NATIVE]),
        ([ENHANCED, LOW, NATIVE], ENHANCED, [LOW, NATIVE]),
    ],
)
def test_the_smallest_is_enlarged_and_the_largest_kept(sizes: list[Size], output: Size, enlarged: list[Size]) -> None:
    sizing = Sizing.of(sizes, 2)
    assert sizing.output == output
    assert [size for size in (LOW, NATIVE, ENHANCED) if size in sizes and sizing.enlarges(size)] == enlarged


@given(st.lists(st.builds(Size, st.integers(1, 4000), st.integers(1, 4000)), min_size=1), st.sampled_from([2, 3, 4]))
def test_nothing_becomes_smaller_and_the_network_never_overshoots_twice(sizes: list[Size], scale: int) -> None:
    sizing = Sizing.of(sizes, scale)
    area = sizing.output.width * sizing.output.height
    for size in sizes:
        own = size.width * size.height
        assert own <= area
        assert sizing.enlarges(size) == (area > scale * own)
