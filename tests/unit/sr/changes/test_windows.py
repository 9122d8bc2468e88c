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


@given(st.integers(0, 30), st.integers(1, 4), st.integers(8, 40), st.integers(1, 4), st.sampled_from([8, 16]))
def test_with_nothing_beyond_the_features_of_a_part_see_all_that_they_depend_on(
    place: int, side: int, length: int, halo: int, align: int
) -> None:
    size, start, whole = side * 16, align + place * 16, length * 16 + 2 * align
    if size + 2 * align > whole or start >= whole - align:
        return
    axis = Axis.around(start, size, whole, halo, 0, align)
    assert axis.far == axis.features
    assert axis.far.stop - axis.far.start == size + 2 * align
    assert 0 <= axis.far.start <= axis.part.start - align
    assert axis.part.stop + align <= axis.far.stop <= whole
    assert axis.far.start <= axis.near.start <= axis.part.start
    assert axis.part.stop <= axis.near.stop <= axis.far.stop
