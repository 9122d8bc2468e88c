from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_vsr.bench.jobs import Job
from edge_vsr.bench.plan import (
    EMULATED,
    PACES,
    SHORTEST,
    Mode,
    in_order,
    jobs,
    seconds_for,
    thread_counts,
    tile_sizes,
    twins,
    unnamed,
)
from edge_vsr.frame import Size
from edge_vsr.sr.engines import RUNTIMES
from edge_vsr.sr.store import bundled_store

MODEL = bundled_store().find("ear-s-x2")


@given(mode=st.sampled_from(Mode), cpus=st.integers(1, 300))
def test_all_processors_are_always_tried_and_never_more(mode: Mode, cpus: int) -> None:
    counts = thread_counts(mode, cpus)
    assert counts == tuple(sorted(set(counts)))
    assert (min(counts) >= 1, max(counts)) == (True, cpus)


def test_full_tries_powers_of_two() -> None:
    assert thread_counts(Mode.FULL, 6) == (1, 2, 4, 6)


@pytest.mark.parametrize(("size", "tiles"), [(Size(640, 360), 2), (Size(1280, 720), 3), (Size(64, 64), 1)])
def test_full_tries_tiles_smaller_than_the_frame(size: Size, tiles: int) -> None:
    assert len(tile_sizes(Mode.FULL, MODEL, size)) == tiles
    assert tile_sizes(Mode.QUICK, MODEL, size) == ("whole",)


def test_a_tile_that_the_model_cannot_cut_is_left_out() -> None:
    assert tile_sizes(Mode.FULL, replace(MODEL, coarse=96), Size(1280, 720)) == ("whole",)


def test_every_combination_is_measured_once() -> None:
    planned = jobs(Mode.USUAL, PACES[Mode.USUAL], [MODEL], list(RUNTIMES), (1, 2), Size(640, 360), 15)
    assert len(planned) == len(set(planned)) == 4 + 2 + 4
    assert [job.kind for job in planned] == ["peak"] * 4 + ["resize"] * 2 + ["network"] * 4


def test_an_emulated_box_has_no_peak() -> None:
    planned = jobs(Mode.QUICK, EMULATED, [MODEL], list(RUNTIMES), (2,), Size(640, 360), 15)
    assert [job.kind for job in planned] == ["resize"] * 2 + ["network"] * 2
    assert {job.frames for job in planned} == {EMULATED.frames}


def test_what_takes_as_long_as_another_comes_last() -> None:
    large, twin = replace(MODEL, name="large", parameters=2 * MODEL.parameters), replace(MODEL, name="twin")
    assert [one.name for one in in_order([large, MODEL, twin])] == [MODEL.name, "large", "twin"]


@pytest.mark.parametrize("mode", [Mode.QUICK, Mode.USUAL])
def test_unnamed_are_those_that_may_be_advised_and_their_twins_share_their_times(mode: Mode) -> None:
    like = {name: replace(MODEL, name=name) for name in ("small", "small-video", "small-x4")}
    like["small-video"] = replace(like["small-video"], source="lossy")
    like["small-x4"] = replace(like["small-x4"], scale=4)
    chosen = unnamed(mode, like, "small")
    assert list(chosen) == ["small"]
    assert twins(chosen, like) == {"small-video": "small"}


def test_full_measures_all_and_without_the_usual_model_so_does_every_mode() -> None:
    models = {"other": replace(MODEL, name="other"), "four": replace(MODEL, name="four", scale=4)}
    assert unnamed(Mode.FULL, models, "other") == models
    assert unnamed(Mode.QUICK, models, "gone") == models
    assert not twins(models, models)


@given(left=st.floats(-10, 600), jobs_left=st.integers(1, 30))
def test_a_job_gets_no_more_than_its_share(left: float, jobs_left: int) -> None:
    seconds = seconds_for(Job("peak", seconds=3), left, jobs_left)
    assert seconds is None or SHORTEST <= seconds <= 3
    assert seconds is None or seconds <= max(SHORTEST, left / jobs_left)


def test_without_a_bound_a_job_takes_its_time() -> None:
    assert seconds_for(Job("peak", seconds=40), None, 7) == 40
