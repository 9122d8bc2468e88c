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
    assert reload.changes() is None


def test_what_is_live_is_told_once(file: Path) -> None:
    reload = reload_of(file)
    file.write_text('spool_mb = 30\nthreads = 2\nrung = "low"\n')
    ask()
    assert reload.changes() == {"spool_mb": 30.0, "rung": Rung.LOW}
    assert reload.changes() is None
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
    assert reload.changes() is None
    assert "nothing is reloaded" in caplog.text
    file.write_text("spool_mb = 40\nthreads = 2\n")
    ask()
    assert reload.changes() == {"spool_mb": 40.0}


def test_a_flag_or_a_variable_stays_above_the_file(file: Path) -> None:
    reload = reload_of(file, "spool_mb")
    file.write_text("spool_mb = 30\nthreads = 2\n")
    ask()
    assert reload.changes() == {}


def test_an_address_changes_in_its_secrets_alone(file: Path, caplog: pytest.LogCaptureFixture) -> None:
    def uplink(address: str) -> None:
        file.write_text(f'spool_mb = 20\nthreads = 2\nuplink = "{address}"\n')

    uplink("https://user:one@host/dav?sig=1")
    reload = reload_of(file)
    uplink("https://user:two@host/dav?sig=2")
    ask()
    assert reload.changes() == {"uplink": ["https://user:two@host/dav?sig=2"]}
    for _ in range(2):
        uplink("https://user:two@elsewhere/dav?sig=2")
        ask()
        assert reload.changes() == {}
        assert "changed, and needs a restart: uplink" in caplog.text
        caplog.clear()
        uplink("https://user:three@elsewhere/dav?sig=3")
    ask()
    assert reload.changes() == {}, "a password would go to where the run does not send"
    assert "three" not in caplog.text


def test_a_credential_that_changed_is_seen(file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    (tmp_path / "camera").write_text("rtsp://user:one@camera/")
    reload = reload_of(file)
    (tmp_path / "camera").write_text("rtsp://user:two@camera/")
    ask()
    assert reload.changes() == {"camera": "rtsp://user:two@camera/"}


@pytest.mark.parametrize(
    "place", ["https://{}.example.org/files/bob@example.org/front/", "https://{}.example.org/front/?sig=a@b"]
)
def test_another_place_is_no_secret_wherever_an_at_sign_stands(file: Path, place: str) -> None:
    file.write_text(f'uplink = "{place.format("here")}"\n')
    reload = reload_of(file)
    file.write_text(f'uplink = "{place.format("there")}"\n')
    ask()
    assert reload.changes() == {}, "what waits for one far end would be sent to another"
