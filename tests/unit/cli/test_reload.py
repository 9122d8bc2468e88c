"""SIGHUP, from the file to what a run follows."""

import logging
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge_vsr.cli.reload import Reload
from edge_vsr.cli.run import KEYS
from edge_vsr.rung import Rung


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "front.toml"
    file.write_text("spool_mb = 20\nthreads = 2\n")
    return file


@pytest.fixture(autouse=True)
def usual_signals() -> Iterator[None]:
    before = signal.getsignal(signal.SIGHUP)
    yield
    signal.signal(signal.SIGHUP, before)


def reload_of(file: Path, *fixed: str) -> Reload:
    reload = Reload(file, KEYS, frozenset(fixed))
    reload.listen()
    return reload


def ask() -> None:
    os.kill(os.getpid(), signal.SIGHUP)


def test_without_a_signal_a_changed_file_is_left_alone(file: Path) -> None:
    reload = reload_of(file)
    file.write_text("spool_mb = 30\n")
    assert reload.changes() == {}


def test_what_is_live_is_told_once(file: Path) -> None:
    reload = reload_of(file)
    file.write_text('spool_mb = 30\nthreads = 2\nrung = "low"\n')
    ask()
    assert reload.changes() == {"spool_mb": 30.0, "rung": Rung.LOW}
    assert reload.changes() == {}
    ask()
    assert reload.changes() == {}


def test_what_is_taken_out_is_at_its_default_again(file: Path) -> None:
    reload = reload_of(file)
    file.write_text("threads = 2\n")
    ask()
    assert reload.changes() == {"spool_mb": KEYS["spool_mb"].default}


def test_what_needs_a_restart_is_said(file: Path, caplog: pytest.LogCaptureFixture) -> None:
    reload = reload_of(file)
    file.write_text("spool_mb = 20\nthreads = 3\n")
    ask()
    with caplog.at_level(logging.INFO):
        assert reload.changes() == {}
    assert "changed, and needs a restart: threads" in caplog.text


def test_a_file_that_is_wrong_changes_nothing(file: Path, caplog: pytest.LogCaptureFixture) -> None:
    reload = reload_of(file)
    file.write_text("spool_mb = 'much'\n")
    ask()
    assert reload.changes() == {}
    assert "nothing is reloaded" in caplog.text
    file.write_text("spool_mb = 40\nthreads = 2\n")
    ask()
    assert reload.changes() == {"spool_mb": 40.0}


def test_a_flag_or_a_variable_stays_above_the_file(file: Path) -> None:
    reload = reload_of(file, "spool_mb")
    file.write_text("spool_mb = 30\nthreads = 2\n")
    ask()
    assert reload.changes() == {}
