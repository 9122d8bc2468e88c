"""What an engine leaves behind in the process."""

import subprocess
import sys

import pytest

SIGNALLED = """
import os, signal, sys
import numpy as np
from edge_vsr.sr.upscaler import open_upscaler

for _ in range(2):
    open_upscaler("ear-s-x2", runtime=sys.argv[1]).luma(np.zeros((32, 48), np.uint8))
came = []
signal.signal(signal.SIGHUP, lambda *_: came.append(1))
os.kill(os.getpid(), signal.SIGHUP)
sys.exit(0 if came else 1)
"""


@pytest.mark.parametrize("runtime", ["onnxruntime", "openvino"])
def test_a_signal_is_survived_once_networks_are_gone(runtime: str) -> None:
    done = subprocess.run([sys.executable, "-c", SIGNALLED, runtime], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"exit code {done.returncode}: {done.stderr}"
