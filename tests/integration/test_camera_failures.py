"""What a camera may do to a run, each on a real stream over HTTP: the run recovers alone, and what it sends plays."""

import itertools
import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest

from edge_vsr.camera import CameraState, CaptureWish, open_camera
from edge_vsr.clock import Clock, SystemClock
from edge_vsr.config import RunConfig, SuperResolution
from edge_vsr.frame import Size
from edge_vsr.heartbeat import Heartbeats
from edge_vsr.pipeline import Run, RunStatus
from edge_vsr.rung import Rung
from edge_vsr.stages.deliver import open_delivery
from edge_vsr.stages.source import Source
from edge_vsr.uplink.folder import FolderUplink
from edge_vsr.uplink.playlist import PLAYLIST_NAME, Playlist
from edge_vsr.uplink.spool import Spool
from tests.integration.servers import free_port
from tests.integration.test_cameras import Quiet
from tests.soak.hurried import HurriedClock

SMALL, LARGE = Size(160, 120), Size(320, 240)
HURRY = 20.0
"""A minute of one picture in three seconds."""

Mood = Callable[[], Iterator[bytes]]
"""What the camera sends, piece by piece."""


def part(picture: bytes) -> bytes:
    """Of a stream in parts."""
    head = f"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {len(picture)}\r\n\r\n"
    return head.encode() + picture + b"\r\n"


