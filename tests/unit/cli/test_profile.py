"""A profile as defaults of flags: what else sets a flag counts before it."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import typer

from edge_vsr import places
from edge_vsr.calibration.chosen import choose
from edge_vsr.cli import profile as cli_profile
from edge_vsr.cli import run
from edge_vsr.cli.layers import fixed_keys, settings_of
from edge_vsr.cli.model import asked_model
from edge_vsr.cli.profile import from_profile, sr_of
from edge_vsr.config import SuperResolution
from tests.unit.bench.test_profile import HERE, PROFILE

SMALL = replace(PROFILE, tile="512x256", most="native")
NEEDED = ("--camera", "demo", "--uplink", "out")


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A box that the profile is for, and the profile."""
    monkeypatch.delenv("STATE_DIRECTORY", raising=False)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setattr(places, "SYSTEM", tmp_path / "system")
    monkeypatch.setattr(cli_profile, "_here", lambda _library: HERE)
    SMALL.save(tmp_path / "edge-vsr" / "profile.json")


def context(*words: str) -> Any:
    """Of `edge-vsr run` with these flags."""
    app = typer.Typer(add_completion=False)
    app.command("run", **run.SETTINGS)(run.command)
    return typer.main.get_command(app).make_context("run", [*NEEDED, *words])


def sources(of: Any) -> dict[str, str]:
    return {setting.key.name: setting.source for setting in settings_of(of, run.KEYS)}


def test_every_setting_of_a_profile_is_a_flag_of_run() -> None:
    assert SMALL.settings().keys() <= run.KEYS.keys()


def test_it_sets_what_nothing_else_sets() -> None:
    plain = context()
    assert from_profile(plain) == SMALL.settings()
    assert (plain.params["threads"], plain.params["tile"], plain.params["sr"]) == (4, "512x256", SuperResolution.OFF)
    assert {name for name, source in sources(plain).items() if source == "profile"} == SMALL.settings().keys()


def test_a_flag_a_variable_and_a_file_count_before_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDGE_VSR_THREADS", "2")
    (tmp_path / "a.toml").write_text('runtime = "onnxruntime"\n')
    mixed = context("--model", "bicubic", "--config", str(tmp_path / "a.toml"))
    assert from_profile(mixed) == {"tile": "512x256", "sr": "off"}
    assert (mixed.params["model"], mixed.params["threads"], mixed.params["runtime"]) == ("bicubic", 2, "onnxruntime")
    found = sources(mixed)
    assert (found["model"], found["threads"], found["runtime"]) == ("flag", "EDGE_VSR_THREADS", "file")


def test_what_it_sets_a_file_may_still_change() -> None:
    assert "sr" not in fixed_keys(context(), run.KEYS)


@pytest.mark.parametrize(
    ("words", "sr"),
    [
        ((), SuperResolution.OFF),
        (("--rung", "enhanced"), SuperResolution.AUTO),
        (("--model", "bicubic"), SuperResolution.AUTO),
        (("--sr", "on"), SuperResolution.ON),
        (("--sr", "off", "--model", "bicubic"), SuperResolution.OFF),
    ],
)
def test_who_chooses_is_not_told_off_super_resolution(words: tuple[str, ...], sr: SuperResolution) -> None:
    asked = context(*words)
    assert sr_of(asked, asked.params["sr"]) is sr


def test_its_network_says_how_fast_one_may_be_and_not_for_what() -> None:
    asked = context()
    assert asked_model(asked, asked.params["model"]) == ("auto", "ear-s-x2")
    named = context("--model", "ear-m-x2")
    assert asked_model(named, named.params["model"]) == ("ear-m-x2", None)


def test_a_chosen_model_counts_before_the_profile_s(tmp_path: Path) -> None:
    choose("ear-s-x2")
    plain = context()
    assert sources(plain)["model"] == "models use"
    assert from_profile(plain) == SMALL.settings(), "of the same network all else counts"
    assert asked_model(plain, plain.params["model"]) == ("ear-s-x2", None), "nothing else is looked for"
    flagged = context("--model", "bicubic")
    assert sources(flagged)["model"] == "flag"


def test_what_was_found_for_another_network_does_not_count() -> None:
    choose("ear-m-x2")
    assert from_profile(context()) == {"model": "ear-m-x2", "runtime": "openvino", "threads": 4}


def test_a_chosen_model_without_a_profile(tmp_path: Path) -> None:
    (tmp_path / "edge-vsr" / "profile.json").unlink()
    choose("bicubic")
    assert from_profile(context()) == {"model": "bicubic"}
