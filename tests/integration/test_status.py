"""A run under way, as monitoring and `edge-vsr status` see it."""

import json
import re
import shutil
import signal
from pathlib import Path
from urllib.request import urlopen

from prometheus_client.parser import text_string_to_metric_families

from edge_vsr.errors import UsageError
from edge_vsr.telemetry.metrics import METRICS
from tests.integration.command import LIGHT, edge_vsr, started


def figures(state: Path) -> dict[str, object]:
    shown = edge_vsr("status", "front", "--json", state=state, XDG_RUNTIME_DIR=str(state))
    table: dict[str, dict[str, object]] = json.loads(shown.output)
    return table.get("front", {})


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


def test_a_listener_off_loopback_is_refused_without_a_token(tmp_path: Path) -> None:
    outcome = edge_vsr(
        "run", "--camera", "demo", "--uplink", "out", "--metrics", "0.0.0.0:0", state=tmp_path, cwd=tmp_path
    )
    assert outcome.code == UsageError.exit_code
    assert "--metrics-token-file" in outcome.output
    assert not list(tmp_path.iterdir()), "something was written"