def picture(size: Size, number: int) -> bytes:
    """A JPEG with noise, as a sensor has it."""
    pixels = np.random.default_rng(number).integers(0, 256, (size.height // 8, size.width // 8), np.uint8)
    blocks = np.kron(pixels, np.ones((8, 8), np.uint8))
    return bytes(cv2.imencode(".jpg", blocks)[1].tobytes())


def moving(size: Size = SMALL, fps: float = 10.0) -> Mood:
    """Pictures that differ."""
    pictures = [part(picture(size, number)) for number in range(50)]

    def send() -> Iterator[bytes]:
        for one in itertools.cycle(pictures):
            yield one
            time.sleep(1 / fps)

    return send


def frozen() -> Iterator[bytes]:
    """One picture for ever."""
    same = part(picture(SMALL, 0))
    while True:
        yield same
        time.sleep(0.05)


def garbage() -> Iterator[bytes]:
    """Noise where pictures should be, then noise and nothing else, then the end."""
    rng = random.Random(1)
    for _ in range(20):
        yield part(rng.randbytes(3000))
        time.sleep(0.02)
    yield rng.randbytes(200_000)


def a_page() -> Iterator[bytes]:
    """What a camera's web server says while the camera behind it starts."""
    yield b"<html>please wait</html>"


class MoodyCamera:
    """A camera in the network, that changes between two pictures."""

    def __init__(self, mood: Mood) -> None:
        self.mood = mood
        self.port = free_port()
        self.asked = 0
        """How often it was opened."""
        self._server: ThreadingHTTPServer | None = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}/cam"

    def plug(self) -> None:
        camera = self

        class Handler(Quiet):
            def do_GET(self) -> None:  # noqa: N802  its name in the base class
                camera.asked += 1
                self.send_response(200)
                self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
                self.end_headers()
                mood = None
                while camera.plugged:
                    if mood is not camera.mood:
                        mood, pieces = camera.mood, camera.mood()
                    piece = next(pieces, None)
                    if piece is None:
                        return
                    self.wfile.write(piece)

        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self._server.daemon_threads = True
        self._server.block_on_close = False
        self._server.handle_error = lambda *_: None  # type: ignore[method-assign]
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def plugged(self) -> bool:
        return self._server is not None

    def unplug(self) -> None:
        server, self._server = self._server, None
        if server:
            server.shutdown()
            server.server_close()

    def close(self) -> None:
        self.unplug()


@dataclass
class UnderWay:
    """A run, with what a test asks of it."""

    run: Run
    out: Path
    statuses: list[RunStatus]

    @property
    def status(self) -> RunStatus:
        return self.run.status()

    def until(self, condition: Callable[[], object], what: str, seconds: float = 150.0) -> None:
        end = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < end, f"no sign of {what}: {self.status}"
            time.sleep(0.05)

    def until_it_sends(self, more: int = 2) -> None:
        wanted = self.status.delivered + more
        self.until(lambda: self.status.delivered >= wanted, "more segments")

    def was(self, state: CameraState) -> bool:
        return any(status.camera is state for status in self.statuses)


@contextmanager
def sending(camera: MoodyCamera, folder: Path, clock: Clock | None = None) -> Iterator[UnderWay]:
    """A run from `camera` to a folder; at the end everything that it captured must be there and play."""
    clock, stop = clock or SystemClock(), threading.Event()
    out = folder / "out"
    with ExitStack() as stack:
        wish = CaptureWish(patience=5.0)
        opened = stack.enter_context(closing(open_camera(camera.address, wish, clock, stop, patient=True)))
        config = RunConfig(camera.address, str(out), sr=SuperResolution.OFF, rung=Rung.NATIVE)
        source = Source.checked(config, opened, None)
        spool = stack.enter_context(Spool(folder / "spool", clock=clock))
        delivery = open_delivery(FolderUplink(out), spool, SystemClock())
        run, statuses = Run(source, spool, delivery, clock, heartbeats=Heartbeats(SystemClock())), list[RunStatus]()
        summaries: list[Any] = []
        thread = threading.Thread(
            target=lambda: summaries.append(run.execute(stop, statuses.append, 0.5)), name="run under test"
        )
        thread.start()
        try:
            yield UnderWay(run, out, statuses)
        finally:
            stop.set()
            thread.join(60)
    assert summaries, "the run failed, or did not end"
    (summary,) = summaries
    assert (summary.captured, summary.waiting) == (summary.encoded + summary.dropped, 0)
    entries = Playlist.parse((out / PLAYLIST_NAME).read_text()).entries
    assert sum(len(pictures_in(out / entry.name)) for entry in entries) == summary.encoded > 0
    assert not any(status.hanging for status in statuses)


def pictures_in(path: Path) -> list[av.VideoFrame]:
    """Of a segment. The kind of file is told: FFmpeg does not recognise one of nine packets, two pictures of little."""
    with av.open(str(path), format="mpegts") as container:
        return list(container.decode(video=0))


@pytest.fixture
def camera() -> Iterator[MoodyCamera]:
    with closing(MoodyCamera(moving())) as camera:
        yield camera


def test_away_at_boot(camera: MoodyCamera, quick_path: Path) -> None:
    timer = threading.Timer(1.5, camera.plug)
    timer.start()
    with sending(camera, quick_path) as under_way:
        timer.join()
        under_way.until_it_sends()
        assert under_way.status.camera is CameraState.OPEN


def test_unplugged_and_plugged_in_again(camera: MoodyCamera, quick_path: Path) -> None:
    camera.plug()
    with sending(camera, quick_path) as under_way:
        under_way.until_it_sends(1)
        camera.unplug()
        under_way.until(lambda: under_way.status.camera is CameraState.AWAY, "the loss")
        assert under_way.status.error_of("camera")
        camera.plug()
        under_way.until(lambda: under_way.status.camera is CameraState.OPEN, "the return")
        under_way.until_it_sends()
        assert under_way.status.reopened == 1


def test_connected_and_mute(camera: MoodyCamera, quick_path: Path) -> None:
    """It stops sending without closing, and so do the next connections, until it comes to itself."""
    recovered = threading.Event()

    def mute() -> Iterator[bytes]:
        recovered.wait(60)
        return iter(())

    camera.plug()
    with sending(camera, quick_path) as under_way:
        under_way.until_it_sends(1)
        camera.mood = mute
        under_way.until(lambda: under_way.status.camera is CameraState.AWAY, "the loss")
        asked = camera.asked
        under_way.until(lambda: camera.asked > asked, "another try")
        camera.mood = moving()
        recovered.set()
        under_way.until(lambda: under_way.status.camera is CameraState.OPEN, "the return")
        under_way.until_it_sends()


@pytest.mark.parametrize("nonsense", [garbage, a_page])
def test_garbage(camera: MoodyCamera, quick_path: Path, nonsense: Mood) -> None:
    camera.plug()
    with sending(camera, quick_path) as under_way:
        under_way.until_it_sends(1)
        camera.mood = nonsense
        under_way.until(lambda: under_way.status.camera is CameraState.AWAY, "the loss")
        asked = camera.asked
        under_way.until(lambda: camera.asked >= asked + 2, "two more tries, with garbage each")
        camera.mood = moving()
        under_way.until(lambda: under_way.status.camera is CameraState.OPEN, "the return")
        under_way.until_it_sends()


def test_another_size(camera: MoodyCamera, quick_path: Path) -> None:
    camera.plug()
    with sending(camera, quick_path) as under_way:
        under_way.until_it_sends(1)
        camera.mood = moving(LARGE)
        under_way.until(lambda: LARGE in sizes(under_way.out), "segments of the new size")
        camera.mood = moving(SMALL)
        before = len(sizes(under_way.out))
        under_way.until(lambda: sizes(under_way.out)[before:].count(SMALL) > 1, "segments of the old size")
        assert under_way.status.reopened == 0, "a change of size is no loss"


def sizes(out: Path) -> list[Size]:
    """Of the segments that are listed, in order."""
    text = (out / PLAYLIST_NAME).read_text() if (out / PLAYLIST_NAME).exists() else "#EXTM3U\n"
    firsts = (pictures_in(out / entry.name)[0] for entry in Playlist.parse(text).entries)
    return [Size(picture.width, picture.height) for picture in firsts]


@pytest.mark.parametrize("fps", [2.0, 40.0])
def test_another_rate(camera: MoodyCamera, quick_path: Path, fps: float) -> None:
    camera.plug()
    with sending(camera, quick_path) as under_way:
        under_way.until_it_sends(1)
        camera.mood = moving(fps=fps)
        under_way.until_it_sends(4)
        assert under_way.status.camera is CameraState.OPEN
        assert under_way.status.reopened == 0, "a change of rate is no loss"
    entries = Playlist.parse((quick_path / "out" / PLAYLIST_NAME).read_text()).entries
    # The last is what there was at the end. A machine that is slow makes some longer.
    lengths = sorted(entry.duration for entry in entries[:-1])
    assert 1.0 < lengths[len(lengths) // 2] < 4.0, f"segments of {lengths} s"


def test_frozen_on_one_picture(camera: MoodyCamera, quick_path: Path) -> None:
    camera.plug()
    with sending(camera, quick_path, HurriedClock(HURRY, time.monotonic())) as under_way:
        under_way.until_it_sends(1)
        asked = camera.asked
        camera.mood = frozen
        under_way.until(lambda: under_way.was(CameraState.FROZEN), "a frozen picture")
        under_way.until(lambda: camera.asked > asked, "a reopening")
        camera.mood = moving()
        under_way.until(lambda: under_way.status.camera is CameraState.OPEN, "the return")
        under_way.until_it_sends()
        assert under_way.status.reopened >= 1
