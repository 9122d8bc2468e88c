"""A calibration of a tiny network from its frames to the store."""

from pathlib import Path
from typing import Final

import numpy as np
import pytest

from edge_vsr import places
from edge_vsr.calibration.own import own_models
from edge_vsr.calibration.session import Outcome, Wish, calibrate
from edge_vsr.sr import library
from edge_vsr.sr.library import open_library
from edge_vsr.sr.store import MANIFEST, ModelStore
from edge_vsr.sr.upscaler import open_upscaler
from tests.unit.calibration.networks import FRAMES, NAME, coarser, tiny, tiny_grids, write_store

WISH: Final = Wish("tiny-own", "rtsp://***@host/x", "2026-11-22T12:00:00+00:00", "20261122T120000", 1)


def released(folder: Path, times: float) -> ModelStore:
    """The tiny network, as it comes of ranges that are so many times too wide."""
    folder.mkdir()
    net = tiny()
    return write_store(folder, net, coarser(tiny_grids(), times))


def calibrated(own: Path, store: ModelStore, rivals: dict[str, ModelStore]) -> Outcome:
    with own_models(own) as models:
        return calibrate(models, store.find(NAME), store, rivals, WISH, FRAMES[:6], FRAMES[6:], lambda _: None)


def test_a_better_one_is_kept_and_found_and_the_next_that_is_no_better_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("STATE_DIRECTORY", raising=False)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setattr(places, "SYSTEM", tmp_path / "system")
    own, store = tmp_path / "edge-vsr" / "models", released(tmp_path / "released", 60.0)
    monkeypatch.setattr(library, "bundled_store", lambda: store)

    first = calibrated(own, store, {NAME: store})
    assert first.better, first
    models = open_library()
    found = models.models["tiny-own"]
    models.store_of("tiny-own").verify(found)
    assert models.parent_of("tiny-own") == NAME
    assert found.calibrated is not None
    assert (found.calibrated.frames, found.calibrated.held_back) == (6, 2)
    assert found.calibrated.source == WISH.source
    assert found.calibrated.decibels > found.calibrated.rival_decibels
    assert found.calibrated.versions.keys() == {"edge-vsr", "numpy", "onnx", "onnxruntime", "openvino"}
    restored = [open_upscaler("tiny-own", runtime=runtime).luma(FRAMES[7]) for runtime in ("onnxruntime", "openvino")]
    assert restored[0].shape == (128, 192)
    assert np.abs(restored[0].astype(int) - restored[1]).max() <= 1, "the runtimes differ"

    kept = {path: path.read_bytes() for path in own.rglob("*") if path.is_file()}
    again = calibrated(own, store, {NAME: store, "tiny-own": ModelStore(own)})
    assert not again.better
    assert again.rival == "tiny-own"
    assert again.decibels == pytest.approx(again.rival_decibels)
    assert {path: path.read_bytes() for path in own.rglob("*") if path.is_file()} == kept, "something was left behind"


def test_what_is_no_better_leaves_no_trace(tmp_path: Path) -> None:
    store = released(tmp_path / "released", 1.0)
    outcome = calibrated(tmp_path / "own", store, {NAME: store})
    assert not outcome.better, outcome
    assert not (tmp_path / "own" / MANIFEST).exists()
    assert [path.name for path in (tmp_path / "own").iterdir()] == [".lock"]
