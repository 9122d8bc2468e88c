import pytest

from edge_vsr.bench.plan import Mode, unnamed
from edge_vsr.cli.bench import DEFAULT_MODEL, tell_unmeasured
from edge_vsr.sr.store import bundled_store


def test_each_released_model_is_measured_or_told(capsys: pytest.CaptureFixture[str]) -> None:
    released = bundled_store().models
    measured = unnamed(Mode.USUAL, released, DEFAULT_MODEL)
    tell_unmeasured(measured, released)
    same, left = capsys.readouterr().out.splitlines()
    assert "ear-s-x2-video as ear-s-x2" in same
    told = [name for name in released if f" {name} as " in same or name in left.partition(": ")[2].split(", ")]
    assert sorted([*measured, *told]) == sorted(released)


def test_nothing_is_told_where_all_were_measured(capsys: pytest.CaptureFixture[str]) -> None:
    released = bundled_store().models
    tell_unmeasured(released, released)
    assert not capsys.readouterr().out
