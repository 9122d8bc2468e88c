import random

from hypothesis import given
from hypothesis import strategies as st

from edge_vsr.backoff import LINK_PAUSES, Backoff


@given(failures=st.integers(1, 10_000), seed=st.integers(0, 1000))
def test_every_pause_is_between_the_floor_and_the_ceiling_of_its_try(failures: int, seed: int) -> None:
    backoff = Backoff(first=0.5, most=30.0, floor=0.1)
    pause = backoff.pause(failures, random.Random(seed))
    assert 0.1 <= pause <= min(30.0, 0.5 * 2 ** min(failures - 1, 40))


def test_pauses_are_spread_so_that_a_fleet_does_not_come_back_in_step() -> None:
    backoff, rng = Backoff(), random.Random(1)
    pauses = [backoff.pause(10, rng) for _ in range(200)]
    assert min(pauses) < 5.0
    assert max(pauses) > 25.0


def test_pauses_grow_on_average() -> None:
    backoff, rng = Backoff(), random.Random(1)

    def mean(failures: int) -> float:
        return sum(backoff.pause(failures, rng) for _ in range(300)) / 300

    assert mean(1) < mean(3) < mean(6)


def test_after_hours_of_outage_a_far_end_is_still_asked_for_every_few_seconds() -> None:
    assert max(LINK_PAUSES.pause(10_000, random.Random(seed)) for seed in range(200)) <= 10.0
