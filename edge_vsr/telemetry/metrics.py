"""What a run tells of itself to monitoring: the names, and Prometheus' text format.

Format: "Exposition formats", Prometheus documentation, text-based format 0.0.4. docs/metrics.md lists the same names.
"""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from edge_vsr import __version__
from edge_vsr.camera.status import CameraState
from edge_vsr.heat import NOTHING_KNOWN, Heat
from edge_vsr.part import MQTT
from edge_vsr.pipeline import RunStatus
from edge_vsr.rung import Rung
from edge_vsr.stages.live import LiveState
from edge_vsr.uplink.disk import SpoolState

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
WELL = ("up", "live")
"""States of a far end that takes what it is sent."""
_FIGURE = re.compile(r"\d+(\.\d+)?")
"""Each would make another time series of a reason."""


@dataclass(frozen=True, slots=True)
class Health:
    """A run and the box around it, at one moment."""

    status: RunStatus
    heat: Heat = NOTHING_KNOWN
    resident: int = 0
    """Bytes of the process in memory."""
    threads: int = 0
    uptime: float = 0.0
    """Seconds since the run began."""

    @property
    def well(self) -> bool:
        """Whether all is as it should be: camera, stages, spool, far ends, broker, encoder, super-resolution."""
        return (
            self.status.camera is CameraState.OPEN
            and self.status.uplink in WELL
            and self.status.spool is SpoolState.READY
            and not self.status.hanging
            and not any(part.error for part in self.status.parts)
        )


Value = float | None | Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Metric:
    """One family. A value of None is left out; a mapping has a value for each value of `label`."""

    name: str
    kind: Literal["gauge", "counter"]
    help: str
    read: Callable[[Health], Value]
    label: str = ""


def _one_of(states: Sequence[str], now: str | None) -> Mapping[str, float]:
    known = states if now is None or now in states else (*states, now)
    return {state: float(state == now) for state in known}


