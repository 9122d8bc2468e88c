from hypothesis import example, given
from hypothesis import strategies as st

from edge_vsr.sr.network import BORDER, padding


@given(st.integers(1, 5000), st.integers(1, 64))
@example(1, 8)
@example(4, 8)
@example(5000, 64)
def test_the_padded_length_is_the_shortest_aligned_one_with_both_borders(length: int, align: int) -> None:
    before, after = padding(length, align)
    padded = before + length + after
    assert before == BORDER
    assert after >= BORDER
    assert padded % align == 0, f"{length} becomes {padded}, not a multiple of {align}"
    assert padded - align < length + 2 * BORDER, f"{length} becomes {padded}; {padded - align} would do"
