"""A network's INT8 graphs for both runtimes, as files of a model store."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import onnx

from edge_vsr.calibration import graphs
from edge_vsr.calibration.folded import Folded
from edge_vsr.calibration.grid import Grid
from edge_vsr.sr.store import STAGES

GRAPHS = dict(zip(STAGES, (graphs.extractor, graphs.attention, graphs.reconstruction), strict=True))


def write_stages(net: Folded, grids: Mapping[str, Grid], folder: Path) -> dict[str, Any]:
    """Write each stage's graphs to `folder`; returns the manifest's `stages`. Raises OSError."""
    # Imported here: it takes a second, and the graphs alone do without.
    import openvino as ov

    folder.mkdir(parents=True, exist_ok=True)
    stages = {}
    for stage, make in GRAPHS.items():
        graph = folder / f"{stage}.onnx"
        onnx.save(make(net, grids), graph)
        # Uncompressed: half-precision constants would move the quantizers' scales.
        ov.save_model(ov.Core().read_model(graph), folder / f"{stage}.xml", compress_to_fp16=False)
        parts = {"onnxruntime": {"graph": ".onnx"}, "openvino": {"graph": ".xml", "weights": ".bin"}}
        stages[stage] = {
            runtime: {part: file_entry(folder / (stage + suffix)) for part, suffix in suffixes.items()}
            for runtime, suffixes in parts.items()
        }
    return stages


def file_entry(path: Path) -> dict[str, str]:
    """A manifest's words for a file of the model whose folder it is in."""
    return {"file": f"{path.parent.name}/{path.name}", "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}
