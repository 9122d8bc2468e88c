from pathlib import Path

import pytest

from models.recipe.peers import PEERS
from models.recipe.plot import main, plot
from models.recipe.table import table
from tests.unit.recipe.records import record


def rows(text: str) -> dict[str, list[str]]:
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line[:1] == "|"]
    return {row[0]: row[1:] for row in cells}


def test_the_table_has_figures_targets_and_peers() -> None:
    shown = rows(table([record(name="ear-s-x2")]))
    times = ["34.5 (33.2..36.0)", "28.0 (27.5..31.0)"]
    assert shown["ear-s-x2"] == ["1,234", "8.8", "36.90", "36.90", "", *times]
    assert shown["its target"][2:5] == ["36.9", "32.6", "31.4"]
    assert shown["FSRCNN"][2:5] == ["37.00", "32.63", "31.53"]
    assert shown["IMDN"][2:5] == ["38.01*", "33.63", "32.19"]


def test_a_model_that_was_not_timed_is_shown_without_times() -> None:
    assert rows(table([record(measured=False)]))["tiny"][-2:] == ["", ""]


def test_each_scale_has_a_table_of_its_own() -> None:
    double, quadruple = table([record(), record(scale=4)]).split("\n\nx4")
    assert rows(double)["FSRCNN"][2] == "37.00"
    assert rows(quadruple)["FSRCNN"][2] == "30.72"


@pytest.mark.parametrize("scale", [2, 4])
def test_the_plot_is_a_picture(tmp_path: Path, scale: int) -> None:
    plot([record(scale=scale)], tmp_path / "a.png")
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")


def test_one_plot_a_scale(tmp_path: Path) -> None:
    for one in (record(name="a"), record(name="b", scale=4), record(name="c", measured=False)):
        (tmp_path / one.recipe.name).mkdir()
        one.save(tmp_path / one.recipe.name)
    main(tmp_path, tmp_path)
    assert {file.name for file in tmp_path.glob("*.png")} == {"quality-x2.png", "quality-x4.png"}


def test_no_plot_without_a_time(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="no released model was timed yet"):
        main(tmp_path, tmp_path)


def test_every_peer_is_known_on_the_plotted_set() -> None:
    assert all("Set5" in {**peer.paper, **peer.measured} for peer in PEERS)
