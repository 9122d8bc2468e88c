"""Make the calibration frames: `python -m calibration.make`.

Eighteen luma pictures of 256x256 from the demo camera's own scene: near and far, by day, at dusk and at night, in
limited and full range, sharp, blurred and with sensor noise. They are ours alone, so they can be kept beside the
models that they calibrate, and the same script makes the same bytes.
"""

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_vsr.camera.demo.scene import Scene
from edge_vsr.frame import Size

HERE = Path(__file__).parent
SIDE = 256
SEED = 20261122

Luma = NDArray[np.uint8]

SIZES = (Size(480, 270), Size(640, 360), Size(960, 540), Size(1280, 720), Size(1600, 900), Size(1920, 1080))
"""Of the whole scene: from far to near."""
LIGHTS = ((1.0, 0.0), (0.45, 2.0), (0.15, 6.0))
"""Gain and the deviation of the sensor's noise, in luma levels: day, dusk, night."""


def cut(luma: Luma, rng: np.random.Generator) -> Luma:
    """A random square of the scene; the row of blocks that numbers the frames stays out of it."""
    height, width = luma.shape[0] * 9 // 10, luma.shape[1]
    top, left = (int(rng.integers(max(1, n - SIDE + 1))) for n in (height, width))
    piece = luma[top : top + SIDE, left : left + SIDE]
    missing = SIDE - piece.shape[0]
    return np.asarray(cv2.copyMakeBorder(piece, 0, missing, 0, 0, cv2.BORDER_REFLECT_101), np.uint8)


def lit(luma: Luma, gain: float, noise: float, rng: np.random.Generator) -> Luma:
    """Darker by `gain`, with noise."""
    value = luma.astype(np.float64) * gain + rng.normal(0.0, noise, luma.shape)
    return np.asarray(np.clip(np.rint(value), 0, 255), np.uint8)


def full_range(luma: Luma) -> Luma:
    """Limited range stretched to 0..255."""
    return np.asarray(np.clip(np.rint((luma.astype(np.float64) - 16) * 255 / 219), 0, 255), np.uint8)


def main() -> None:
    """Write the frames beside this script."""
    rng = np.random.default_rng(SEED)
    for i, size in enumerate(SIZES):
        for j, (gain, noise) in enumerate(LIGHTS):
            luma = np.asarray(Scene(size).picture(int(rng.integers(3000)))[0], np.uint8)
            luma = full_range(luma) if (i + j) % 2 else luma
            luma = cut(luma, rng)
            if (i + j) % 3 == 2:
                luma = np.asarray(cv2.GaussianBlur(luma, (0, 0), 1.0), np.uint8)
            cv2.imwrite(str(HERE / f"scene-{size}-light{j}.png"), lit(luma, gain, noise, rng))


if __name__ == "__main__":
    main()
