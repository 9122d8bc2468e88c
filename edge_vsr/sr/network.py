"""The network's three stages over a whole luma plane."""

from dataclasses import dataclass

import cv2
import numpy as np

from edge_vsr.frame import Plane
from edge_vsr.sr.cells import from_cells, to_cells
from edge_vsr.sr.runtime import Runtime, Stage
from edge_vsr.sr.store import Model, ModelStore

BORDER = 4
"""Samples repeated beyond each side of the frame. The recipe leaves as many out of its loss: nearer to the end of what
it sees the network has learnt nothing, and would draw a frame around the picture."""


def padding(length: int, align: int) -> tuple[int, int]:
    """Samples to repeat before and after `length`: at least BORDER each, the sum a multiple of `align`."""
    return BORDER, BORDER + -(length + 2 * BORDER) % align


@dataclass(frozen=True)
class StagedNetwork:
    """A model's stages, loaded."""

    model: Model
    extractor: Stage
    attention: Stage
    reconstruction: Stage

    @classmethod
    def load(cls, store: ModelStore, model: Model, runtime: Runtime, threads: int) -> "StagedNetwork":
        """Verify and load every stage. Raises ModelError."""
        extractor, attention, reconstruction = (
            runtime.load(store.read(model, stage, runtime.name), threads) for stage in model.stages
        )
        return cls(model, extractor, attention, reconstruction)

    def restore(self, y: Plane) -> Plane:
        """Luma (height, width) to (scale * height, scale * width), both uint8; any size from 1x1."""
        height, width = y.shape
        rows, columns = (padding(n, self.model.align) for n in (height, width))
        padded = cv2.copyMakeBorder(y, *rows, *columns, cv2.BORDER_REPLICATE)
        luma = np.asarray(padded, np.uint8)
        coarse, fine, scale = self.model.coarse, self.model.fine, self.model.scale
        attended = self.attention.run(self.extractor.run(to_cells(luma, coarse)))
        context = from_cells(attended, self.model.align // fine)
        restored = from_cells(self.reconstruction.run(context, to_cells(luma, fine)), fine * scale)[0, 0]
        top, left = rows[0] * scale, columns[0] * scale
        inside: Plane = restored[top : top + height * scale, left : left + width * scale]
        return inside
