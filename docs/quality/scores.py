"""How near luma is to the true picture, and how still where that is."""

import itertools
import json
import math
import subprocess
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

import cv2
import imageio_ffmpeg
import numpy as np
from numpy.typing import NDArray

from edge_vsr.frame import Plane

THREADS = 2
BEST = 99.0
"""dB, of pictures that are the same."""
BLOCK = 16
STILL = 1.0
"""Mean difference of luma between two frames up to which a block stands still: the noise of a camera's recording."""


def mean_psnr(truth: Sequence[Plane], shown: Sequence[Plane]) -> float:
    """PSNR-Y in dB, the mean over the frames. Raises SystemExit where they are not as many or not as large."""
    if [one.shape for one in truth] != [one.shape for one in shown]:
        raise SystemExit(f"{len(shown)} frames of {shown[0].shape}, not {len(truth)} of {truth[0].shape}")
    return float(np.mean([_psnr(a, b) for a, b in zip(truth, shown, strict=True)]))


def vmaf(truth: Sequence[Plane], shown: Sequence[Plane]) -> float:
    """VMAF v0.6.1, 0..100, the mean over the frames, by the ffmpeg that imageio-ffmpeg brings."""
    with tempfile.TemporaryDirectory() as folder:
        first, second = Path(folder, "shown.y4m"), Path(folder, "truth.y4m")
        _write(first, shown)
        _write(second, truth)
        command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-i", first, "-i", second]
        judge = f"libvmaf=log_fmt=json:log_path=vmaf.json:n_threads={THREADS}"
        subprocess.run([*command, "-lavfi", judge, "-f", "null", "-"], cwd=folder, check=True)
        return float(json.loads(Path(folder, "vmaf.json").read_text())["pooled_metrics"]["vmaf"]["mean"])


def flicker(truth: Sequence[Plane], shown: Sequence[Plane]) -> float:
    """Mean absolute difference of luma from frame to frame, in the blocks that stand still in the true pictures; NaN
    where there is none."""
    total, count = 0.0, 0
    for true, other in zip(itertools.pairwise(truth), itertools.pairwise(shown), strict=True):
        still = _changes(*true) <= STILL
        total += float(_changes(*other)[still].sum())
        count += int(still.sum())
    return total / count if count else math.nan


def _changes(before: Plane, after: Plane) -> NDArray[np.float32]:
    """Mean absolute difference of each whole block."""
    rows, columns = (side // BLOCK for side in before.shape)
    changed = cv2.absdiff(before, after)[: rows * BLOCK, : columns * BLOCK].astype(np.float32)
    return np.asarray(cv2.resize(changed, (columns, rows), interpolation=cv2.INTER_AREA), np.float32)


def _psnr(a: Plane, b: Plane) -> float:
    error = np.mean((a.astype(np.float64) - b.astype(np.float64)) ** 2)
    return BEST if error == 0 else 10 * math.log10(255**2 / error)


def _write(path: Path, lumas: Iterable[Plane]) -> None:
    """YUV4MPEG2 with gray chroma, of which this VMAF takes no notice."""
    with path.open("wb") as file:
        for number, luma in enumerate(lumas):
            height, width = luma.shape
            if number == 0:
                file.write(f"YUV4MPEG2 W{width} H{height} F25:1 Ip A1:1 C420jpeg\n".encode())
            file.write(b"FRAME\n" + luma.tobytes() + bytes([128]) * (height * width // 2))
