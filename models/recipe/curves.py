"""Loss and PSNR-Y over the steps of a run, as a picture."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")

from matplotlib import pyplot as plt


def plot_curves(log: Sequence[dict[str, Any]], path: Path) -> None:
    """Write a PNG with the loss (left axis) and, where measured, PSNR-Y in dB (right axis)."""
    figure, left = plt.subplots(figsize=(8, 4.5), dpi=100)
    left.plot([r["step"] for r in log], [r["loss"] for r in log], color="tab:gray", linewidth=1)
    left.set_xlabel("step")
    left.set_ylabel("loss")
    measured = [r for r in log if "psnr" in r]
    if measured:
        right = left.twinx()
        right.plot([r["step"] for r in measured], [r["psnr"] for r in measured], color="tab:blue")
        right.set_ylabel("PSNR-Y, dB", color="tab:blue")
    figure.tight_layout()
    figure.savefig(path)
    plt.close(figure)
