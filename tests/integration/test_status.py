"""A run under way, as monitoring and `edge-vsr status` see it."""

import json
import os
import re
import shutil
import signal
import tempfile
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from prometheus_client.parser import text_string_to_metric_families

from edge_vsr.errors import UsageError
from edge_vsr.telemetry.metrics import METRICS
from edge_vsr.telemetry.state import boot_seconds, hidden_states, read_states
from tests.integration import nginx
from tests.integration.command import LIGHT, STEADY, edge_vsr, started
from tests.integration.mosquitto import PASSWORD, USER, broker
from tests.integration.nginx import webdav
from tests.integration.servers import free_port


def figures(state: Path) -> dict[str, Any]:
    shown = edge_vsr("status", "front", "--json", state=state, XDG_RUNTIME_DIR=str(state))
    table: dict[str, dict[str, Any]] = json.loads(shown.output)
    return table.get("front", {})


def parts_that_fail(state: Path) -> set[str]:
    """By what Prometheus is told."""
    address = next((run.metrics for _, run in read_states(state / "edge-vsr")), None)
    if address is None:
        return set()
    with urlopen(f"http://{address}/metrics", timeout=30) as answer:
        families = text_string_to_metric_families(answer.read().decode())
        samples = [sample for family in families if family.name == "edge_vsr_failing" for sample in family.samples]
    return {sample.labels["part"] for sample in samples if sample.value}


def test_metrics_status_and_log_of_one_run(tmp_path: Path) -> None:
    folder = tmp_path / "edge-vsr" / "front"
    words = ("run", "--camera", "demo", "--uplink", "out", *LIGHT, "--log-format", "json")
    with started(*words, state=tmp_path, cwd=tmp_path, RUNTIME_DIRECTORY=str(folder)) as command:
        command.until(lambda: (folder / "state.json").exists(), "a state")
        command.until(lambda: (tmp_path / "out" / "index.m3u8").exists(), "a segment")
        command.until(lambda: figures(tmp_path)["well"], "a run that is well")
        assert (folder / "state.json").stat().st_mode & 0o777 == 0o600
        with urlopen(f"http://{figures(tmp_path)['metrics']}/metrics", timeout=30) as answer:
            families = {family.name for family in text_string_to_metric_families(answer.read().decode())}
        assert families <= {metric.name.removesuffix("_total") for metric in METRICS}
        assert {"edge_vsr_capture_fps", "edge_vsr_segments"} <= families
        shown = edge_vsr("status", state=tmp_path, XDG_RUNTIME_DIR=str(tmp_path))
        assert shown.code == 0, shown.output
        assert re.search(r"^front: demo to .*\n  .* fps in.*\n  rung: \w", shown.output), shown.output
        # What a run that was killed leaves behind.
        shutil.copy(folder / "state.json", tmp_path / "left.json")
        command.process.send_signal(signal.SIGTERM)
        outcome = command.ended()
    assert outcome.code == 0, outcome.output
    assert {json.loads(line)["level"] for line in outcome.output.splitlines()} == {"info"}
    assert not (folder / "state.json").exists()
    assert edge_vsr("status", state=tmp_path, XDG_RUNTIME_DIR=str(tmp_path)).code == 3
    left = json.loads((tmp_path / "left.json").read_text())
    (folder / "state.json").write_text(json.dumps({**left, "at": left["at"] - 3600}))
    stale = edge_vsr("status", state=tmp_path, XDG_RUNTIME_DIR=str(tmp_path))
    assert stale.code == 1
    assert "no sign of life" in stale.output


