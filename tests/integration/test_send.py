"""What waits in a spool, sent later, as a user does it."""

import signal
from pathlib import Path

import pytest

from edge_vsr.uplink.playlist import PLAYLIST_NAME
from edge_vsr.uplink.spool import Spool
from tests.integration import nginx
from tests.integration.command import LIGHT, edge_vsr, numbers_in, started
from tests.integration.servers import free_port
from tests.unit.uplink.segments import segment

SECRET = "S3CR3T"


@pytest.fixture
def spool(tmp_path: Path) -> Path:
    """What a live far end that was never there missed."""
    folder = tmp_path / "spool"
    url = f"rtmp://127.0.0.1:{free_port()}/live/{SECRET}"
    run = ["run", "--camera", "demo", "--uplink", url, "--seconds", 5, *LIGHT, "--spool", folder]
    outcome = edge_vsr(*run, state=tmp_path / "state")
    assert outcome.waiting == outcome.segments > 0, outcome.output
    assert f"edge-vsr send {folder}" in outcome.output
    return folder


def test_what_a_live_far_end_missed_is_sent_to_one_that_keeps_it(tmp_path: Path, spool: Path) -> None:
    waiting = {path.name: path.read_bytes() for path in spool.glob("*.ts")}
    port = free_port()
    with nginx.webdav(tmp_path, port):
        outcome = edge_vsr("send", spool, "--uplink", f"http://127.0.0.1:{port}/", state=tmp_path / "state")
    assert outcome.code == 0, outcome.output
    assert f"{len(waiting)} segments delivered, 0 wait" in outcome.output
    assert {path.name: path.read_bytes() for path in (tmp_path / "www").glob("*.ts")} == waiting
    assert len(numbers_in(tmp_path / "www" / PLAYLIST_NAME)) > 0
    again = edge_vsr("send", spool, "--uplink", tmp_path / "out", state=tmp_path / "state")
    assert (again.code, "nothing waits" in again.output) == (0, True), again.output
    assert not (tmp_path / "out").exists()


def test_a_far_end_that_is_away_is_tried_until_a_signal_and_nothing_is_lost(tmp_path: Path, spool: Path) -> None:
    url = f"http://front:{SECRET}@127.0.0.1:{free_port()}/"
    before = sorted(path.name for path in spool.glob("*.ts"))
    with started("send", spool, "--uplink", url, state=tmp_path / "state") as command:
        command.until(lambda: "uplink away" in command.output, "the first try")
        command.process.send_signal(signal.SIGTERM)
        outcome = command.ended()
    assert outcome.code == 0, outcome.output
    assert SECRET not in outcome.output
    with Spool(spool) as opened:
        assert opened.names() == before


@pytest.mark.parametrize("way", [".", "link"])
def test_a_spool_is_not_sent_to_itself(tmp_path: Path, way: str) -> None:
    folder = tmp_path / "spool"
    with Spool(folder) as filled:
        filled.put(segment(0))
    before = sorted(folder.iterdir())
    (tmp_path / "link").symlink_to(folder)
    there = folder if way == "." else tmp_path / way
    outcome = edge_vsr("send", folder, "--uplink", there, state=tmp_path / "state")
    assert (outcome.code, outcome.output.count("\n")) == (2, 1), outcome.output
    assert "is spool and uplink at once" in outcome.output
    assert sorted(folder.iterdir()) == before


@pytest.mark.parametrize(
    ("folder", "uplink", "code", "says"),
    [("spool", "rtsp://host/x", 2, "takes nothing that is over"), ("nowhere", "out", 4, "there is no spool")],
)
def test_what_cannot_be_sent_is_told_in_a_line(tmp_path: Path, folder: str, uplink: str, code: int, says: str) -> None:
    outcome = edge_vsr("send", tmp_path / folder, "--uplink", uplink, state=tmp_path / "state", cwd=tmp_path)
    assert (outcome.code, outcome.output.count("\n")) == (code, 1), outcome.output
    assert says in outcome.output
    assert not list(tmp_path.iterdir())
