"""A run to a far end, as a program that is killed: SPOOL PORT SEED SPEED BEGAN SECONDS.

Its camera, its disk and its date fail as the weather says; its link does so by itself. What it stores, gives up and
needs it says in lines of JSON. It ends by itself once nothing waits after SECONDS.
"""

import errno
import hashlib
import json
import os
import sys
import threading
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

from edge_vsr.camera.base import Camera, CaptureWish
from edge_vsr.camera.isolated import IsolatedCamera
from edge_vsr.camera.pattern import PatternCamera
from edge_vsr.camera.supervisor import SupervisedCamera
from edge_vsr.camera.wrapped import WrappedCamera
from edge_vsr.config import RunConfig, SuperResolution
from edge_vsr.errors import CameraLost, CameraNotFound
from edge_vsr.frame import Frame, Size
from edge_vsr.memory import Machine, return_freed_memory
from edge_vsr.pipeline import Run, RunStatus
from edge_vsr.segment import Segment, SegmentInfo
from edge_vsr.stages.deliver import open_delivery
from edge_vsr.stages.source import Source
from edge_vsr.uplink import durable, spool
from edge_vsr.uplink.http import HttpUplink
from edge_vsr.uplink.options import UplinkOptions
from tests.soak.hurried import HurriedClock
from tests.soak.weather import Fault, Weather

SIZE, RATE = Size(160, 120), Fraction(5)
SAMPLE_SECONDS = 10.0
LANES = 2


def say(**what: object) -> None:
    # One write, so that a kill leaves whole lines.
    os.write(1, (json.dumps(what) + "\n").encode())


class TellingSpool(spool.Spool):
    """Says what it stores and what it gives up."""

    def put(self, segment: Segment) -> list[SegmentInfo]:
        try:
            given_up = super().put(segment)
        finally:
            say(given_up=[info.name for info in self.gaps()])
        say(stored=segment.info.name, digest=hashlib.sha256(segment.data).hexdigest())
        return given_up


class LosableCamera(WrappedCamera):
    def __init__(self, camera: Camera, is_away: Callable[[], bool]) -> None:
        super().__init__(camera)
        self._is_away = is_away

    def read(self) -> Frame | None:
        if self._is_away():
            raise CameraLost("the camera was pulled out")
        return self._camera.read()


def failing_disk(is_on: Callable[[Fault], bool]) -> None:
    """Make what the spool writes fail as a disk does."""
    write = durable.write_whole

    def write_or_fail(path: Path, data: bytes, mode: int = 0o666) -> None:
        for fault, number in ((Fault.DISK_FULL, errno.ENOSPC), (Fault.DISK_FAILING, errno.EIO)):
            if is_on(fault):
                raise OSError(number, os.strerror(number))
        write(path, data, mode)

    spool.write_whole = write_or_fail  # type: ignore[attr-defined]


def main() -> None:
    folder, port, seed, speed, began, seconds = sys.argv[1:]
    clock, weather, end = HurriedClock(float(speed), float(began)), Weather(int(seed), float(seconds)), float(seconds)

    def is_on(fault: Fault) -> bool:
        return weather.is_on(fault, clock.monotonic())

    def camera() -> Camera:
        if is_on(Fault.CAMERA_AWAY):
            raise CameraNotFound("the camera is unplugged")
        return LosableCamera(PatternCamera(clock, size=SIZE, rate=RATE), lambda: is_on(Fault.CAMERA_AWAY))

    return_freed_memory()
    failing_disk(is_on)
    stop = threading.Event()
    options = UplinkOptions(connect_timeout=5.0, answer_timeout=5.0)
    lanes = [HttpUplink(f"http://127.0.0.1:{port}/", options) for _ in range(LANES)]
    silence = CaptureWish(SIZE, RATE).longest_silence()
    watched = SupervisedCamera(
        lambda: IsolatedCamera("demo", camera, silence=silence), clock, stop, patient=True
    )  # fmt: skip
    sampled = -SAMPLE_SECONDS

    def tick(status: RunStatus) -> None:
        nonlocal sampled
        now = clock.monotonic()
        clock.date_is_wrong = is_on(Fault.DATE_WRONG)
        if now >= end and not status.backlog and status.delivered:
            stop.set()
        if now - sampled >= SAMPLE_SECONDS:
            sampled = now
            say(
                at=now,
                resident=Machine().resident(),
                threads=threading.active_count(),
                descriptors=len(list(Path("/proc/self/fd").iterdir())),
                waiting=status.backlog,
                reopened=status.reopened,
            )

    with TellingSpool(Path(folder), clock=clock) as waiting:
        source = Source.checked(RunConfig("demo", "far", sr=SuperResolution.OFF), watched, None)
        delivery = open_delivery(lanes[0], waiting, clock, more=lanes[1:])
        summary = Run(source, waiting, delivery, clock).execute(stop, tick)
    figures: dict[str, Any] = {
        name: getattr(summary, name) for name in ("captured", "encoded", "dropped", "segments", "waiting")
    }
    say(**figures)


if __name__ == "__main__":
    main()
