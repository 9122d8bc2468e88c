"""The model that is taken unless another is asked for."""

import json
from pathlib import Path

import pytest

from edge_vsr import places
from edge_vsr.calibration.chosen import FILE, FORMAT, Choice, choices, choose, find_choice, forget
from edge_vsr.errors import OutputError


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Of a user's choice."""
    monkeypatch.delenv("STATE_DIRECTORY", raising=False)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setattr(places, "SYSTEM", tmp_path / "system")
    return tmp_path / "edge-vsr" / FILE


def test_what_was_chosen_is_found_until_it_is_taken_back(place: Path) -> None:
    assert find_choice(["a"]) == Choice()
    assert choose("a") == place
    assert find_choice(["a"]) == Choice("a", place)
    forget(place)
    assert find_choice(["a"]) == Choice()


def test_a_model_that_is_gone_is_ignored_in_one_line(place: Path) -> None:
    choose("gone")
    why = "there is no model gone any more; `edge-vsr models use` makes another"
    assert find_choice(["a"]) == Choice(ignored=(f"the choice of a model in {place} is ignored: {why}",))


def test_all_choices_are_known_also_those_that_do_not_count(place: Path, tmp_path: Path) -> None:
    choose("gone")
    (tmp_path / "system").mkdir()
    (tmp_path / "system" / FILE).write_text("damaged")
    assert choices() == [place, tmp_path / "system" / FILE]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{",
        "[" * 9999,
        *(json.dumps({"format": FORMAT, "model": wrong}) for wrong in (None, 3, "../x", "")),
        json.dumps({"format": FORMAT + 1, "model": "a"}),
    ],
)
def test_a_damaged_choice_is_ignored_in_one_line(place: Path, text: str) -> None:
    place.parent.mkdir()
    place.write_text(text)
    found = find_choice(["a"])
    assert found.model is None
    assert [line.count("is damaged") for line in found.ignored] == [1]


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.delenv("STATE_DIRECTORY", raising=False)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    with pytest.raises(OutputError, match=r"cannot save the choice of a model in .*; set XDG_STATE_HOME"):
        choose("a")
