"""The released models are what their float originals become, byte for byte."""

from pathlib import Path

import pytest

from edge_vsr.calibration.original import Original
from edge_vsr.calibration.stages import write_stages
from edge_vsr.sr.store import bundled_store


@pytest.mark.parametrize("name", bundled_store().models)
def test_a_released_model_is_its_original_quantized(tmp_path: Path, name: str) -> None:
    store = bundled_store()
    model = store.find(name)
    made = Original.from_bytes(store.read_original(model), name)
    assert (made.net.width, made.net.halo, made.net.parameters) == (
        model.width,
        model.reconstruction_halo,
        model.parameters,
    )
    write_stages(made.net, made.grids, tmp_path / name)
    for stage, runtimes in model.stages.items():
        graph = runtimes["onnxruntime"]["graph"]
        assert (tmp_path / graph.file).read_bytes() == (store.folder / graph.file).read_bytes(), f"{stage} is another"


@pytest.mark.parametrize("name", bundled_store().models)
def test_an_original_is_written_as_it_was_read(name: str) -> None:
    data = bundled_store().read_original(bundled_store().find(name))
    again = Original.from_bytes(Original.from_bytes(data, name).to_bytes(), name)
    assert again.to_bytes() == Original.from_bytes(data, name).to_bytes()
