import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    folder = tmp_path_factory.mktemp("wheel")
    command = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--quiet",
        "--no-deps",
        "--wheel-dir",
        str(folder),
        str(REPOSITORY),
    ]
    made = subprocess.run(command, capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stderr
    return zipfile.ZipFile(next(folder.glob("*.whl")))


def test_the_wheel_carries_every_file_of_the_manifest(wheel: zipfile.ZipFile) -> None:
    manifest = json.loads(wheel.read("edge_vsr/models/manifest.json"))
    files = [
        part["file"]
        for model in manifest["models"]
        for runtimes in model["stages"].values()
        for parts in runtimes.values()
        for part in parts.values()
    ]
    files += [model["original"]["file"] for model in manifest["models"]]
    assert files, "the manifest names no files"
    missing = [file for file in files if f"edge_vsr/models/{file}" not in wheel.namelist()]
    assert not missing, f"pyproject.toml must name them in force-include: {missing}"


def test_the_wheel_carries_the_unit_of_the_service(wheel: zipfile.ZipFile) -> None:
    unit = REPOSITORY / "systemd" / "edge-vsr@.service"
    assert wheel.read("edge_vsr/systemd/edge-vsr@.service") == unit.read_bytes()


def test_the_wheel_carries_the_product_alone(wheel: zipfile.ZipFile) -> None:
    tops = {name.partition("/")[0] for name in wheel.namelist()}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"edge_vsr"}
