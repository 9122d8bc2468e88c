import json
from pathlib import Path
from typing import Any

import cv2
import pytest
import torch

from models.recipe.train import learning_rate, train
from tests.unit.recipe.networks import table, tiny, write_recipe
from tests.unit.sr.pictures import demo_frame


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    for number, width in enumerate((128, 136, 144)):
        cv2.imwrite(str(folder / f"{number}.png"), demo_frame(width, 96).y)
    return folder


def run(folder: Path, data: Path, *stops: int | None, **changed: Any) -> dict[str, Any]:
    """Train the tiny recipe, stopping in between; returns the last checkpoint."""
    folder.mkdir()
    recipe = write_recipe(folder / "tiny.toml", table(**changed))
    for stop in stops:
        train(recipe, data, folder / "run", threads=1, steps=stop)
    kept: dict[str, Any] = torch.load(folder / "run" / "checkpoint.pt")
    return kept


@pytest.mark.parametrize("optimiser", ["adam", "muon"])
def test_training_goes_on_from_a_checkpoint_as_if_it_had_never_stopped(
    tmp_path: Path, data: Path, optimiser: str
) -> None:
    once = run(tmp_path / "once", data, None, optimiser=optimiser)
    twice = run(tmp_path / "twice", data, 2, 5, None, optimiser=optimiser)
    assert (once["step"], twice["step"]) == (6, 6)
    for part in ("network", "ema"):
        for name, value in once[part].items():
            assert torch.equal(value, twice[part][name]), f"{part}: {name} differs"


def test_a_run_leaves_checkpoint_log_and_curves(tmp_path: Path, data: Path) -> None:
    run(tmp_path / "a", data, None)
    left = {path.name for path in (tmp_path / "a" / "run").iterdir()}
    assert left == {"checkpoint.pt", "log.jsonl", "curves.png"}
    (row,) = [json.loads(line) for line in (tmp_path / "a" / "run" / "log.jsonl").read_text().splitlines()]
    assert row["step"] == 6
    assert row["psnr"] > 15


def test_the_rate_rises_and_falls_to_a_hundredth() -> None:
    recipe = tiny(steps=100, warmup=10, learning_rate=1.0)
    rates = [learning_rate(recipe, step) for step in range(100)]
    assert rates[:10] == pytest.approx([n / 10 for n in range(1, 11)])
    assert rates[10:] == sorted(rates[10:], reverse=True)
    assert rates[-1] == pytest.approx(0.01, abs=0.001)


def test_the_rate_stays_at_its_peak_until_the_cooldown() -> None:
    recipe = tiny(steps=110, warmup=10, learning_rate=1.0, cooldown=0.25)
    rates = [learning_rate(recipe, step) for step in range(110)]
    assert set(rates[9:85]) == {1.0}
    assert rates[85:] == sorted(rates[85:], reverse=True)
    assert rates[-1] == pytest.approx(0.01, abs=0.01)
