"""What the command line refuses, before anything is done."""

import pytest

from edge_vsr.cli import app, run
from edge_vsr.cli.refusal import Refusal, in_one_line

RUN = ["run", "--camera", "demo", "--uplink", "out"]


def refused(*words: str) -> str:
    with pytest.raises(Refusal) as caught:
        app(list(words), standalone_mode=False)
    return in_one_line(caught.value, run.KEYS)


@pytest.mark.parametrize(
    ("flags", "line"),
    [
        (["--uplnk", "x"], "no flag --uplnk; did you mean --uplink?"),
        (["--spool-mb", "0"], "--spool-mb: give a number, 1 or more"),
        (["--threads", "many"], "--threads: give a whole number, 1..256"),
        (["--sr", "maybe"], "--sr: give one of auto, on, off"),
        (["--order", "random"], "--order: give one of oldest-first, newest-first"),
    ],
)
def test_a_flag_of_run_is_refused_as_a_key_is(flags: list[str], line: str) -> None:
    assert refused(*RUN, *flags) == line


def test_a_variable_is_named_as_such(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDGE_VSR_SPOOL_MB", "none")
    assert refused(*RUN) == "EDGE_VSR_SPOOL_MB: give a number, 1 or more"


def test_what_is_missing_may_be_given_in_three_ways() -> None:
    line = "no camera is given; give --camera, EDGE_VSR_CAMERA in the environment, or camera in the configuration"
    assert refused("run", "--uplink", "out") == line


@pytest.mark.parametrize(
    "words",
    [
        [*RUN, "--no-such-flag"],
        [*RUN, "word"],
        [*RUN, "--threads"],
        ["rnu"],
        ["restore"],
        ["restore", "a", "b", "--threads", "none"],
        ["service", "logs", "--lines", "0"],
    ],
)
def test_everything_else_is_one_line_that_leads_to_the_help(words: list[str]) -> None:
    line = refused(*words)
    assert "\n" not in line
    assert line.endswith("--help` tells what there is")
