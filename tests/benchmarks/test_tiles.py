"""What stages and tiles cost against one fused graph over the whole frame: `python -m pytest tests/benchmarks -s`.

Prints ratios of times taken in turn, so that a machine that others use at the same time shows them, too.
"""

import statistics
import time
from collections.abc import Callable

import numpy as np
import pytest

from edge_vsr.frame import Plane, Size
from edge_vsr.memory import MIB, in_mib, return_freed_memory
from edge_vsr.restoring.video import carried
from edge_vsr.sr.budget import Budget, fitting_tile, least_tile, work
from edge_vsr.sr.engines import RUNTIMES, open_runtime, usable_cpus
from edge_vsr.sr.network import StagedNetwork, TileSize, mirrored, padded_size
from edge_vsr.sr.runtime import Runtime
from edge_vsr.sr.store import Model, ModelStore, bundled_store
from tests.benchmarks.fused import stage_file
from tests.unit.sr.pictures import demo_frame

RESTORED = Size(3840, 2160)
ROUNDS = 7
BUDGETS = {"onnxruntime": 256 * MIB, "openvino": 384 * MIB}
FUSED, STAGED = "one graph", "stages"
HELD = 110 * MIB
"""What a process holds once its runtime is loaded."""

Way = Callable[[], Plane]


def seconds(way: Way) -> float:
    began = time.perf_counter()
    way()
    return time.perf_counter() - began


def ways(store: ModelStore, model: Model, engine: Runtime, luma: Plane) -> dict[str, Way]:
    """By what to call them; each has graphs of its own, since a change of shape costs a rebuild."""
    size = Size(luma.shape[1], luma.shape[0])
    one_graph = engine.load(stage_file(store, model, engine.name), usable_cpus())
    whole = StagedNetwork.load(store, model, engine, usable_cpus())

    def fused() -> Plane:
        (made,) = one_graph.run(mirrored(luma, whole.model.align)[None, None])
        return np.asarray(made[0, 0], np.uint8)

    def tiled(tile: TileSize) -> Way:
        network = StagedNetwork.load(store, model, engine, usable_cpus())
        return lambda: network.restore(luma, tile)

    made: dict[str, Way] = {FUSED: fused, STAGED: lambda: whole.restore(luma)}
    total = BUDGETS[engine.name]
    within = fitting_tile(model, engine.name, Budget(total, carried(encoded=False)), HELD, size)
    least = least_tile(model, engine.name, size)
    padded = padded_size(size, model.align)
    for what, tile in {f"tiles for {in_mib(total)}": within, "least tiles": least}.items():
        share = work(model, padded, tile) / (padded.width * padded.height)
        made[f"{what}, {tile[1]}x{tile[0]}, {share:.2f} of the work"] = tiled(tile)
    return made


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("runtime", RUNTIMES)
@pytest.mark.parametrize("name", bundled_store().models)
def test_tiles(name: str, runtime: str) -> None:
    return_freed_memory()
    store = bundled_store()
    model = store.find(name)
    size = Size(RESTORED.width // model.scale, RESTORED.height // model.scale)
    tried = ways(store, model, open_runtime(runtime), demo_frame(size.width, size.height).y)
    for way in tried.values():
        way()
    forth = list(tried.items())
    # To and fro, so that what grows with time falls on both sides.
    rounds = [{what: seconds(way) for what, way in (forth, forth[::-1])[number % 2]} for number in range(ROUNDS)]
    print(f"\n{name}, {runtime}, {size}: time, median (least..most) of {ROUNDS}")  # noqa: T201  what it is for
    for what in tried:
        against = FUSED if what == STAGED else STAGED
        ratios = [one[what] / one[against] for one in rounds]
        took = statistics.median(one[what] for one in rounds)
        spread = f"{statistics.median(ratios):.2f} ({min(ratios):.2f}..{max(ratios):.2f})"
        print(f"  {what:46} {took:7.3f} s, {spread} of {against}")  # noqa: T201
