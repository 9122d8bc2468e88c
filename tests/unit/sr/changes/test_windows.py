from hypothesis import given
from hypothesis import strategies as st

from edge_vsr.sr.changes.windows import Axis


@given(st.integers(0, 30), st.integers(1, 4), st.integers(8, 40), st.integers(1, 12), st.sampled_from([8, 16]))
def test_windows_of_one_size_have_one_shape_and_see_their_halo(
    place: int, side: int, length: int, cells: int, align: int
) -> None:
    size, halo, beyond, whole = side * 16, 2 * cells, align, length * 16
    wide = -(-halo // align) * align
    if size + 2 * (wide + beyond) > whole or place * 16 >= whole:
        return
    # A feature's side more at both ends: only the extractor sees that.
    axis = Axis.around(align + place * 16, size, whole + 2 * align, halo, beyond, align)
    assert [part.stop - part.start for part in (axis.near, axis.features, axis.far)] == [
        size + 2 * halo,
        size + 2 * wide,
        size + 2 * (wide + beyond),
    ]
    ends = (align, whole + align), (align, whole + align), (0, whole + 2 * align)
    inner, outer = (axis.part, axis.near, axis.features), (axis.near, axis.features, axis.far)
    for one, around, by, (first, last) in zip(inner, outer, (halo, 0, beyond), ends, strict=True):
        assert first <= around.start <= max(first, one.start - by)
        assert last >= around.stop >= min(last, one.stop + by)
    assert axis.features.start % align == axis.far.start % align == 0
    assert axis.near.start % 2 == 0
