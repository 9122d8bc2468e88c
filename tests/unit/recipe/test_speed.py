import json
from pathlib import Path

import pytest

import models
from edge_vsr.sr.store import ModelStore
from models.recipe.record import Speed
from models.recipe.speed import processor
from models.recipe.stopwatch import main

STORE = Path(models.__file__).parent

CPUINFO = """processor\t: 0
model name\t: Some Processor @ 2.50GHz
flags\t\t: fpu avx2 avx512_vnni

processor\t: 1
model name\t: Some Processor @ 2.50GHz
flags\t\t: fpu avx2 avx512_vnni
"""


def test_a_processor_has_a_name_and_abilities() -> None:
    assert processor(CPUINFO) == "Some Processor @ 2.50GHz with AVX-512 VNNI"
    assert processor(CPUINFO.replace("avx512_vnni", "")) == "Some Processor @ 2.50GHz"


def test_a_processor_without_a_name_is_called_by_its_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.machine", lambda: "aarch64")
    assert processor("processor\t: 0\nFeatures\t: fp asimd asimddp\n") == "aarch64 with dot products"


@pytest.mark.parametrize("runtime", ["onnxruntime", "openvino"])
def test_the_stopwatch_prints_what_a_record_holds(capsys: pytest.CaptureFixture[str], runtime: str) -> None:
    name = next(iter(ModelStore(STORE).models))
    main(STORE, name, runtime, "96x64", threads=1, frames=3)
    speed = Speed(**json.loads(capsys.readouterr().out))
    assert speed.frames == 3
    assert 0 < speed.least <= speed.median <= speed.most
    assert speed.peak_rss > 20
