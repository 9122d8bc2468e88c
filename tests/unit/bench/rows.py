"""Rows as a benchmark would have made them."""

from edge_vsr.bench.jobs import WHOLE, Found, Job, Row
from edge_vsr.bench.machine import Box
from edge_vsr.bench.report import Report
from edge_vsr.bench.times import Times

BOX = Box("A processor", "A board", 4, 8192, "Linux 6.1 x86_64", emulated=False, version="0.1.0")


def network(
    model: str, ms: float, *, runtime: str = "openvino", threads: int = 4, tile: str = WHOLE, size: str = "640x360"
) -> Row:
    job = Job("network", model, runtime, threads, tile, size)
    return Row(job, Found(times=Times.of([ms / 1000] * 10), gmac=1.0, float_ratio=2.5, scale=2))


def peak(int8: float, fp32: float, *, runtime: str = "openvino", threads: int = 4) -> Row:
    return Row(Job("peak", runtime=runtime, threads=threads), Found(int8_peak=int8, fp32_peak=fp32))


def failed(model: str, error: str, runtime: str = "onnxruntime") -> Row:
    return Row(Job("network", model, runtime, 4), Found(error=error))


def report(*rows: Row, **more: object) -> Report:
    return Report("2026-01-01T00:00:00+00:00", BOX, "quick", "640x360", 15.0, rows, **more)  # type: ignore[arg-type]
