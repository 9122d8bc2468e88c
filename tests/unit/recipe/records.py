"""Records of models that were never made."""

from dataclasses import replace
from typing import Any

from models.recipe.record import Pooling, Quality, Record, Speed, Timing
from tests.unit.recipe.networks import tiny

SPEEDS = {
    "onnxruntime": Speed("1.22", frames=60, median=34.5, least=33.25, most=36.0, peak_rss=150.4),
    "openvino": Speed("2025.4", frames=60, median=28.0, least=27.5, most=31.0, peak_rss=190.0),
}
TIMING = Timing("Some Processor", threads=2, load=0.1, runtimes=SPEEDS)
POOLING = Pooling(pictures=17, whole=36.0, without=35.5, windows={"32": 36.01, "48": 36.02})


def quality(name: str = "Set5", **changes: Any) -> Quality:
    int8 = {"onnxruntime": 36.90, "openvino": 36.91}
    return Quality(**{"name": name, "bicubic": 33.96, "float_network": 36.94, "int8": int8, **changes})


def record(*, measured: bool = True, macs: float = 17_000.0, **recipe: Any) -> Record:
    """`measured`: not only released."""
    sets = (quality(), quality("Set14"))
    made = Record(tiny(**recipe), "abc1234", "Apache-2.0", steps=6, parameters=1234, macs_a_sample=macs, quality=sets)
    line = "images=5 scale=2 PSNR-Y=36.910 SSIM-Y=0.9542"
    return replace(made, timing=TIMING, pooling=POOLING, referee={"Set5": line}) if measured else made
