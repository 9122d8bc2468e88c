import io
import logging
from dataclasses import replace

import pytest

from edge_vsr.camera.status import CameraState
from edge_vsr.cli.status_line import LOG_EVERY, StatusLine, in_words, summary_in_words
from edge_vsr.clock import FakeClock
from edge_vsr.part import PartStatus
from edge_vsr.pipeline import RunStatus, RunSummary
from edge_vsr.rung import Rung
from edge_vsr.stages.live import LiveState, LiveStatus
from edge_vsr.uplink.disk import SpoolState

STATUS = RunStatus(29.97, 14.6, Rung.ENHANCED, 812.4, 3, CameraState.OPEN, "up")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_status_in_words() -> None:
    assert in_words(STATUS) == "30.0 fps in | 14.6 fps out | enhanced | 812 kbit/s | backlog 3"


def test_what_is_away_is_said() -> None:
    words = in_words(replace(STATUS, rung=None, camera=CameraState.AWAY, uplink="away"))
    assert words.endswith("| starting | 812 kbit/s | backlog 3 | camera away | uplink away")
    assert in_words(replace(STATUS, spool=SpoolState.READ_ONLY)).endswith("| backlog 3 | spool read-only")


def test_a_live_far_end_besides_is_told_of_while_it_is_away() -> None:
    away = LiveStatus(LiveState.AWAY, "why", 0, 0)
    assert in_words(replace(STATUS, live=away)).endswith("| backlog 3 | live away")
    assert in_words(replace(STATUS, uplink="away", live=away)).endswith("| backlog 3 | uplink away"), "said once"
    assert in_words(replace(STATUS, live=replace(away, state=LiveState.LIVE))) == in_words(STATUS)


def test_what_is_tried_again_is_said_with_its_state() -> None:
    broker = PartStatus("mqtt", "away", "no answer")
    assert in_words(STATUS.beside(broker)).endswith("| backlog 3 | mqtt away")
    away = replace(STATUS, uplink="away").beside(PartStatus("uplink", "away", "no route"))
    assert in_words(away).endswith("| backlog 3 | uplink away"), "said once"


@pytest.mark.parametrize("uplink", ["up", "live"])
def test_what_is_well_is_not_said(uplink: str) -> None:
    assert "uplink" not in in_words(replace(STATUS, uplink=uplink))


def test_a_summary_accounts_for_every_frame_and_segment() -> None:
    assert summary_in_words(RunSummary(600, 590, 10, 9, 1, 0)) == (
        "600 frames captured, 590 encoded, 10 dropped; 10 segments made, 9 delivered, 1 wait in the spool"
    )
    stills = summary_in_words(RunSummary(600, 10, 10, 9, 1, 0, left_out=580))
    assert "10 encoded, 10 dropped;" in stills
    assert stills.endswith("; 580 frames left out between stills")
    assert summary_in_words(RunSummary(0, 0, 0, 0, 0, 2)).endswith(", 2 given up")
    live = LiveStatus(LiveState.LIVE, None, 1_230_000, 9)
    assert summary_in_words(RunSummary(0, 0, 0, 0, 0, 0, live)).endswith("; live: 9 segments whole, 1.2 MB")


def test_on_a_terminal_each_status_takes_the_place_of_the_last() -> None:
    terminal = Terminal()
    line = StatusLine(FakeClock(), terminal)
    line.show(STATUS)
    line.show(replace(STATUS, backlog=4))
    line.clear()
    assert [part for part in terminal.getvalue().split("\r\x1b[2K") if part] == [
        in_words(STATUS),
        in_words(replace(STATUS, backlog=4)),
    ]
    assert "\n" not in terminal.getvalue()


def test_elsewhere_a_log_line_comes_every_hour(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    clock, stream = FakeClock(), io.StringIO()
    line = StatusLine(clock, stream)
    for _ in range(50):
        clock.advance(LOG_EVERY / 20)
        line.show(STATUS)
    line.clear()
    assert stream.getvalue() == ""
    assert caplog.messages == [in_words(STATUS)] * 2, "in two hours and a half"
