"""Model stores for tests."""

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

from edge_vsr.sr.store import FORMAT, MANIFEST, STAGES, bundled_store


def made_up_entry(folder: Path, name: str = "made-up", **changes: Any) -> dict[str, Any]:
    """A manifest's entry for files that hold no network; the files are written to `folder`."""
    stages: dict[str, Any] = {}
    (folder / name).mkdir(exist_ok=True)
    for stage in STAGES:
        stages[stage] = {}
        for runtime, parts in {"onnxruntime": ["graph"], "openvino": ["graph", "weights"]}.items():
            stages[stage][runtime] = {}
            for part in parts:
                file = f"{name}/{stage}.{runtime}.{part}"
                (folder / file).write_text(file)
                stages[stage][runtime][part] = {"file": file, "sha256": hashlib.sha256(file.encode()).hexdigest()}
    entry = {
        "name": name,
        "scale": 2,
        "coarse": 4,
        "fine": 2,
        "width": 8,
        "extractor_halo": 8,
        "reconstruction_halo": 16,
        "source": "clean",
        "licence": "Apache-2.0",
        "recipe": "abc1234",
        "parameters": 3,
        "metrics": {"Set5": 36.5},
        "stages": stages,
    }
    return {**entry, **changes}


def write_manifest(folder: Path, *entries: dict[str, Any], **changes: Any) -> None:
    (folder / MANIFEST).write_text(json.dumps({"format": FORMAT, "models": entries, **changes}))


def copy_of_bundled(folder: Path) -> Path:
    """The released models, to be damaged; returns the store's folder."""
    source = bundled_store().folder
    shutil.copy(source / MANIFEST, folder)
    for name in bundled_store().models:
        shutil.copytree(source / name, folder / name)
    return folder


def flip_a_byte(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
