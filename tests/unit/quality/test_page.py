"""docs/quality.md is what the figures beside it give."""

import math
from pathlib import Path

from docs.quality.__main__ import MEASURED, PAGE, _models
from docs.quality.curves import Point
from docs.quality.figures import (
    BICUBIC,
    FULL,
    JUDGED,
    LANCZOS,
    WIDER,
    ClipFigures,
    Figures,
    SettingFigures,
    full_size_factors,
)
from docs.quality.page import NOTHING, crossings_table, filled, flicker_table, restored_table, settings_table
from docs.quality.plot import drawn


def line(count: int, psnr: float) -> tuple[Point, ...]:
    """From many bits to few, `psnr` at the fewest."""
    return tuple(Point(100.0 * 2**n, psnr + n, 10 * (psnr + n - 25)) for n in reversed(range(count)))


def figures(model_psnr: float = 31.0) -> Figures:
    curves = {
        "net": line(len(WIDER + JUDGED), model_psnr),
        LANCZOS: line(len(JUDGED), 30),
        FULL: line(len(full_size_factors(WIDER + JUDGED)), 29.5),
    }
    clip = ClipFigures("road", 640, 360, 10.0, 60, curves, {"net": 0.01})
    settings = (SettingFigures("worse", (4.0,), (3.0,)), SettingFigures("better", (-4.0,), (math.nan,)))
    return Figures(("net",), (clip,), settings, ("road",))


def test_what_is_measured_by_itself_is_what_the_page_is_about() -> None:
    there = Figures.load(MEASURED)
    assert tuple(_models()) == there.models
    assert f"measured with `{there.settings_model}`" in PAGE.read_text()
    assert drawn(there.models) == [name for name in there.models if " " not in name]


def test_a_page_of_nothing_says_so() -> None:
    page = filled(PAGE.read_text(), Figures((), ()))
    assert page.count(NOTHING) == 4


def test_the_page_is_up_to_date() -> None:
    page = PAGE.read_text()
    assert page == filled(page, Figures.load(MEASURED)), "run: python -m docs.quality"


def test_half_the_bits_are_fifty_percent_less() -> None:
    """A decibel is an octave on these lines."""
    clip, mean = restored_table(figures()).splitlines()[2:]
    assert clip.startswith("| net | road | 640x360 | -50.0 % | -50.0 % | -64.6 % | -64.6 % | +0.010 dB |")
    assert mean.startswith("| **net** | **mean** |  | **-50.0 %** |")


def test_losses_are_shown() -> None:
    assert "| +100.0 % |" in restored_table(figures(29.0))


def test_a_curve_that_ends_too_early_says_so() -> None:
    assert "> 3200 kbit/s, > 1.389" in crossings_table(figures())


def test_flicker_stands_beside_that_of_bicubic() -> None:
    curves = {
        "net": tuple(Point(100.0, 30.0, 50.0, 0.25) for _ in WIDER + JUDGED),
        BICUBIC: tuple(Point(100.0, 30.0, 50.0, 0.5) for _ in JUDGED),
    }
    still = ClipFigures("road", 640, 360, 10.0, 60, curves)
    moving = ClipFigures("sea", 640, 360, 10.0, 60, {way: line(len(points), 30) for way, points in curves.items()})
    rows = flicker_table(Figures(("net",), (still, moving))).splitlines()[2:]
    assert rows == ["| road |" + 4 * " 0.25 (0.50) |", "| sea |" + 4 * " all moves |"]
    assert flicker_table(figures()) == NOTHING


def test_settings_come_with_the_best_first() -> None:
    rows = settings_table(figures()).splitlines()[2:]
    assert rows == [
        "| better | -4.0 %, no overlap | -4.0 %, no overlap |",
        "| worse | +4.0 %, +3.0 % | +4.0 %, +3.0 % |",
    ]


def test_figures_are_kept_as_they_are(tmp_path: Path) -> None:
    figures().save(tmp_path / "a.json")
    again = Figures.load(tmp_path / "a.json")
    assert again.clips[0].judged("net")[0].psnr == figures().clips[0].judged("net")[0].psnr
    assert all(math.isnan(point.flicker) for curve in again.clips[0].curves.values() for point in curve)
    assert again.settings[0] == figures().settings[0]
    assert math.isnan(again.settings[1].vmaf[0])
