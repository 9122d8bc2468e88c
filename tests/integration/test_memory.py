"""The memory that restoring takes: within a budget, within a control group's limit, and no more as frames go by."""

import re
import subprocess
import sys
from pathlib import Path

import cv2
import pytest

from edge_vsr.camera import PatternCamera
from edge_vsr.clock import FakeClock
from edge_vsr.errors import UsageError
from edge_vsr.frame import Size
from edge_vsr.memory import MIB
from edge_vsr.sr.engines import RUNTIMES
from tests.integration.groups import limited
from tests.integration.offline import PROGRAM, assert_refused, edge_vsr
from tests.unit.restoring.videos import write_video

LIMITS = {"onnxruntime": 256 * MIB, "openvino": 384 * MIB}
MOST_GROWTH = 4 * MIB
"""Of noise: what a busy allocator has at hand at one moment and not at another."""


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    frame = PatternCamera(FakeClock(), size=Size(1280, 720)).read()
    assert frame is not None
    cv2.imwrite(str(tmp_path / "a.png"), frame.y)
    return tmp_path / "a.png"


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_any_budget_gives_the_same_picture(picture: Path, runtime: str) -> None:
    """The least one is what the error says."""
    refused = edge_vsr("restore", picture, picture.with_name("b.png"), "--runtime", runtime, "--memory", "1M")
    assert_refused(refused, UsageError, "1M of memory cannot hold pictures of 1280x720")
    least = re.search(r"--memory (\d+M)", refused.stderr)
    assert least
    for name, budget in {"least.png": least[1], "whole.png": "4G"}.items():
        done = edge_vsr("restore", picture, picture.with_name(name), "--runtime", runtime, "--memory", budget)
        assert done.code == 0, done.stderr
    assert picture.with_name("least.png").read_bytes() == picture.with_name("whole.png").read_bytes()


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_a_1080p_video_becomes_4k_within_a_control_group(tmp_path: Path, runtime: str) -> None:
    write_video(tmp_path / "hd.mp4", 2, size=Size(1920, 1080))
    with limited(LIMITS[runtime]) as group:
        flags = ("--model", "ear-m-x2", "--runtime", runtime)
        command = (PROGRAM, "restore", tmp_path / "hd.mp4", tmp_path / "uhd.y4m", *flags)
        done = group.run(command)
        assert done.returncode == 0, f"exit code {done.returncode}: {done.stderr}"
        peak = group.peak
    assert (tmp_path / "uhd.y4m").stat().st_size > 2 * 3840 * 2160 * 3 // 2
    assert peak is None or peak <= LIMITS[runtime]


@pytest.mark.parametrize("text", ["0", "much", "-5M", "12Q"])
def test_what_is_no_size_is_one_line(picture: Path, text: str) -> None:
    refused = edge_vsr("restore", picture, picture.with_name("b.png"), f"--memory={text}")
    assert_refused(refused, UsageError, f"--memory: '{text}' is not a size of memory")
    refused = edge_vsr("run", "--camera", "demo", "--uplink", picture.with_name("out"), f"--memory={text}")
    assert_refused(refused, UsageError, f"--memory: '{text}' is not a size of memory")


GROWTH = """
import random, sys
import numpy as np
from edge_vsr.memory import Machine, return_freed_memory, return_small_blocks
from edge_vsr.sr.upscaler import open_upscaler

return_freed_memory()
runtime, frames, frames_a_size = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
upscaler = open_upscaler("ear-s-x2", runtime=runtime, threads=1)
chance = random.Random(1)
sizes = [(chance.randint(16, 160), chance.randint(16, 160)) for _ in range(8)]
for number in range(frames):
    height, width = sizes[number // frames_a_size % len(sizes)]
    upscaler.luma(np.full((height, width), number % 256, np.uint8))
    if number == frames // 4 or number == frames - 1:
        return_small_blocks()  # as a run does: what is free at the end of the heap is no growth
        print(Machine().resident())
"""


@pytest.mark.parametrize(("runtime", "frames_a_size"), [("onnxruntime", 1), ("openvino", 25)])
def test_memory_does_not_grow_over_500_frames_of_changing_sizes(runtime: str, frames_a_size: int) -> None:
    """OpenVINO builds its graphs anew for each change, which takes longer than many small frames."""
    command = [sys.executable, "-c", GROWTH, runtime, "500", str(frames_a_size)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=170, check=True)
    early, late = map(int, done.stdout.split())
    assert late - early < MOST_GROWTH, f"{early / MIB:.1f} MiB became {late / MIB:.1f} MiB"


GROWTH_OF_KEPT_TILES = """
import random, sys
import numpy as np
from edge_vsr.clock import FakeClock
from edge_vsr.memory import Machine, return_freed_memory, return_small_blocks
from edge_vsr.sr.changes.upscaler import KeptTilesUpscaler
from edge_vsr.sr.upscaler import open_upscaler

return_freed_memory()
runtime, frames, frames_a_size = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
upscaler = KeptTilesUpscaler(open_upscaler("ear-s-x2", runtime=runtime, threads=1).network, FakeClock())
chance = random.Random(1)
sizes = [(chance.randint(60, 160), chance.randint(60, 160)) for _ in range(4)]
parts = 0
for number in range(frames):
    if number % frames_a_size == 0:
        y = np.full(sizes[number // frames_a_size % len(sizes)], 100, np.uint8)
    top, left = (chance.randrange(length - 20) for length in y.shape)
    y[top : top + 20, left : left + 20] ^= 255
    upscaler.luma(y.copy())
    parts += 0 < upscaler.fresh.mean() < 1
    if number == frames // 4 or number == frames - 1:
        return_small_blocks()  # as a run does: what is free at the end of the heap is no growth
        print(Machine().resident())
print(parts)
"""


@pytest.mark.parametrize(("runtime", "frames_a_size"), [("onnxruntime", 5), ("openvino", 50)])
def test_memory_does_not_grow_over_500_frames_of_which_parts_change(runtime: str, frames_a_size: int) -> None:
    command = [sys.executable, "-c", GROWTH_OF_KEPT_TILES, runtime, "500", str(frames_a_size)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=170, check=True)
    early, late, parts = map(int, done.stdout.split())
    assert parts > 250, f"of {parts} frames only a part was made"
    assert late - early < MOST_GROWTH, f"{early / MIB:.1f} MiB became {late / MIB:.1f} MiB"
