"""The camera that a run is to have: whether it opens, and gives a picture."""

import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from edge_vsr.camera.address import CameraKind, parse_camera
from edge_vsr.camera.base import CaptureWish
from edge_vsr.camera.open import open_camera
from edge_vsr.camera.status import status_of
from edge_vsr.clock import SystemClock
from edge_vsr.doctor.finding import Finding, error, ok
from edge_vsr.errors import EdgeVsrError
from edge_vsr.telemetry.state import SERVICES, read_states

PATIENCE = 15.0
"""Seconds in which a camera that opens may fail to give a picture."""


def check_camera(
    spec: str, wish: CaptureWish, *, runs: Path = SERVICES, patience: float = PATIENCE
) -> Iterator[Finding]:
    """Nothing for the demo. A camera that a service below `runs` has is not asked for another picture: many have but
    one to give. What cannot be is told as a run would tell it, without secrets."""
    try:
        address = parse_camera(spec)
    except EdgeVsrError as problem:
        yield _not_there(problem)
        return
    if address.kind is CameraKind.DEMO:
        return
    user = next((key for key, state in read_states(runs) if state.name.startswith(f"{address.name} to ")), None)
    if user:
        yield ok("camera", f"{address.name} is the service's: edge-vsr status {user}")
    else:
        yield _opened(spec, wish, patience)


def _opened(spec: str, wish: CaptureWish, patience: float) -> Finding:
    enough = threading.Event()
    timer = threading.Timer(patience, enough.set)
    timer.start()
    try:
        with closing(open_camera(spec, wish, SystemClock(), enough)) as camera:
            frame = camera.read()
            if frame is None:
                return _not_there(status_of(camera).last_error or f"{camera.name} has no picture; check it")
            rate = f" at {float(camera.rate):.4g} fps" if camera.rate else ""
            return ok("camera", f"{camera.name} gives {frame.size}{rate}")
    except EdgeVsrError as problem:
        return _not_there(problem)
    finally:
        timer.cancel()


def _not_there(problem: EdgeVsrError | str) -> Finding:
    # Every error of ours says first what is wrong, and then what to do.
    text, _, fix = str(problem).partition("; ")
    return error("camera", text, fix or "correct --camera")
