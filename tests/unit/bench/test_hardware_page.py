"""docs/hardware.md is what the reports beside it give."""

import importlib.util
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest

from edge_vsr.bench.advice import Advice
from tests.unit.bench.rows import BOX, network, peak, report

DOCS = Path(__file__).parents[3] / "docs"
ADVICE = Advice("small", "openvino", 4, "whole", "still", "enhanced", 20.0)
MEASURED = report(peak(100, 25), network("small", 20), network("large", 90), advice=ADVICE)


@pytest.fixture(scope="module")
def maker() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_hardware", DOCS / "make_hardware.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_is_up_to_date(maker: ModuleType) -> None:
    page = (DOCS / "hardware.md").read_text()
    assert page == maker.with_table(page, maker.table(maker.reports())), "run: python docs/make_hardware.py"


def test_a_box_is_one_row_with_what_was_advised(maker: ModuleType, tmp_path: Path) -> None:
    MEASURED.save(tmp_path / "a-box.json")
    *_, row = maker.table(maker.reports(tmp_path)).splitlines()
    shown = dict(zip(maker.COLUMNS, (cell.strip() for cell in row.strip("|").split("|")), strict=True))
    assert (shown["box"], shown["network"], shown["ms p50"]) == ("a-box", "small", "20.0")
    assert shown["of INT8 peak"] == "50%"


def test_a_report_without_speeds_is_refused(maker: ModuleType) -> None:
    for wrong in (replace(MEASURED, advice=None), replace(MEASURED, box=replace(BOX, emulated=True))):
        with pytest.raises(SystemExit, match="no speeds"):
            maker.table([("a-box", wrong)])


@pytest.mark.parametrize(("name", "says"), [("a-box", "is not a report"), ("a box | 5", "letters, digits and dashes")])
def test_a_file_that_is_no_report_is_one_line(maker: ModuleType, tmp_path: Path, name: str, says: str) -> None:
    (tmp_path / f"{name}.json").write_text("{}")
    with pytest.raises(SystemExit, match=says):
        list(maker.reports(tmp_path))
