import stat
from pathlib import Path

import pytest

from edge_vsr.errors import MissingDependency
from edge_vsr.uplink.ffmpeg_program import program_with
from edge_vsr.uplink.srt import last_words

REJECTED = "17:43:11.05/SRT:RcvQ:w1!W:SRT.cn: processAsyncConnectRequest: REJECT reported from HS processing: "
FAILED = "[srt @ 0x56] Connection to srt://10.0.0.1:9000 failed: Input/output error"


@pytest.mark.parametrize(
    ("said", "error", "message"),
    [
        ([], "away", "ffmpeg ended without a word"),
        (["Killed"], "away", "Killed"),
        ([FAILED, "srt://10.0.0.1:9000: Input/output error"], "away", "failed: Input/output error"),
        ([REJECTED + "Incorrect passphrase - not processing further", FAILED], "refused", "Incorrect passphrase"),
        ([FAILED.replace("Input", "passphrase-1 Input")], "away", "failed: *** Input/output error"),
    ],
)
def test_why_a_session_ended(said: list[str], error: str, message: str) -> None:
    assert last_words(said, ["passphrase-1"]) == {"error": error, "message": message}


def program(folder: Path, *answers: str) -> None:
    """An ffmpeg that says `answers`, whatever it is asked."""
    path = folder / "ffmpeg"
    path.write_text("#!/bin/sh\n" + "".join(f"echo {answer}\n" for answer in answers))
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


@pytest.mark.parametrize(
    ("answers", "says"),
    [(None, "needs the ffmpeg program: apt install"), (["srtp", "file"], "was built without srt://")],
)
def test_without_a_program_that_can_it_says_what_to_install(
    answers: list[str] | None, says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setitem(__import__("sys").modules, "imageio_ffmpeg", None)
    if answers:
        program(tmp_path, *answers)
    with pytest.raises(MissingDependency, match=says):
        program_with("srt", unseen=False)


def test_a_program_that_takes_secrets_in_sight_only_gets_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setitem(__import__("sys").modules, "imageio_ffmpeg", None)
    program(tmp_path, "srt")
    assert program_with("srt", unseen=False) == str(tmp_path / "ffmpeg")
    with pytest.raises(MissingDependency, match="every user of the machine could read it"):
        program_with("srt", unseen=True)
