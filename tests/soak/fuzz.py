"""`python -m tests.soak.fuzz`: what is malformed must end in an error of ours, in time, and leave nothing behind.

Each kind of input goes through our own way of reading it, in a process of its own, so that a crash is seen.
"""

import argparse
import faulthandler
import io
import json
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import asdict, dataclass
from fractions import Fraction
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import av
import cv2
import numpy as np

from edge_vsr.camera.address import parse_camera
from edge_vsr.camera.base import CaptureWish
from edge_vsr.camera.stream import open_stream
from edge_vsr.cli.config_file import read_config
from edge_vsr.cli.example import example
from edge_vsr.cli.run import KEYS
from edge_vsr.clock import SystemClock
from edge_vsr.errors import EdgeVsrError
from edge_vsr.memory import Machine, return_freed_memory
from edge_vsr.restoring.picture import read_picture
from tests.soak.mutations import mutated

HANG_SECONDS = 120.0
"""On a machine that is busy an input may take some; what takes longer hangs."""
WARM = 0.25
"""Share of the inputs after which growth counts: until then libraries fill their pools."""
FLAT = 10.0
"""Megabytes by which 10,000 inputs may make a process grow."""
_TREE = Path(__file__).parents[2]

Reader = Callable[[bytes], None]


@dataclass(frozen=True, slots=True)
class Result:
    """Of one kind."""

    kind: str
    inputs: int
    refused: int
    """Inputs that were an error; the others were read as they are."""
    wrong: list[str]
    """Numbers of inputs whose error was not ours, with its name."""
    grown: float
    """Megabytes, from WARM to the end."""
    threads: int
    """More than at WARM."""
    descriptors: int
    """More than at WARM."""
    seconds: float
    crash: str | None = None
    """How the process died, and at which input."""

    @property
    def sound(self) -> bool:
        return not (self.wrong or self.crash or self.threads > 0 or self.descriptors > 0)


def _pictures(count: int) -> Iterator[np.ndarray]:
    rows, columns = np.mgrid[:48, :64]
    for number in range(count):
        yield np.stack([(rows * 5 + 9 * number) % 256, (columns * 3) % 256, (rows ^ columns) % 256], -1).astype(
            np.uint8
        )


def _jpegs() -> list[bytes]:
    progressive = [cv2.IMWRITE_JPEG_PROGRESSIVE, 1, cv2.IMWRITE_JPEG_RST_INTERVAL, 2]
    return [cv2.imencode(".jpg", one, how)[1].tobytes() for one in _pictures(1) for how in ([], progressive)]


def _transport_streams() -> list[bytes]:
    streams = []
    for codec in ("libx264", "libx265", "mpeg2video"):
        file = io.BytesIO()
        with av.open(file, "w", format="mpegts") as out:
            stream = out.add_stream(codec, rate=25, options={"x265-params": "log-level=none"})
            assert isinstance(stream, av.VideoStream)
            stream.width, stream.height, stream.pix_fmt, stream.time_base = 64, 48, "yuv420p", Fraction(1, 25)
            for number, picture in enumerate(_pictures(6)):
                frame = av.VideoFrame.from_ndarray(picture, format="bgr24")
                frame.pts = number
                out.mux(stream.encode(frame))
            out.mux(stream.encode(None))
        streams.append(file.getvalue())
    return streams


def _multipart() -> list[bytes]:
    parts = [cv2.imencode(".jpg", one)[1].tobytes() for one in _pictures(4)]
    head = b"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n"
    return [b"".join(head % len(part) + part + b"\r\n" for part in parts)]


@contextmanager
def _toml(folder: Path) -> Iterator[Reader]:
    yield lambda data: _discard(read_config(_written(folder / "c.toml", data), KEYS))


@contextmanager
def _jpeg(folder: Path) -> Iterator[Reader]:
    yield lambda data: _discard(read_picture(_written(folder / "p.jpg", data)))


@contextmanager
def _recording(folder: Path) -> Iterator[Reader]:
    yield lambda data: _read_all(str(_written(folder / "r.ts", data)))


@contextmanager
def _stream(folder: Path) -> Iterator[Reader]:
    """From a camera that speaks HTTP."""
    waiting: list[bytes] = []

    class Camera(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
            self.end_headers()
            self.wfile.write(waiting[-1])

        def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002  its name in the base class
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Camera) as server:
        server.handle_error = lambda *_: None  # type: ignore[method-assign]
        thread = threading.Thread(target=server.serve_forever)
        thread.start()

        def read(data: bytes) -> None:
            waiting[:] = [data]
            _read_all(f"http://127.0.0.1:{server.server_port}/")

        try:
            yield read
        finally:
            server.shutdown()
            thread.join()


