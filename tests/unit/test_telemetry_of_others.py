"""A box at the end of a thin link tells nobody about itself but who it was told to tell."""

import os
import subprocess
import sys
from pathlib import Path

IMPORTS = """
import edge_vsr.sr.openvino
from openvino.tools.ovc.telemetry_utils import tm
print(tm.__name__)
"""


def test_openvino_does_not_report_its_import(tmp_path: Path) -> None:
    variables = {**os.environ, "HOME": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", IMPORTS], env=variables, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "openvino.tools.ovc.telemetry_stub"
    assert not list(tmp_path.iterdir()), "it keeps a number for this user"
