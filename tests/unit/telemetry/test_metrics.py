"""Names, values and the text format, read by Prometheus' own parser."""

import json
import math
import re
from dataclasses import replace
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from edge_vsr.camera.status import CameraState
from edge_vsr.heat import Heat
from edge_vsr.part import PartStatus
from edge_vsr.pipeline import RunStatus
from edge_vsr.rung import Rung
from edge_vsr.stages.live import LiveState, LiveStatus
from edge_vsr.telemetry.metrics import METRICS, Health, Metric, figures, render, table
from edge_vsr.uplink.disk import SpoolState

DOCS = Path(__file__).parents[3] / "docs"
STATUS = RunStatus(
    fps_in=15.0, fps_out=14.5, rung=Rung.LOW, kbits=96.5, backlog=3, camera=CameraState.OPEN, uplink="up", encoded=29,
    captured=30, segments=4, delivered=1, link_kbits=512.25,
    live=LiveStatus(LiveState.LIVE, None, 12_345, 1),
    parts=(
        PartStatus("camera", "open", last_error="unplugged", failures=3),
        PartStatus("mqtt", "away", "no answer", "no answer", 2, 12.34),
    ),
    left_out=1, allowed_kbits=120.0,
    reason="the link carries 130 kbit/s, native begins at 226.5",
)  # fmt: skip
WELL = replace(STATUS, parts=STATUS.parts[:1])
HEALTH = Health(STATUS, Heat(61.5, 80.0, throttled=False, under_voltage=True), resident=1 << 28, threads=9, uptime=2.0)


def samples(health: Health) -> dict[tuple[str, str], float]:
    """What Prometheus reads, by name and label."""
    return {
        (sample.name, "".join(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(render(health))
        for sample in family.samples
    }


def test_prometheus_reads_what_was_measured() -> None:
    read = samples(HEALTH)
    assert {name for name, _ in read} == {metric.name for metric in METRICS}
    assert read["edge_vsr_capture_fps", ""] == 15.0
    assert read["edge_vsr_uplink_kbits", ""] == 512.25
    assert read["edge_vsr_rung", "low"] == 1
    assert read["edge_vsr_rung", "native"] == 0
    assert read["edge_vsr_allowed_kbits", ""] == 120.0
    assert (read["edge_vsr_failures_total", "camera"], read["edge_vsr_failures_total", "mqtt"]) == (3, 2)
    assert (read["edge_vsr_failing", "camera"], read["edge_vsr_failing", "mqtt"]) == (0, 1)
    assert (read["edge_vsr_retry_seconds", "camera"], read["edge_vsr_retry_seconds", "mqtt"]) == (0, 12.3)
    assert (read["edge_vsr_live_state", "live"], read["edge_vsr_live_state", "away"]) == (1, 0)
    assert (read["edge_vsr_mqtt_state", "connected"], read["edge_vsr_mqtt_state", "away"]) == (0, 1)
    assert read["edge_vsr_frames_left_out_total", ""] == 1
    assert read["edge_vsr_under_voltage", ""] == 1
    assert read["edge_vsr_heat_headroom_celsius", ""] == 18.5
    assert read["edge_vsr_well", ""] == 0


def test_what_is_not_known_is_left_out() -> None:
    bare = replace(STATUS, link_kbits=None, live=None, allowed_kbits=None, reason=None, parts=STATUS.parts[:1])
    read = samples(Health(bare))
    absent = {metric.name for metric in METRICS} - {name for name, _ in read}
    assert absent == {
        "edge_vsr_allowed_kbits",
        "edge_vsr_rung_reason",
        "edge_vsr_uplink_kbits",
        "edge_vsr_live_state",
        "edge_vsr_mqtt_state",
        "edge_vsr_live_bytes_total",
        "edge_vsr_processor_celsius",
        "edge_vsr_heat_headroom_celsius",
    }


@pytest.mark.parametrize(
    "status",
    [
        replace(WELL, camera=CameraState.AWAY),
        replace(WELL, uplink="refused"),
        replace(WELL, spool=SpoolState.FULL),
        replace(WELL, hanging=("encode",)),
        *(WELL.beside(PartStatus(part, "away", "why", "why", 3)) for part in ("live", "mqtt", "encoder")),
    ],
)
def test_whatever_is_away_full_or_stuck_is_not_well(status: RunStatus) -> None:
    assert samples(Health(WELL))["edge_vsr_well", ""] == 1
    assert samples(Health(status))["edge_vsr_well", ""] == 0


def test_a_folder_s_link_is_infinite_and_json_has_no_such_number() -> None:
    health = Health(replace(STATUS, link_kbits=math.inf))
    assert samples(health)["edge_vsr_uplink_kbits", ""] == math.inf
    assert "edge_vsr_uplink_kbits" not in json.loads(json.dumps(figures(health), allow_nan=False))


def test_the_figures_in_a_reason_make_no_time_series_each() -> None:
    assert samples(HEALTH)["edge_vsr_rung_reason", "the link carries # kbit/s, native begins at #"] == 1


def test_a_state_that_is_new_is_shown_all_the_same() -> None:
    assert samples(Health(replace(STATUS, uplink='odd "state"\n')))["edge_vsr_uplink_state", 'odd "state"\n'] == 1


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.name)
def test_names_are_prometheus_style(metric: Metric) -> None:
    assert re.fullmatch(r"edge_vsr_[a-z_]+", metric.name)
    assert metric.name.endswith("_total") == (metric.kind == "counter")


def test_the_docs_have_the_names() -> None:
    assert table() in (DOCS / "metrics.md").read_text(), "put edge_vsr.telemetry.metrics.table() into docs/metrics.md"


def test_the_dashboard_asks_for_metrics_that_there_are() -> None:
    dashboard = json.loads((DOCS / "grafana.json").read_text())
    asked = {
        name
        for panel in dashboard["panels"]
        for target in panel["targets"]
        for name in re.findall(r"edge_vsr_\w+", target["expr"])
    }
    names = {metric.name for metric in METRICS}
    assert asked <= names, f"not served: {asked - names}"
    # All but what no curve shows.
    assert names - asked <= {
        "edge_vsr_info",
        "edge_vsr_uptime_seconds",
        "edge_vsr_live_bytes_total",
        "edge_vsr_threads",
    }
