"""Memory of the stages and of a whole restore: `python -m pytest tests/benchmarks -s`."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from edge_vsr.frame import Size
from edge_vsr.memory import MIB
from edge_vsr.restoring.ahead import WAITING
from edge_vsr.sr.engines import RUNTIMES
from edge_vsr.sr.store import STAGES, bundled_store
from tests.integration.offline import PROGRAM
from tests.unit.restoring.videos import write_video

BUDGETS = ("256M", "384M", "1G")


def peak(command: list[str]) -> int:
    """Bytes resident at most while `command` ran, or 0 if it failed."""
    started = subprocess.Popen(command)
    _, code, usage = os.wait4(started.pid, 0)
    started.returncode = os.waitstatus_to_exitcode(code)
    return 0 if started.returncode else usage.ru_maxrss * 1024


@pytest.mark.parametrize("name", bundled_store().models)
def test_stages(name: str) -> None:
    print(f"\n{'model':12} {'runtime':12} {'stage':15} bytes a luma sample, and by formula")  # noqa: T201
    for runtime in RUNTIMES:
        for stage in STAGES:
            subprocess.run([sys.executable, "-m", "tests.benchmarks.stage_memory", name, runtime, stage], check=True)


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("name", bundled_store().models)
def test_a_1080p_video_to_4k(name: str, tmp_path: Path) -> None:
    # One group, of more frames than wait for those behind them.
    write_video(tmp_path / "hd.mp4", WAITING + 4, size=Size(1920, 1080), options={"tune": "zerolatency", "g": "99"})
    print(f"\n{'model':12} {'runtime':12} {'--memory':>8} peak RSS, MiB")  # noqa: T201
    for runtime in RUNTIMES:
        for budget in BUDGETS:
            flags = ["--model", name, "--runtime", runtime, "--memory", budget]
            most = peak([PROGRAM, "restore", str(tmp_path / "hd.mp4"), str(tmp_path / "uhd.y4m"), *flags])
            print(f"{name:12} {runtime:12} {budget:>8} {most / MIB:8.0f}")  # noqa: T201
