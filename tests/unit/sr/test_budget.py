from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_vsr.errors import UsageError
from edge_vsr.frame import Size
from edge_vsr.memory import MIB
from edge_vsr.sr.budget import COSTS, SLACK, Budget, Carried, carried_bytes, fitting_tile, network_bytes, work
from edge_vsr.sr.engines import RUNTIMES
from edge_vsr.sr.network import padded_size
from edge_vsr.sr.store import bundled_store

HELD = 100 * MIB
HD = Size(1920, 1080)
MODEL = replace(
    next(iter(bundled_store().models.values())),
    name="ear-m-x2",
    coarse=8,
    fine=2,
    width=64,
    extractor_halo=16,
    reconstruction_halo=20,
)
FRAMES = Carried(inputs=15.0, outputs=4.0)

sizes = st.builds(Size, st.integers(16, 4000), st.integers(16, 4000))
runtimes = st.sampled_from(list(COSTS))


def tile(mebibytes: int, size: Size = HD, runtime: str = "onnxruntime", carried: Carried = FRAMES) -> tuple[int, int]:
    return fitting_tile(MODEL, runtime, Budget(mebibytes * MIB, carried), HELD, size)


def test_with_memory_to_spare_openvino_makes_the_whole_picture_at_once() -> None:
    padded = padded_size(HD, MODEL.align)
    assert tile(1024, runtime="openvino") == (padded.height, padded.width)


def test_with_memory_to_spare_onnxruntime_makes_as_many_rows_as_gain_anything() -> None:
    padded, (rows, columns) = padded_size(HD, MODEL.align), tile(1024)
    assert columns == padded.width
    most = COSTS["onnxruntime"].window
    assert most is not None
    window = (rows + 2 * MODEL.reconstruction_halo) * columns
    assert window <= most * MODEL.fine**2 < 2 * window


def test_tiles_grow_with_the_budget_and_work_shrinks() -> None:
    padded = padded_size(HD, MODEL.align)
    works = [work(MODEL, padded, tile(budget, runtime="openvino")) for budget in range(260, 500, 10)]
    assert works == sorted(works, reverse=True)
    assert works[-1] == padded.width * padded.height
    assert works[0] > works[-1]


def test_pictures_on_their_way_leave_less_for_the_tile() -> None:
    padded = padded_size(HD, MODEL.align)
    more = Carried(FRAMES.inputs, FRAMES.outputs + 4)
    assert work(MODEL, padded, tile(256, carried=more)) > work(MODEL, padded, tile(256))
    assert carried_bytes(replace(more, always=MIB), Size(10, 10), 2) == 100 * 15 + 400 * 8 + MIB


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_engines_for_parts_of_a_picture_count(runtime: str) -> None:
    parts = replace(FRAMES, parts=True)
    extra = COSTS[runtime].parts // MIB
    assert tile(300 + extra, HD, runtime, parts) == tile(300, HD, runtime, FRAMES)


@given(size=sizes, runtime=runtimes, mebibytes=st.integers(1, 2000))
def test_a_tile_is_aligned_not_below_the_halo_and_within_the_budget(size: Size, runtime: str, mebibytes: int) -> None:
    try:
        rows, columns = tile(mebibytes, size, runtime)
    except UsageError:
        return
    padded = padded_size(size, MODEL.align)
    assert rows % MODEL.align == columns % MODEL.align == 0
    assert min(rows, padded.height) >= min(MODEL.reconstruction_halo, padded.height)
    assert rows <= padded.height
    assert columns <= padded.width
    need = network_bytes(MODEL, COSTS[runtime], padded, (rows, columns)) + carried_bytes(FRAMES, size, MODEL.scale)
    assert HELD + need <= mebibytes * MIB


@given(size=sizes, runtime=runtimes)
def test_the_least_that_an_error_names_does(size: Size, runtime: str) -> None:
    with pytest.raises(UsageError, match=r"^100M of memory cannot hold .*; give --memory (\d+)M or more") as caught:
        tile(100, size, runtime)
    least = int(str(caught.value).partition("--memory ")[2].partition("M")[0])
    tile(least, size, runtime)
    with pytest.raises(UsageError):
        tile(least - 2, size, runtime)


def test_every_runtime_has_its_costs() -> None:
    assert COSTS.keys() == RUNTIMES.keys()


@given(size=sizes, runtime=runtimes, mebibytes=st.integers(1, 2000))
def test_a_tile_that_is_wanted_is_taken_where_it_fits(size: Size, runtime: str, mebibytes: int) -> None:
    wanted, budget = (256, 512), Budget(mebibytes * MIB, FRAMES)
    try:
        taken = fitting_tile(MODEL, runtime, budget, HELD, size, wanted=wanted)
    except UsageError:
        return
    padded = padded_size(size, MODEL.align)
    held = HELD + COSTS[runtime].start + SLACK + carried_bytes(FRAMES, size, MODEL.scale)
    fits = held + network_bytes(MODEL, COSTS[runtime], padded, wanted) <= budget.total
    assert taken == (wanted if fits else tile(mebibytes, size, runtime))
