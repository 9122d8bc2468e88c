"""What a policy may see."""

import math

from hypothesis import strategies as st

from edge_vsr.heat import Heat
from edge_vsr.memory import MIB
from edge_vsr.policy.ladder import Conditions, Limits
from edge_vsr.policy.link import Link
from edge_vsr.policy.ranges import Range
from edge_vsr.rung import Rung

RANGES = {
    Rung.STILL: Range(4.0, 25.0),
    Rung.LOW: Range(25.0, 400.0),
    Rung.NATIVE: Range(200.0, 1600.0),
    Rung.ENHANCED: Range(800.0, 4000.0),
}
FINE = Conditions(
    time=1000.0,
    waiting=0.0,
    link=Link(10_000.0),
    spent_kbits=1000.0,
    frame_seconds=0.04,
    upscale_seconds=0.01,
    lost_share=0.0,
    heat=Heat(40.0, 80.0, throttled=False, under_voltage=False),
    spare=500 * MIB,
)
"""All that `enhanced` needs."""

SOME_LIMITS = st.tuples(st.sampled_from(Rung), st.sampled_from(Rung)).map(
    lambda pair: Limits(*sorted(pair, key=list(Rung).index))
)
SOME_LINK = st.builds(
    Link,
    st.floats(0.0, 1e6) | st.just(math.inf),
    st.none() | st.floats(0.0, 1e6),
    request_seconds=st.floats(0.0, 60.0),
    parallel=st.integers(1, 4),
    overhead=st.integers(0, 100_000),
)
SOME_CONDITIONS = st.builds(
    Conditions,
    time=st.floats(0.0, 1e6),
    waiting=st.just(0.0) | st.floats(0.0, 1e5),
    link=st.none() | SOME_LINK,
    spent_kbits=st.none() | st.floats(0.0, 1e5),
    frame_seconds=st.floats(1e-3, 2.0) | st.just(math.inf),
    upscale_seconds=st.none() | st.floats(0.0, 2.0),
    lost_share=st.floats(0.0, 1.0),
    patience=st.sampled_from([1.0, 4.0]),
    heat=st.none()
    | st.builds(
        Heat, st.none() | st.floats(-40.0, 120.0), st.none() | st.floats(60.0, 110.0), st.booleans(), st.booleans()
    ),
    spare=st.none() | st.integers(-MIB, 1000 * MIB),
    guess=st.none() | st.floats(0.0, 1e6) | st.just(math.inf),
)
SOME_HISTORY = st.lists(st.tuples(st.floats(0.1, 60.0), SOME_CONDITIONS), min_size=1, max_size=20)
"""Seconds since the segment before, and what was measured."""
