"""What a broker may ask for."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import typer

from edge_vsr.cli import run
from edge_vsr.cli.remote import Ending
from edge_vsr.cli.renewal import Current
from edge_vsr.pipeline import RunSummary
from edge_vsr.telemetry.server import Listen


def test_a_restart_ends_one_run_and_begins_another_once() -> None:
    ending = Ending()
    ending.restart()
    assert ending.stop.is_set()
    assert ending.another()
    assert not ending.stop.is_set()
    assert not ending.another()


def test_a_signal_is_stronger_than_a_restart() -> None:
    ending = Ending()
    ending.restart()
    ending.for_good()
    assert not ending.another()
    assert ending.stop.is_set()


def test_a_signal_alone_is_the_end() -> None:
    ending = Ending()
    ending.for_good()
    assert not ending.another()


def test_a_run_that_follows_asks_for_the_token_that_was_renewed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tokens = []

    def running(current: Current, ending: Ending, listen: Listen, _reload: Any) -> RunSummary:
        tokens.append(listen.token)
        current.config = replace(current.config, metrics_token="new")
        ending.restart() if len(tokens) == 1 else ending.for_good()
        return RunSummary(0, 0, 0, 0, 0, 0)

    (tmp_path / "token").write_text("old")
    monkeypatch.setattr(run, "run", running)
    monkeypatch.setattr(run, "_stop_on_signals", lambda _: None)
    alone = typer.Typer(add_completion=False)
    alone.command("run", **run.SETTINGS)(run.command)
    words = ["--camera", "demo", "--uplink", str(tmp_path), "--metrics-token-file", str(tmp_path / "token")]
    typer.main.get_command(alone).main(words, standalone_mode=False)
    assert tokens == ["old", "new"]
