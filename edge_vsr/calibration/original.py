"""A released model's float original: folded weights as the fine-tuning left them, and the grids that it learnt on.

A NumPy archive: weights in single precision; biases in double, since beside tiny weights one has more digits as a code
than single precision holds. Quantized on its own grids it is the released model, byte for byte.
"""

import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Self

import numpy as np

from edge_vsr.calibration.bicubic import DENOMINATOR
from edge_vsr.calibration.codes import Codes, factors, rounded, weight_scales
from edge_vsr.calibration.folded import Conv, Folded, Layout
from edge_vsr.calibration.grid import LUMA, Grid
from edge_vsr.errors import ModelError

FORMAT = 1
FILE = "original.npz"
NOTES = "notes"
PARTS = ("conv64", "conv256", "squeeze", "excite", "spatial", "join", "tail")


@dataclass(frozen=True)
class Original:
    """A folded network and the grids of its activations: all that INT8 needs."""

    net: Folded
    grids: Mapping[str, Grid]
    steps: int
    """Of training, fine-tuning not counted."""

    def as_learnt(self) -> Folded:
        """The network with the reconstruction's weights as they were rounded while it learnt: the function that it
        learnt, in float. Without the rounding it is another one, and a worse one, by 0.03 to 0.1 dB on Set5."""
        net, grids = self.net, self.grids
        cells = net.layout.samples
        parts = [
            (Codes.on("attended", grids["attended"]), net.join.weight.shape[1] - cells),
            (Codes.on("cells", LUMA), cells),
        ]
        join = _rounded(net.join, Codes.joined("joint", parts, grids["attended"]), grids["joined"])
        names = ["joined", *(f"block{i}" for i in range(len(net.blocks)))]
        inputs = [Codes.on(name, grids[name]) for name in names]
        blocks = (
            _rounded(block, x, grids[made]) for block, x, made in zip(net.blocks, inputs[:-1], names[1:], strict=True)
        )
        return replace(net, join=join, blocks=tuple(blocks), tail=_rounded(net.tail, inputs[-1], LUMA, 1 / DENOMINATOR))

    def to_bytes(self) -> bytes:
        """The same for the same weights, whenever it is asked."""
        convs = {name: getattr(self.net, name) for name in PARTS}
        convs |= {f"block{i}": block for i, block in enumerate(self.net.blocks)}
        arrays: dict[str, Any] = {f"{name}.weight": conv.weight.astype(np.float32) for name, conv in convs.items()}
        arrays |= {f"{name}.bias": conv.bias.astype(np.float64) for name, conv in convs.items()}
        notes = {
            "format": FORMAT,
            "layout": asdict(self.net.layout),
            "blocks": len(self.net.blocks),
            "steps": self.steps,
            "grids": {name: asdict(grid) for name, grid in self.grids.items()},
        }
        out = io.BytesIO()
        arrays[NOTES] = np.array(json.dumps(notes))
        np.savez_compressed(out, allow_pickle=False, **arrays)
        return out.getvalue()

    @classmethod
    def from_bytes(cls, data: bytes, label: str) -> Self:
        """Raises ModelError with `label` for what `to_bytes` did not write."""
        try:
            with np.load(io.BytesIO(data), allow_pickle=False) as stored:
                return cls._read(stored)
        except (ValueError, KeyError, TypeError, AttributeError, EOFError, OSError, zipfile.BadZipFile) as error:
            raise ModelError(f"{label} is no float original that this edge-vsr reads; reinstall edge-vsr") from error

    @classmethod
    def _read(cls, stored: Mapping[str, Any]) -> Self:
        notes = json.loads(str(stored[NOTES]))
        if notes["format"] != FORMAT:
            raise ValueError(f"format {notes['format']}")

        def conv(name: str) -> Conv:
            weight = stored[f"{name}.weight"].astype(np.float64)
            stride = 2 if name == "conv256" else 1
            return Conv(weight, stored[f"{name}.bias"].astype(np.float64), stride, weight.shape[2] // 2)

        net = Folded(
            layout=Layout(**notes["layout"]),
            blocks=tuple(conv(f"block{i}") for i in range(notes["blocks"])),
            **{name: conv(name) for name in PARTS},
        )
        grids = {name: Grid(**{**one, "by_channel": tuple(one["by_channel"])}) for name, one in notes["grids"].items()}
        return cls(net, grids, notes["steps"])


def _rounded(conv: Conv, x: Codes, grid: Grid, step: float | None = None) -> Conv:
    """`conv` with its weights as the graphs have them; `step` is their scale, if it is not theirs to choose."""
    by = factors(x.scales, grid)
    scales = weight_scales(conv.weight * by, conv.bias, x, grid) if step is None else np.array(step)
    return replace(conv, weight=rounded(conv.weight * by, scales) * scales / by)
