import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_vsr.camera.status import CameraState
from edge_vsr.errors import UsageError
from edge_vsr.mqtt.client import allowed_commands
from edge_vsr.mqtt.messages import (
    LONGEST,
    PRESS,
    Command,
    CommandName,
    Ignored,
    command,
    discovery,
    standing,
    status_message,
)
from edge_vsr.mqtt.topics import Topics
from edge_vsr.part import PartStatus
from edge_vsr.pipeline import RunStatus
from edge_vsr.rung import Rung
from edge_vsr.stages.live import LiveState, LiveStatus

ALL = frozenset(CommandName)
STATUS = RunStatus(
    29.97, 14.6, Rung.NATIVE, 812.4, 3, CameraState.OPEN, "away",
    parts=(PartStatus("uplink", "away", "it is away", "it is away", 4, 3.0),),
    captured=40, encoded=29, left_out=10, allowed_kbits=900.4, reason="4.1 s of video wait",
)  # fmt: skip


@pytest.mark.parametrize(
    ("name", "payload", "expected"),
    [
        ("rung", b"low", Command(CommandName.RUNG, Rung.LOW)),
        ("rung", b"auto", Command(CommandName.RUNG)),
        ("snapshot", b"", Command(CommandName.SNAPSHOT)),
        ("restart", PRESS, Command(CommandName.RESTART)),
    ],
)
def test_a_command_that_is_allowed(name: str, payload: bytes, expected: Command) -> None:
    assert command(name, payload, retained=False, allowed=ALL) == expected


@pytest.mark.parametrize(
    ("name", "payload", "retained", "says"),
    [
        ("reboot", b"", False, "no such command"),
        ("../rung", b"low", False, "no such command"),
        ("restart", b"", True, "retained"),
        ("rung", b"low" * LONGEST, False, f"{3 * LONGEST} bytes"),
        ("rung", b"\xff\xfe", False, "takes still, low, native"),
        ("rung", b"", False, "takes still, low, native"),
        ("rung", b"LOW", False, "takes still, low, native"),
        ("rung", b'{"rung": "low"', False, "takes still, low, native"),
        ("snapshot", b"{}", False, "takes no message"),
    ],
)
def test_what_is_no_command_is_ignored(name: str, payload: bytes, retained: bool, says: str) -> None:
    with pytest.raises(Ignored, match=says):
        command(name, payload, retained=retained, allowed=ALL)


@pytest.mark.parametrize("name", list(CommandName))
def test_a_command_that_is_not_allowed_is_ignored(name: CommandName) -> None:
    with pytest.raises(Ignored, match="is not allowed"):
        command(name.value, b"low", retained=False, allowed=ALL - {name})


@given(st.text(), st.binary(), st.booleans())
def test_a_hostile_message_is_a_command_or_is_ignored_and_never_repeated(
    name: str, payload: bytes, retained: bool
) -> None:
    told = ""
    try:
        command(name, payload, retained=retained, allowed=ALL)
    except Ignored as reason:
        told = str(reason)
    assert len(told) < 100


def test_a_status_is_json() -> None:
    live = LiveStatus(LiveState.AWAY, "no answer", 1000, 2)
    found = json.loads(status_message(replace(STATUS, live=live)))
    assert found == {
        "fps_in": 30.0,
        "fps_out": 14.6,
        "rung": "native",
        "reason": "4.1 s of video wait",
        "kbits": 812,
        "allowed_kbits": 900,
        "backlog": 3,
        "captured": 40,
        "encoded": 29,
        "left_out": 10,
        "camera": {"state": "open", "error": None},
        "uplink": {"state": "away", "error": "it is away"},
        "live": {"state": "away", "error": "no answer", "bytes": 1000, "segments": 2},
        "spool": "ready",
        "failing": ["uplink: it is away"],
        "failures": {"uplink": 4},
    }
    assert json.loads(status_message(STATUS))["live"] is None


def test_a_state_is_news_and_a_figure_is_not() -> None:
    assert standing(STATUS) == standing(replace(STATUS, fps_in=1.0, kbits=2.0, backlog=9))
    for change in ({"rung": Rung.LOW}, {"uplink": "up"}, {"camera": CameraState.AWAY}, {"parts": ()}):
        assert standing(STATUS) != standing(replace(STATUS, **change)), change


def test_home_assistant_is_told_of_what_there_is_and_of_what_is_allowed_only() -> None:
    topics = Topics("site/front")
    found = {topic: json.loads(text) for topic, text in discovery(topics, "1.0", frozenset(), stills=False).items()}
    assert {topic.split("/")[1] for topic in found} == {"sensor"}
    for topic, entity in found.items():
        assert topic.endswith("/config")
        assert entity["state_topic"] == "site/front/status"
        assert entity["availability_topic"] == "site/front/availability"
        assert entity["device"]["identifiers"] == ["site-front"]
    everything = discovery(topics, "1.0", ALL, stills=True)
    assert {topic.split("/")[1] for topic in everything} == {"sensor", "select", "camera", "button"}
    identifiers = [json.loads(text)["unique_id"] for text in everything.values()]
    assert len(set(identifiers)) == len(everything)


def test_what_is_allowed_is_a_list_of_commands() -> None:
    assert allowed_commands("") == frozenset()
    assert allowed_commands(" rung, snapshot,") == {CommandName.RUNG, CommandName.SNAPSHOT}
    with pytest.raises(UsageError, match="rung, snapshot, restart"):
        allowed_commands("rung,reboot")