def test_what_fails_is_told_with_its_count_and_is_well_again_when_it_is_back(tmp_path: Path) -> None:
    web, rtmp, mqtt = (free_port() for _ in range(3))
    for name in ("web", "rtmp", "mqtt"):
        (tmp_path / name).mkdir()
    words = ("run", "--camera", "demo", *STEADY, "--spool", tmp_path / "spool")
    uplinks = ("--uplink", f"http://127.0.0.1:{web}/cam/", "--uplink", f"rtmp://127.0.0.1:{rtmp}/live/cam")
    broker_url = ("--mqtt", f"mqtt://{USER}:{PASSWORD}@127.0.0.1:{mqtt}/site/front")
    folder = str(tmp_path / "edge-vsr" / "front")
    with started(*words, *uplinks, *broker_url, state=tmp_path / "state", RUNTIME_DIRECTORY=folder) as command:
        failing = {"uplink", "live", "mqtt"}
        command.until(lambda: failing <= parts_that_fail(tmp_path), "the failures of all three")
        shown = edge_vsr("status", "front", state=tmp_path, XDG_RUNTIME_DIR=str(tmp_path))
        assert shown.code == 1, shown.output
        for part in failing:
            assert re.search(rf"{part} away: .* \(failures: \d+, next try (in \d+ s|now)\)", shown.output), shown.output
        with webdav(tmp_path / "web", web), nginx.rtmp(tmp_path / "rtmp", rtmp), broker(tmp_path / "mqtt", mqtt):
            command.until(lambda: parts_that_fail(tmp_path) == set(), "the return of all three")
            table = {part["part"]: part for part in figures(tmp_path)["parts"]}
            assert {table[part]["state"] for part in failing} == {"up", "live", "connected"}
            assert all(table[part]["failures"] and table[part]["last_error"] for part in failing), table
            assert PASSWORD not in json.dumps(table)
            shown = edge_vsr("status", "front", state=tmp_path, XDG_RUNTIME_DIR=str(tmp_path))
            assert re.search(r"\n  uplink up again \(failures: \d+, the last: .*\)\n", shown.output), shown.output
            (tmp_path / "spool").rename(tmp_path / "lost")
            command.until(lambda: "spool" in parts_that_fail(tmp_path), "the loss of the spool's folder")
            (tmp_path / "spool").mkdir()
            command.until(lambda: parts_that_fail(tmp_path) == set(), "the return of the spool")
            spool = next(part for part in figures(tmp_path)["parts"] if part["part"] == "spool")
            assert (spool["state"], spool["error"], spool["last_error"]) == ("ready", None, "No such file or directory")
        command.process.send_signal(signal.SIGTERM)
        outcome = command.ended()
    assert outcome.code == 0, outcome.output
    assert "Traceback" not in outcome.output


def test_what_lies_about_is_no_run_and_commands_a_terminal_nothing(tmp_path: Path) -> None:
    said: dict[str, object] = {"name": "demo to out", "words": "", "reason": None, "errors": [], "metrics": None}
    right = {**said, "pid": 1, "well": True, "at": boot_seconds(), "figures": {}}
    junk: dict[str, object] = {"list": [], "types": {**right, "at": "soon", "errors": 3}, "more": {**right, "of": 1}}
    texts = {name: json.dumps(value).encode() for name, value in junk.items()}
    for name, text in {**texts, "deep": b"[" * 100_000, "bytes": b"\xff\xfe\x00", "empty": b""}.items():
        (tmp_path / "edge-vsr" / name).mkdir(parents=True)
        (tmp_path / "edge-vsr" / name / "state.json").write_bytes(text)
    (tmp_path / "edge-vsr" / "folder" / "state.json").mkdir(parents=True)
    shown = edge_vsr("status", state=tmp_path, XDG_RUNTIME_DIR=str(tmp_path))
    assert (shown.code, shown.output) == (3, "no run is under way\n")
    (tmp_path / "edge-vsr" / "list" / "state.json").write_text(json.dumps({**right, "name": "cam \x1b[2J to out"}))
    shown = edge_vsr("status", state=tmp_path, XDG_RUNTIME_DIR=str(tmp_path))
    assert (shown.code, shown.output) == (0, "list: cam ?[2J to out\n  \n")


def seen_by_nobody(root: Path) -> list[str]:
    """What `hidden_states` has for a user who is not root, in a process of its own."""
    reader, writer = os.pipe()
    if (child := os.fork()) == 0:
        try:
            if os.geteuid() == 0:
                os.setgroups([])
                os.setuid(65534)
            os.write(writer, json.dumps(list(hidden_states(root))).encode())
        finally:
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as told:
        names: list[str] = json.load(told)
    os.waitpid(child, 0)
    return names


def test_runs_of_others_are_not_taken_for_none() -> None:
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        root.chmod(0o755)
        for run in ("back", "front"):
            (root / run).mkdir()
            (root / run / "state.json").write_text("{}")
        (root / "none").mkdir()
        assert seen_by_nobody(root) == []
        (root / "front").chmod(0)
        assert seen_by_nobody(root) == ["front"]


def test_a_listener_off_loopback_is_refused_without_a_token(tmp_path: Path) -> None:
    outcome = edge_vsr(
        "run", "--camera", "demo", "--uplink", "out", "--metrics", "0.0.0.0:0", state=tmp_path, cwd=tmp_path
    )
    assert outcome.code == UsageError.exit_code
    assert "--metrics-token-file" in outcome.output
    assert not list(tmp_path.iterdir()), "something was written"
