import io
import logging

import pytest
from rich.console import Console

from edge_vsr.cli.progress import LINE_EVERY, JobProgress
from edge_vsr.clock import FakeClock


def lines(caplog: pytest.LogCaptureFixture, *steps: tuple[int, int | None], first: int = 0) -> list[str]:
    """What is logged of steps that take ten seconds each, where there is no terminal."""
    caplog.set_level(logging.INFO)
    clock = FakeClock()
    with JobProgress("clip.mp4", clock, Console(file=io.StringIO(), force_terminal=False)) as progress:
        progress(first, steps[0][1])
        for done, total in steps:
            clock.advance(10.0)
            progress(done, total)
    return caplog.messages


def test_a_log_tells_now_and_then_how_far_it_is_and_what_is_left(caplog: pytest.LogCaptureFixture) -> None:
    assert LINE_EVERY == 30.0
    steps = [(count, 400) for count in range(1, 7)]
    assert lines(caplog, *steps) == ["clip.mp4: 3 of 400, 1:06:10 left", "clip.mp4: 6 of 400, 1:05:40 left"]


def test_what_was_done_before_does_not_make_it_look_quicker(caplog: pytest.LogCaptureFixture) -> None:
    assert lines(caplog, (91, 100), (92, 100), (93, 100), first=90) == ["clip.mp4: 93 of 100, 0:01:10 left"]


def test_without_an_end_there_is_no_time_left(caplog: pytest.LogCaptureFixture) -> None:
    assert lines(caplog, (1, None), (2, None), (3, None)) == ["clip.mp4: 3"]


def test_before_anything_is_done_nobody_knows(caplog: pytest.LogCaptureFixture) -> None:
    assert lines(caplog, (0, 9), (0, 9), (0, 9)) == ["clip.mp4: 0 of 9, unknown time left"]
