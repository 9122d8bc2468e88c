import itertools

from hypothesis import given
from hypothesis import strategies as st

from edge_vsr.policy.ranges import FLOOR, ranges_for
from edge_vsr.rung import Rung


@given(st.integers(16, 8192), st.integers(16, 8192), st.floats(0.2, 240.0), st.sampled_from([1, 2, 4]))
def test_each_rung_begins_within_the_range_below_or_above_it_and_never_lower(
    width: int, height: int, rate: float, scale: int
) -> None:
    native = width * height * rate
    ranges = ranges_for({Rung.LOW: native / 4, Rung.NATIVE: native, Rung.ENHANCED: native * scale**2}, rate)
    assert list(ranges) == list(Rung)
    for one in ranges.values():
        assert FLOOR <= one.least <= one.most
    for below, above in itertools.pairwise(ranges.values()):
        assert below.least <= above.least
        assert below.most <= above.most
    assert ranges[Rung.STILL].most == ranges[Rung.LOW].least, "stills go on to where moving pictures begin"
    assert ranges[Rung.LOW].most >= ranges[Rung.NATIVE].least
