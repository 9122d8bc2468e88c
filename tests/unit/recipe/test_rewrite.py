"""Released graphs are written anew only if they make the same bytes."""

import json
from pathlib import Path

import cv2
import pytest

from edge_vsr.calibration.original import FILE, Original
from edge_vsr.calibration.stages import file_entry
from edge_vsr.sr.store import MANIFEST, ModelStore
from models.recipe.rewrite import rewrite
from tests.unit.calibration.networks import NAME, tiny, tiny_grids, write_store
from tests.unit.sr.pictures import demo_frame

GRAPH = Path(NAME) / "reconstruction.onnx"


@pytest.fixture
def store(tmp_path: Path) -> Path:
    write_store(tmp_path / "store", tiny(), tiny_grids())
    return tmp_path / "store"


@pytest.fixture
def frames(tmp_path: Path) -> Path:
    (tmp_path / "frames").mkdir()
    cv2.imwrite(str(tmp_path / "frames" / "a.png"), demo_frame(96, 64).y)
    return tmp_path / "frames"


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def written_otherwise(store: Path, name: str) -> bytes:
    """Change a graph's bytes and not what it makes, as an older version would have written it; returns the old ones."""
    graph = store / name
    before = graph.read_bytes()
    # A doc string: field 6 of ModelProto.
    graph.write_bytes(before + b"\x32\x05older")
    table = json.loads((store / MANIFEST).read_text())
    table["models"][0]["stages"]["reconstruction"]["onnxruntime"]["graph"] = file_entry(graph)
    (store / MANIFEST).write_text(json.dumps(table))
    return before


def test_what_is_the_same_stays_untouched(store: Path, frames: Path) -> None:
    before = contents(store)
    rewrite(store, frames)
    after = contents(store)
    del before[MANIFEST], after[MANIFEST]
    assert after == before


def test_a_graph_that_is_written_otherwise_now_is_replaced_and_verified(store: Path, frames: Path) -> None:
    before = written_otherwise(store, str(GRAPH))
    rewrite(store, frames)
    assert (store / GRAPH).read_bytes() == before
    kept = ModelStore(store)
    kept.verify(kept.find(NAME))


def vouched_for(store: Path, original: Original) -> None:
    """Put an original of other weights under a manifest that vouches for it."""
    file = store / NAME / FILE
    file.write_bytes(original.to_bytes())
    table = json.loads((store / MANIFEST).read_text())
    table["models"][0]["original"] = file_entry(file)
    (store / MANIFEST).write_text(json.dumps(table))


def test_one_that_would_make_another_picture_is_not_written(store: Path, frames: Path) -> None:
    vouched_for(store, Original(tiny(seed=2), tiny_grids(), 0))
    before = contents(store)
    with pytest.raises(SystemExit, match=rf"not written: {NAME} in \w+ makes another picture of frame 0"):
        rewrite(store, frames)
    assert contents(store) == before


def test_one_that_is_as_near_as_is_allowed_is_written(store: Path, frames: Path) -> None:
    vouched_for(store, Original(tiny(seed=2), tiny_grids(), 0))
    before = contents(store)
    rewrite(store, frames, levels=255)
    assert contents(store)[str(GRAPH)] != before[str(GRAPH)]
