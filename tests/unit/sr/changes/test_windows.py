from hypothesis import given
from hypothesis import strategies as st

from edge_vsr.sr.changes.windows import Axis

SIDE = 16


@given(
    st.integers(0, 30),
    st.integers(1, 4),
    st.integers(1, 40),
    st.integers(0, 12),
    st.booleans(),
    st.sampled_from([8, 16]),
)
def test_windows_of_one_size_have_one_shape_and_see_their_halo(
    place: int, side: int, length: int, cells: int, exact: bool, align: int
) -> None:
    size, halo, whole = side * SIDE, 2 * cells, length * SIDE
    wide = -(-halo // align) * align if exact else 0
    if size + 2 * max(halo, wide) > whole or place * SIDE >= whole:
        return
    # A feature's side more at both ends: only the extractor sees that.
    start, end = align + place * SIDE, align + whole
    axis = Axis.around(start, size, whole + 2 * align, halo, wide, align)
    lengths = [part.stop - part.start for part in (axis.part, axis.near, axis.features, axis.far)]
    assert lengths == [size, size + 2 * halo, size + 2 * wide, size + 2 * wide + 2 * align]
    assert axis.part.start <= start < min(end, start + size) <= axis.part.stop, "all of what is asked for is made"
    for around, by in ((axis.near, halo), (axis.features, wide)):
        assert align <= around.start <= max(align, axis.part.start - by)
        assert end >= around.stop >= min(end, axis.part.stop + by)
    assert 0 <= axis.far.start == axis.features.start - align, "features see what they depend on, at the ends as well"
    assert whole + 2 * align >= axis.far.stop == axis.features.stop + align
    assert axis.part.start % align == axis.features.start % align == axis.near.start % 2 == 0
