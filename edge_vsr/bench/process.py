"""A job in a process of its own, watched for heat; whatever becomes of it, there is a row that says so."""

import contextlib
import json
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import IO

from edge_vsr.bench.jobs import Found, Job, Row
from edge_vsr.heat import Heat, HeatSensor
from edge_vsr.typed import typed

LOOK_EVERY = 0.5
"""Seconds between two looks at the heat."""
# Without the user's folder, where a file may be called as one of the standard library's.
CHILD = (sys.executable, "-P", "-m", "edge_vsr.bench.child")


def run(
    job: Job, sensor: HeatSensor, most_seconds: float, tick: Callable[[], None], command: Sequence[str] = CHILD
) -> Row:
    """Measure `job`, for `most_seconds` at most; `tick` is called now and then. An engine that crashes, hangs or is
    not there is a row with an error."""
    readings = [sensor.read()]

    def look() -> None:
        readings.append(sensor.read())
        tick()

    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as errors, tempfile.TemporaryFile() as asked:
        asked.write(json.dumps(asdict(job)).encode())
        asked.seek(0)
        child = subprocess.Popen(command, stdin=asked, stdout=out, stderr=errors)  # noqa: S603
        try:
            late = not _ended(child, most_seconds, look)
        finally:
            child.kill()
            code = child.wait()
        readings.append(sensor.read())
        found = Found(error=f"stopped after {most_seconds:.0f} s") if late else _found(code, out, errors)
    return Row(job, found, *_summed(readings))


def _ended(child: subprocess.Popen[bytes], seconds: float, look: Callable[[], None]) -> bool:
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(min(left, LOOK_EVERY))
            return True
        look()
    return child.poll() is not None


def _found(code: int, out: IO[bytes], errors: IO[bytes]) -> Found:
    out.seek(0)
    errors.seek(0)
    if code == 0:
        try:
            return typed(Found, json.load(out), "an answer")
        except ValueError:
            return Found(error="it answered nothing that can be read")
    last = (errors.read().decode("utf-8", "replace").strip().splitlines() or [""])[-1]
    return Found(error=f"crashed: {_cause(code)}{f'; {last}' if last else ''}")


def _cause(code: int) -> str:
    if code > 0:
        return f"exit code {code}"
    try:
        return signal.Signals(-code).name
    except ValueError:
        return f"signal {-code}"


def _summed(readings: Sequence[Heat]) -> tuple[tuple[float, float] | None, bool, bool]:
    """Temperature before and at most, throttled, under-voltage."""
    known = [reading.celsius for reading in readings if reading.celsius is not None]
    return (
        (known[0], max(known)) if known else None,
        any(reading.throttled for reading in readings),
        any(reading.under_voltage for reading in readings),
    )
