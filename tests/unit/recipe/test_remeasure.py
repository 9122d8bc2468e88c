"""Figures of INT8 measured anew are those of the graphs as they are, everywhere that tells them."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from edge_vsr.sr.store import MANIFEST
from models.recipe.card import CARD, card
from models.recipe.record import Record, amend, released
from models.recipe.remeasure import remeasure
from tests.unit.recipe.test_release import release_untrained


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return release_untrained(tmp_path, monkeypatch, scale=2)


def with_figures_of_other_graphs(store: Path) -> tuple[Record, Record]:
    """The record as it was, and with figures that are not those of the graphs."""
    (true,) = released(store)
    others = [replace(row, int8=dict.fromkeys(row.int8, row.float_network - 0.01)) for row in true.quality]
    amend(store / "tiny", quality=others)
    (false,) = released(store)
    return true, false


def test_record_manifest_and_card_tell_what_the_graphs_make(store: Path) -> None:
    true, false = with_figures_of_other_graphs(store)
    before = json.loads((store / MANIFEST).read_text())
    remeasure(store, false, {"Set1": store.parent / "Set1"})
    assert released(store) == [true]
    assert json.loads((store / MANIFEST).read_text()) == before, "the release had measured the same graphs"
    assert (store / "tiny" / CARD).read_text() == card(true)


def test_a_set_that_is_not_there_is_asked_for(store: Path) -> None:
    (record,) = released(store)
    with pytest.raises(SystemExit, match="tiny was measured on Set1 too"):
        remeasure(store, record, {})


def test_what_is_not_good_enough_any_more_changes_nothing(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _, record = with_figures_of_other_graphs(store)
    monkeypatch.setattr("models.recipe.release.MOST_LOSS", -99.0)
    with pytest.raises(SystemExit, match="INT8 loses"):
        remeasure(store, record, {"Set1": store.parent / "Set1"})
    assert released(store) == [record]
