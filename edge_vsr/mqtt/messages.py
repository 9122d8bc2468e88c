"""What is said over MQTT, and what is heard. Pure."""

import json
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from enum import Enum
from typing import Any

from edge_vsr.mqtt.topics import Topics, plain
from edge_vsr.part import CAMERA, UPLINK
from edge_vsr.pipeline import RunStatus
from edge_vsr.rung import Rung

ONLINE, OFFLINE = b"online", b"offline"
AUTO = "auto"
"""As a rung: back to what the configuration says."""
LONGEST = 64
"""Bytes of a command that is not ignored."""
PRESS = b"PRESS"
"""What Home Assistant's buttons send; an empty message does as well."""


class CommandName(Enum):
    """What a broker may ask for, where it is allowed to."""

    RUNG = "rung"
    """The name of a rung to send on only, or AUTO."""
    SNAPSHOT = "snapshot"
    """A still, now."""
    RESTART = "restart"
    """End the run in an orderly way, and begin another."""


@dataclass(frozen=True, slots=True)
class Command:
    name: CommandName
    rung: Rung | None = None
    """Of CommandName.RUNG; None for AUTO."""


class Ignored(ValueError):
    """A message that is no command for us. Its text never repeats the message."""


def command(name: str, payload: bytes, *, retained: bool, allowed: AbstractSet[CommandName]) -> Command:
    """The command in a message. Raises Ignored."""
    try:
        known = CommandName(name)
    except ValueError:
        raise Ignored("no such command") from None
    if known not in allowed:
        raise Ignored(f"the command {known.value} is not allowed here; see --mqtt-allow")
    if retained:
        # It was meant for another moment, and would come again with every connection.
        raise Ignored(f"the command {known.value} was retained by the broker")
    if len(payload) > LONGEST:
        raise Ignored(f"a message of {len(payload)} bytes is no {known.value}")
    if known is not CommandName.RUNG:
        if payload not in (b"", PRESS):
            raise Ignored(f"the command {known.value} takes no message")
        return Command(known)
    try:
        word = payload.decode()
        return Command(known, None if word == AUTO else Rung(word))
    except ValueError:
        raise Ignored(f"the command rung takes {', '.join(one.value for one in Rung)} or {AUTO}") from None


def status_message(status: RunStatus) -> bytes:
    """JSON with a run's figures: rates in frames a second and kbit/s, states in a word each."""
    live = status.live and {
        "state": status.live.state.value,
        "error": status.live.last_error,
        "bytes": status.live.bytes,
        "segments": status.live.segments,
    }
    return _json(
        {
            "fps_in": round(status.fps_in, 1),
            "fps_out": round(status.fps_out, 1),
            "rung": status.rung.value if status.rung else None,
            "reason": status.reason,
            "kbits": round(status.kbits),
            "allowed_kbits": None if status.allowed_kbits is None else round(status.allowed_kbits),
            "backlog": status.backlog,
            "captured": status.captured,
            "encoded": status.encoded,
            "left_out": status.left_out,
            "camera": {"state": status.camera.value, "error": status.error_of(CAMERA)},
            "uplink": {"state": status.uplink, "error": status.error_of(UPLINK)},
            "live": live,
            "spool": status.spool.value,
            "failing": [f"{part.part}: {part.error}" for part in status.parts if part.error],
            "failures": {part.part: part.failures for part in status.parts},
        }
    )


def standing(status: RunStatus) -> tuple[object, ...]:
    """What of a status is told at once when it changes; figures may wait."""
    parts = tuple((part.state, part.error) for part in status.parts)
    return (status.rung, parts, status.camera, status.uplink, status.live and status.live.state, status.spool)


def discovery(topics: Topics, version: str, allowed: AbstractSet[CommandName], *, stills: bool) -> dict[str, bytes]:
    """Retained messages by topic, from which Home Assistant makes a device.

    Source: its documentation of MQTT discovery, home-assistant.io/integrations/mqtt.
    """
    node = plain(topics.base)
    about = {
        "availability_topic": topics.availability,
        "device": {
            "identifiers": [node],
            "name": topics.base,
            "manufacturer": "edge-vsr",
            "model": "edge-vsr",
            "sw_version": version,
        },
    }
    found: dict[str, dict[str, Any]] = {}

    def sensor(key: str, name: str, value: str, **more: str) -> None:
        found[f"sensor/{node}/{key}"] = {
            "name": name, "state_topic": topics.status, "value_template": f"{{{{ value_json.{value} }}}}", **more
        }  # fmt: skip

    sensor("camera", "Camera", "camera.state")
    sensor("uplink", "Uplink", "uplink.state")
    sensor("spool", "Spool", "spool")
    sensor("backlog", "Backlog", "backlog", state_class="measurement", unit_of_measurement="segments")
    sensor("fps_out", "Frame rate", "fps_out", state_class="measurement", unit_of_measurement="fps")
    sensor("kbits", "Bit rate", "kbits", state_class="measurement", unit_of_measurement="kbit/s")
    if CommandName.RUNG in allowed:
        found[f"select/{node}/rung"] = {
            "name": "Rung",
            "command_topic": topics.command("rung"),
            "options": [AUTO, *(rung.value for rung in Rung)],
            "optimistic": True,
        }
    sensor("rung", "Rung sent", "rung")
    sensor("reason", "Reason of the rung", "reason")
    if stills or CommandName.SNAPSHOT in allowed:
        found[f"camera/{node}/still"] = {"name": "Still", "topic": topics.still}
    for button in (CommandName.SNAPSHOT, CommandName.RESTART):
        if button in allowed:
            found[f"button/{node}/{button.value}"] = {
                "name": button.value.capitalize(),
                "command_topic": topics.command(button.value),
                "payload_press": PRESS.decode(),
            }
    return {
        f"homeassistant/{place}/config": _json({**entity, "unique_id": place.replace("/", "-"), **about})
        for place, entity in found.items()
    }


def _json(value: dict[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
