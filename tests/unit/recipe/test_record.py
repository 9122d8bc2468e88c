from pathlib import Path

import pytest

from models.recipe.record import Record, amend, released, times_before
from tests.unit.recipe.networks import tiny
from tests.unit.recipe.records import POOLING, TIMING, quality, record


def save(store: Path, one: Record) -> Path:
    folder = store / one.recipe.name
    folder.mkdir()
    one.save(folder)
    return folder


@pytest.mark.parametrize("measured", [False, True])
def test_a_record_is_read_as_it_was_written(tmp_path: Path, measured: bool) -> None:
    one = record(measured=measured)
    assert Record.load(save(tmp_path, one)) == one


def test_what_is_measured_is_added_to_what_is_known(tmp_path: Path) -> None:
    folder = save(tmp_path, record(measured=False))
    amend(folder, timing=TIMING)
    amend(folder, pooling=POOLING)
    known = Record.load(folder)
    assert (known.timing, known.pooling, known.referee) == (TIMING, POOLING, {})


def test_a_model_without_a_record_is_named(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match=r"ear-z/measured.json: not there; release the model first"):
        released(tmp_path, ["ear-z"])


def test_models_come_by_scale_and_from_small_to_large(tmp_path: Path) -> None:
    for name, scale, macs in [("a", 4, 1.0), ("b", 2, 3.0), ("c", 2, 2.0)]:
        save(tmp_path, record(name=name, scale=scale, macs=macs))
    assert [one.recipe.name for one in released(tmp_path)] == ["c", "b", "a"]
    assert [one.recipe.name for one in released(tmp_path, ["a", "b"])] == ["b", "a"]


@pytest.mark.parametrize(("scale", "frame"), [(2, "960x540"), (4, "480x270")])
def test_a_timed_frame_becomes_full_hd(scale: int, frame: str) -> None:
    one = record(scale=scale)
    assert str(one.frame) == frame
    assert str(one.frame.times(scale)) == "1920x1080"


def test_gmac_is_for_the_timed_frame() -> None:
    assert record(macs=10_000.0).gmac == pytest.approx(5.184)
    assert record(macs=10_000.0, scale=4).gmac == pytest.approx(1.296)


def test_loss_and_gap_are_those_of_the_worse_runtime() -> None:
    row = quality()
    assert (row.least, row.loss, row.apart) == pytest.approx((36.90, 0.04, 0.01))


def test_the_shift_is_measured_against_the_windows_that_suit_best() -> None:
    assert POOLING.shift == pytest.approx(0.02)


def test_times_outlive_a_release_that_changes_only_the_weights(tmp_path: Path) -> None:
    assert times_before(tmp_path, tiny()) is None, "of a model that is not there"
    record().save(tmp_path)
    assert times_before(tmp_path, tiny(seed=6, steps=9)) == TIMING
    assert times_before(tmp_path, tiny(blocks=3)) is None
