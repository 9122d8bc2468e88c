"""The seam to inference engines: a `Runtime` loads a stage, a `Stage` runs it.

Both engines take and give the same uint8 arrays. The released graphs are made so that the results are the same too;
docs/network.md says how.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from edge_vsr.errors import ModelError

Codes = NDArray[np.uint8]
"""(1, channels, rows, columns), uint8."""


@dataclass(frozen=True, slots=True)
class StageFile:
    """One stage of a model for one runtime, read and verified."""

    label: str
    """For messages: "ear-s-x2/extractor"."""
    parts: Mapping[str, bytes]
    """"graph", and for OpenVINO "weights" beside it."""

    def part(self, name: str) -> bytes:
        """The part called `name`. Raises ModelError if the model lacks it."""
        if name not in self.parts:
            raise ModelError(f"{self.label} has no {name}; reinstall edge-vsr")
        return self.parts[name]


class Stage(Protocol):
    """One loaded graph. Used by one thread at a time."""

    def run(self, *inputs: Codes) -> tuple[Codes, ...]:
        """Inputs and outputs in the graph's order; the outputs are the caller's own. A change of shape costs a rebuild.

        Raises ModelError if the engine fails.
        """

    def another(self) -> "Stage":
        """The same graph for other shapes, so that going from one to another and back is no rebuild."""


class Runtime(Protocol):
    """An inference engine."""

    @property
    def name(self) -> str:
        """Its package's: "onnxruntime" or "openvino"."""

    def load(self, stage: StageFile, threads: int) -> Stage:
        """Make a stage ready to run on `threads` threads. Raises ModelError if the engine refuses it."""
