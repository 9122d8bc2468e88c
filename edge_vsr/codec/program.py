"""Encoders of the ffmpeg program, for hardware that PyAV's FFmpeg was built without: pictures in, a byte stream out."""

import contextlib
import os
import queue
import select
import shutil
import subprocess
import tempfile
import threading
import time
from collections import deque
from collections.abc import Sequence

from edge_vsr.codec.annexb import parameter_sets
from edge_vsr.codec.encoder import EncoderSettings, check_encodable
from edge_vsr.codec.video_frame import AV_MATRIX, AV_RANGE
from edge_vsr.coded import CodedPicture, CodedStream
from edge_vsr.errors import EncoderError
from edge_vsr.frame import Frame

PATIENCE = 5.0
"""Seconds that the program may take for a picture, or for its end."""
_DELIMITER = b"\0\0\0\1\x09"
"""The start of an access unit: it is asked for, since a picture has no end in a byte stream."""
_DELIMITER_SIZE = 6


class ProgramEncoder:
    """A process from one keyframe to the next: a running program cannot be asked for one, nor for another rate.

    A picture is known to be complete when the next one begins, so one more is held than the hardware holds.
    """

    def __init__(
        self,
        library: str,
        options: dict[str, str],
        settings: EncoderSettings,
        fullness: float,
        before: Sequence[str] = (),
    ) -> None:
        """`library` and `options` are FFmpeg's, for H.264; `before` are arguments that stand before the input.
        `fullness` is that of the rate's buffer at the start, 0..1. Raises EncoderError."""
        check_encodable(settings.size)
        program = shutil.which("ffmpeg")
        if program is None:
            raise EncoderError(f"{library} needs the ffmpeg program: apt install ffmpeg")
        colour = {"colorspace": AV_MATRIX[settings.matrix], "color_range": AV_RANGE[settings.range]}
        raw = {"f": "rawvideo", "pixel_format": "yuv420p", "video_size": settings.size, "framerate": settings.rate}
        coded = {"c:v": library, **options, **colour, "bsf:v": "h264_metadata=aud=insert", "f": "h264"}
        self._command = [
            program,
            "-hide_banner",
            "-nostdin",
            "-loglevel",
            "error",
            *before,
            *_flags(raw),
            "-i",
            "pipe:0",
        ]
        self._command += [*_flags(coded), "-flush_packets", "1", "pipe:1"]
        self._library = library
        self._settings = settings
        self._stream: CodedStream | None = None
        self._inside: deque[tuple[int, int, float]] = deque()
        self._bits = settings.buffer_bits * fullness
        self._process: _Process | None = None

    @property
    def fullness(self) -> float:
        return self._bits / self._settings.buffer_bits

    @property
    def appetite(self) -> None:
        return None

    @property
    def held(self) -> int:
        return len(self._inside)

    def encode(self, frame: Frame, pts: int, *, keyframe: bool) -> list[CodedPicture]:
        before = self.flush() if keyframe else []
        self._inside.append((pts, frame.number, frame.wall))
        try:
            if self._process is None:
                self._process = _Process(self._command)
            self._process.write(b"".join(plane.tobytes() for plane in (frame.y, frame.u, frame.v)))
            return before + [self._picture(data) for data in self._process.complete()]
        except OSError as error:
            raise self._failed(error) from None

    def flush(self) -> list[CodedPicture]:
        if self._process is None:
            return []
        try:
            pictures = [self._picture(data) for data in self._process.rest()]
        except OSError as error:
            raise self._failed(error) from None
        if self._inside:
            raise self._failed(OSError(f"it left out {len(self._inside)} pictures"))
        self._process.kill()
        self._process = None
        return pictures

    def _picture(self, data: bytes) -> CodedPicture:
        if not self._inside:
            raise OSError("it makes more pictures than it got")
        sets = parameter_sets(data)
        if self._stream is None:
            self._stream = CodedStream("h264", self._settings.size, self._settings.rate, sets)
        gained = 1000 * self._settings.kbits / float(self._settings.rate) - 8 * len(data)
        self._bits = min(max(0.0, self._bits + gained), float(self._settings.buffer_bits))
        pts, number, wall = self._inside.popleft()
        return CodedPicture(self._stream, data, pts, bool(sets), number, wall)

    def _failed(self, error: OSError) -> EncoderError:
        said = self._process.kill() if self._process else ""
        self._process = None
        self._inside.clear()
        return EncoderError(f"{self._library} failed at {self._settings.size}: {said or error.strerror or error}")


class _Process:
    """The program; a thread reads what it makes, so that it never waits for us while we wait for it."""

    def __init__(self, command: Sequence[str]) -> None:
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115  closed by `kill`
        try:
            self._process = subprocess.Popen(  # noqa: S603  made above, no shell
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._errors
            )
        except OSError:
            self._errors.close()
            raise
        assert self._process.stdin  # noqa: S101  for mypy
        assert self._process.stdout  # noqa: S101
        self._stdin, self._stdout = self._process.stdin, self._process.stdout
        os.set_blocking(self._stdin.fileno(), False)
        self._chunks: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._made = bytearray()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def write(self, data: bytes) -> None:
        """Raises TimeoutError, and BrokenPipeError where it has ended."""
        left, end = memoryview(data), time.monotonic() + PATIENCE
        ready = select.poll()
        ready.register(self._stdin.fileno(), select.POLLOUT)
        while left:
            try:
                left = left[os.write(self._stdin.fileno(), left) :]
            except BlockingIOError:
                if time.monotonic() > end:
                    raise TimeoutError(f"no answer within {PATIENCE:g} s") from None
                ready.poll(100)

    def complete(self) -> list[bytes]:
        """The pictures after which another has begun."""
        with contextlib.suppress(queue.Empty):
            while True:
                self._made += self._chunks.get_nowait()
        last = self._made.rfind(_DELIMITER)
        if last <= 0:
            return []
        whole = bytes(self._made[:last])
        del self._made[:last]
        return _units(whole)

    def rest(self) -> list[bytes]:
        """End it; what was still inside. Raises OSError where it does not end well."""
        with contextlib.suppress(OSError):
            self._stdin.close()
        self._reader.join(PATIENCE)
        if self._reader.is_alive():
            raise TimeoutError(f"it does not end within {PATIENCE:g} s")
        pictures = self.complete() + _units(bytes(self._made))
        if self._process.wait():
            raise OSError(f"it ends with {self._process.returncode}")
        return pictures

    def kill(self) -> str:
        """End it at once, if it has not ended; the first that it said."""
        with contextlib.suppress(OSError):
            self._stdin.close()
        self._process.kill()
        # One that hangs in its driver is left behind.
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(1.0)
        with self._errors as errors:
            errors.seek(0)
            lines = errors.read().decode("utf-8", "replace").strip().splitlines()
        return lines[0] if lines else ""

    def _read(self) -> None:
        with self._stdout as stdout:
            while chunk := os.read(stdout.fileno(), 1 << 16):
                self._chunks.put(chunk)


def _units(data: bytes) -> list[bytes]:
    """The pictures in `data`, which starts with a delimiter, without these."""
    return [unit[_DELIMITER_SIZE - len(_DELIMITER) :] for unit in data.split(_DELIMITER)[1:]]


def _flags(options: dict[str, object]) -> list[str]:
    return [word for name, value in options.items() for word in (f"-{name}", str(value))]