KINDS: Mapping[str, tuple[Callable[[], list[bytes]], Callable[[Path], AbstractContextManager[Reader]]]] = {
    "TOML": (lambda: [example(KEYS).replace("\n# ", "\n").encode(), b'camera = "demo"\nuplink = ["a", "b"]\n'], _toml),
    "JPEG": (_jpegs, _jpeg),
    "MPEG-TS": (_transport_streams, _recording),
    "stream": (_multipart, _stream),
}
"""What is changed, and how it is read."""


def _written(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def _discard(_: object) -> None:
    pass


def _read_all(spec: str) -> None:
    with closing(open_stream(parse_camera(spec), CaptureWish(), SystemClock())) as camera:
        while camera.read() is not None:
            pass


def feed(kind: str, inputs: int, seed: int, note: int) -> Result:
    """Read so many inputs in this process; the number of each is written to the file `note` first."""
    originals, opened = KINDS[kind][0](), KINDS[kind][1]
    refused, wrong, began = 0, list[str](), time.monotonic()
    before = (0, 0, 0)
    return_freed_memory()
    with tempfile.TemporaryDirectory() as folder, opened(Path(folder)) as read:
        for number in range(inputs):
            if number == int(inputs * WARM):
                before = _held()
            os.pwrite(note, b"%10d" % number, 0)
            faulthandler.dump_traceback_later(HANG_SECONDS, exit=True)
            rng = random.Random(f"{seed} {kind} {number}")
            try:
                read(mutated(rng.choice(originals), rng))
            except EdgeVsrError:
                refused += 1
            except Exception as error:  # noqa: BLE001  that is what is looked for
                wrong.append(f"{number} {type(error).__name__}")
        faulthandler.cancel_dump_traceback_later()
        after = _held()
    memory, threads, descriptors = (now - then for now, then in zip(after, before, strict=True))
    return Result(
        kind, inputs, refused, wrong, memory / 1e6, threads, descriptors, time.monotonic() - began
    )  # fmt: skip


def _held() -> tuple[int, int, int]:
    # What answers a request may outlive it by a moment.
    end = time.monotonic() + HANG_SECONDS
    while any("process_request" in thread.name for thread in threading.enumerate()) and time.monotonic() < end:
        time.sleep(0.02)
    return Machine().resident(), threading.active_count(), len(list(Path("/proc/self/fd").iterdir()))


def fuzz(kind: str, inputs: int, seed: int) -> Result:
    """Feed a process of its own."""
    with tempfile.TemporaryFile() as note:
        command = [sys.executable, "-m", "tests.soak.fuzz", "--feed", kind, "--note", str(note.fileno())]
        done = subprocess.run(
            [*command, "--inputs", str(inputs), "--seed", str(seed)],
            pass_fds=[note.fileno()],
            capture_output=True,
            text=True,
            cwd=_TREE,
            check=False,
        )
        if done.returncode == 0:
            return Result(**json.loads(done.stdout.splitlines()[-1]))
        number = os.pread(note.fileno(), 10, 0).decode().strip()
    crash = f"exit code {done.returncode} at input {number}: {done.stderr[-2000:]}"
    return Result(kind, inputs, 0, [], 0.0, 0, 0, 0.0, crash)


def main(words: Sequence[str]) -> int:
    flags = argparse.ArgumentParser(prog="python -m tests.soak.fuzz", description=__doc__)
    flags.add_argument("--inputs", type=int, default=10_000, help="of each kind")
    flags.add_argument("--seed", type=int, default=1)
    flags.add_argument("--feed", choices=KINDS, help=argparse.SUPPRESS)
    flags.add_argument("--note", type=int, default=-1, help=argparse.SUPPRESS)
    wanted = flags.parse_args(words)
    if wanted.feed:
        av.logging.set_level(None)
        sys.stdout.write(json.dumps(asdict(feed(wanted.feed, wanted.inputs, wanted.seed, wanted.note))) + "\n")
        return 0
    results = [fuzz(kind, wanted.inputs, wanted.seed) for kind in KINDS]
    for one in results:
        sys.stdout.write(described(one) + "\n")
    return 0 if all(one.sound and one.grown <= FLAT for one in results) else 1


def described(result: Result) -> str:
    """For people."""
    if result.crash:
        return f"{result.kind}: {result.crash}"
    return (
        f"{result.kind}: {result.inputs} inputs, {result.refused} refused, {len(result.wrong)} wrong "
        f"{result.wrong[:5] or ''}in {result.seconds:.0f} s; grown by {result.grown:.1f} MB, {result.threads} threads, "
        f"{result.descriptors} descriptors"
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
