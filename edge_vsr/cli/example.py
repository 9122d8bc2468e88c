"""The commented example configuration, written from the schema."""

import textwrap
from collections.abc import Iterator, Mapping
from enum import Enum
from pathlib import Path

from edge_vsr.cli.keys import Follows, Key

WIDTH = 100
HEAD = """\
# Configuration of edge-vsr: `edge-vsr run --config FILE`; `edge-vsr config check FILE` tells whether it is in order.
#
# A key is a flag of `edge-vsr run`: spool_mb here is --spool-mb there, and EDGE_VSR_SPOOL_MB in the environment. A flag
# counts before a variable, a variable before a systemd credential, and that before this file. Lines that are commented
# out show the default, or an example where there is none.
#
# What is marked (live) follows a changed file on SIGHUP (`systemctl reload`), and so do user, password and query of an
# address; tokens and certificates are read again then, changed or not. Everything else needs a restart.
"""
EXAMPLES: Mapping[str, str] = {
    "camera": '"/dev/v4l/by-id/usb-046d_HD_Pro_Webcam-video-index0"',
    "uplink": '"https://media.example.org/dav/front/"',
    "seconds": "3600.0",
    "rung": '"low"',
    "fps": "15",
    "size": '"960x540"',
    "threads": "2",
    "tile": '"512x512"',
    "memory": '"512M"',
    "spool": '"/var/lib/edge-vsr/front/spool"',
    "spool_hours": "48.0",
    "uplink_ca": '"/etc/edge-vsr/ca.pem"',
    "uplink_cert": '"/etc/edge-vsr/front.pem"',
    "uplink_key": '"/etc/edge-vsr/front.key"',
    "metrics_token_file": '"/etc/edge-vsr/metrics.token"',
    "uplink_token_file": '"/etc/edge-vsr/front.token"',
    "mqtt": '"mqtts://user:password@broker.example.org/edge-vsr/front"',
    "mqtt_allow": '"rung,snapshot"',
    "mqtt_ca": '"/etc/edge-vsr/ca.pem"',
    "mqtt_still_seconds": "60.0",
}
"""Of keys that have no default."""
NEEDED = ("camera", "uplink")
"""Without these there is no run."""


def example(keys: Mapping[str, Key]) -> str:
    """A file with every key; those that are needed are set, the others commented out."""
    return HEAD + "".join(f"\n{block}\n" for block in map(_block, keys.values()))


def _block(key: Key) -> str:
    return "\n".join([*_comment(key), f"{'' if key.name in NEEDED else '# '}{key.name} = {_value(key)}"])


def _comment(key: Key) -> Iterator[str]:
    text = key.help
    if key.kind in (int, float, bool) or key.choices:
        text += f" {key.allowed[0].upper()}{key.allowed[1:]}."
    text += {Follows.ALWAYS: " (live)", Follows.ITS_SECRETS: " (its secrets live)", Follows.NEVER: ""}[key.follows]
    yield from (f"# {line}" for line in textwrap.wrap(text, WIDTH, break_long_words=False, break_on_hyphens=False))


def _value(key: Key) -> str:
    if key.default is None:
        # Of a key that nobody wrote an example for, one that is of its type.
        return EXAMPLES.get(key.name) or (f'"{key.choices[0]}"' if key.choices else _any(key))
    match key.default:
        case bool():
            return str(key.default).lower()
        case Enum():
            return f'"{key.default.value}"'
        case str() | Path():
            return f'"{key.default}"'
    return str(key.default)


def _any(key: Key) -> str:
    if key.kind in (int, float):
        return str(key.kind(key.least or 1))
    return '"..."' if key.kind in (str, Path) else '["..."]'
