import pytest

from edge_vsr.frame import Size
from edge_vsr.sr.engines import RUNTIMES
from edge_vsr.sr.store import bundled_store
from models.recipe.speed import measure
from tests.unit.recipe.records import record


def test_a_record_gets_its_speed_from_the_product_s_own_benchmark(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("models.recipe.record.LARGE", Size(192, 128))
    store = bundled_store()
    timing = measure(store.folder, record(name=next(iter(store.models))), threads=1, frames=3)
    assert set(timing.runtimes) == set(RUNTIMES)
    for speed in timing.runtimes.values():
        assert speed.frames == 3
        assert 0 < speed.least <= speed.median <= speed.most
        assert speed.peak_rss > 20


def test_a_network_that_does_not_run_has_no_speed() -> None:
    with pytest.raises(SystemExit, match="ear-none on onnxruntime: model 'ear-none' is not in"):
        measure(bundled_store().folder, record(name="ear-none"), threads=1, frames=3)
