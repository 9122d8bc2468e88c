"""All released models against their targets and their peers: `python -m pytest tests/benchmarks -s`.

PSNR-Y is what was measured at release, times are measured here and now. Prints and asserts nothing about speed.
"""

from dataclasses import replace

import pytest

from edge_vsr.sr.store import bundled_store
from models.recipe.record import released
from models.recipe.speed import measure
from models.recipe.table import table

FRAMES = 20


@pytest.mark.timeout(900)
def test_models() -> None:
    store = bundled_store().folder
    timed = [replace(record, timing=measure(store, record, frames=FRAMES)) for record in released(store)]
    print(f"\n{table(timed)}")  # noqa: T201  the table is what it is for