METRICS = (
    Metric("edge_vsr_info", "gauge", "Always 1; the version is its label.", lambda _: {__version__: 1.0}, "version"),
    Metric("edge_vsr_uptime_seconds", "gauge", "Since the run began.", lambda h: h.uptime),
    Metric(
        "edge_vsr_well",
        "gauge",
        "1 if all is as it should be: camera, stages, spool, far ends, broker, encoder, super-resolution.",
        lambda h: h.well,
    ),
    Metric(
        "edge_vsr_camera_state",
        "gauge",
        "1 for the camera's state, 0 for the others.",
        lambda h: _one_of([state.value for state in CameraState], h.status.camera.value),
        "state",
    ),
    Metric("edge_vsr_camera_reopened_total", "counter", "Times the camera came back.", lambda h: h.status.reopened),
    Metric("edge_vsr_frames_captured_total", "counter", "Frames that the camera made.", lambda h: h.status.captured),
    Metric("edge_vsr_frames_encoded_total", "counter", "Frames that are in a segment.", lambda h: h.status.encoded),
    Metric("edge_vsr_frames_left_out_total", "counter", "Frames between two stills.", lambda h: h.status.left_out),
    Metric("edge_vsr_capture_fps", "gauge", "Frames a second from the camera, over 4 s.", lambda h: h.status.fps_in),
    Metric("edge_vsr_encode_fps", "gauge", "Frames a second from the encoder, over 4 s.", lambda h: h.status.fps_out),
    Metric("edge_vsr_encode_kbits", "gauge", "Rate of the encoder in kbit/s, over 4 s.", lambda h: h.status.kbits),
    Metric(
        "edge_vsr_allowed_kbits",
        "gauge",
        "What a segment may take in kbit/s; absent before the first.",
        lambda h: h.status.allowed_kbits,
    ),
    Metric(
        "edge_vsr_rung",
        "gauge",
        "1 for the rung that is being sent, 0 for the others.",
        lambda h: _one_of([rung.value for rung in Rung], h.status.rung.value if h.status.rung else None),
        "rung",
    ),
    Metric(
        "edge_vsr_rung_reason",
        "gauge",
        "Always 1; why the rung last changed is its label, with # for figures.",
        lambda h: None if h.status.reason is None else {_FIGURE.sub("#", h.status.reason): 1.0},
        "reason",
    ),
    Metric(
        "edge_vsr_uplink_state",
        "gauge",
        "1 for the far end's state, 0 for the others.",
        lambda h: _one_of(("up", "live", "connecting", "away", "refused"), h.status.uplink),
        "state",
    ),
    Metric(
        "edge_vsr_live_state",
        "gauge",
        "1 for the state of a live far end, 0 for the others; absent without one.",
        lambda h: _one_of([state.value for state in LiveState], h.status.live.state.value) if h.status.live else None,
        "state",
    ),
    Metric(
        "edge_vsr_mqtt_state",
        "gauge",
        "1 for the state of the MQTT broker, 0 for the others; absent without one.",
        lambda h: _one_of(("connected", "connecting", "away"), mqtt) if (mqtt := h.status.state_of(MQTT)) else None,
        "state",
    ),
    Metric(
        "edge_vsr_uplink_kbits",
        "gauge",
        "Delivered throughput in kbit/s; absent while it is not known.",
        lambda h: h.status.link_kbits,
    ),
    Metric("edge_vsr_segments_total", "counter", "Segments made.", lambda h: h.status.segments),
    Metric("edge_vsr_segments_delivered_total", "counter", "Segments at the far end.", lambda h: h.status.delivered),
    Metric("edge_vsr_segments_evicted_total", "counter", "Segments given up for room.", lambda h: h.status.evicted),
    Metric("edge_vsr_spool_segments", "gauge", "Segments that wait in the spool.", lambda h: h.status.backlog),
    Metric(
        "edge_vsr_spool_state",
        "gauge",
        "1 for the spool's state, 0 for the others.",
        lambda h: _one_of([state.value for state in SpoolState], h.status.spool.value),
        "state",
    ),
    Metric(
        "edge_vsr_live_bytes_total",
        "counter",
        "Bytes of pictures that a live far end took; absent without one.",
        lambda h: h.status.live.bytes if h.status.live else None,
    ),
    Metric(
        "edge_vsr_failures_total",
        "counter",
        "Failures of what is tried again: camera, spool, uplink, live, mqtt, super-resolution, encoder.",
        lambda h: {part.part: part.failures for part in h.status.parts},
        "part",
    ),
    Metric(
        "edge_vsr_failing",
        "gauge",
        "1 for a part that does not work and is tried again, 0 for one that works.",
        lambda h: {part.part: float(part.error is not None) for part in h.status.parts},
        "part",
    ),
    Metric(
        "edge_vsr_retry_seconds",
        "gauge",
        "Until a part that does not work is tried again; 0 for one that works or is being tried.",
        lambda h: {part.part: round(part.retry_in, 1) for part in h.status.parts},
        "part",
    ),
    Metric("edge_vsr_stages_hanging", "gauge", "Stages that do not get on.", lambda h: len(h.status.hanging)),
    Metric(
        "edge_vsr_processor_celsius",
        "gauge",
        "Of the processor, where it is nearest to its limit; absent where nothing tells.",
        lambda h: h.heat.celsius,
    ),
    Metric(
        "edge_vsr_heat_headroom_celsius",
        "gauge",
        "Degrees until the chip slows itself down; absent where nothing tells.",
        lambda h: h.heat.headroom,
    ),
    Metric("edge_vsr_throttled", "gauge", "1 if heat slows the processor.", lambda h: h.heat.throttled),
    Metric("edge_vsr_under_voltage", "gauge", "1 if the power supply is too weak.", lambda h: h.heat.under_voltage),
    Metric("edge_vsr_resident_bytes", "gauge", "Memory of the process.", lambda h: h.resident),
    Metric("edge_vsr_threads", "gauge", "Threads of the process.", lambda h: h.threads),
)


def render(health: Health, metrics: Sequence[Metric] = METRICS) -> str:
    """`health` in the text format."""
    lines = []
    for metric in metrics:
        values = _samples(metric, health)
        if values:
            lines += [f"# HELP {metric.name} {metric.help}", f"# TYPE {metric.name} {metric.kind}"]
            lines += [
                f"{metric.name}{_labels(metric.label, value)} {_number(number)}" for value, number in values.items()
            ]
    return "\n".join([*lines, ""])


def figures(health: Health) -> dict[str, Any]:
    """The same as plain numbers by name, for JSON; a family with a label is a table."""
    table: dict[str, Any] = {}
    for metric in METRICS:
        values = {value: number for value, number in _samples(metric, health).items() if math.isfinite(number)}
        if values:
            table[metric.name] = values if metric.label else values[""]
    return table


def table(metrics: Sequence[Metric] = METRICS) -> str:
    """The names for docs/metrics.md, in Markdown."""
    rows = [f"| `{one.name}{{{one.label}}}` |" if one.label else f"| `{one.name}` |" for one in metrics]
    return "| name | kind | what it is |\n|---|---|---|\n" + "".join(
        f"{row} {one.kind} | {one.help} |\n" for row, one in zip(rows, metrics, strict=True)
    )


def _samples(metric: Metric, health: Health) -> dict[str, float]:
    value = metric.read(health)
    if value is None:
        return {}
    return dict(value) if isinstance(value, Mapping) else {"": float(value)}


def _labels(name: str, value: str) -> str:
    text = value.replace("\\", r"\\").replace("\n", r"\n").replace('"', r"\"")
    return f'{{{name}="{text}"}}' if name else ""


def _number(value: float) -> str:
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    return f"{value:.0f}" if value == int(value) else repr(float(value))
