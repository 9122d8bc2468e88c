"""An encoder tried on a real frame, in a process of its own: drivers hang, crash, and list what is not there."""

import contextlib
import io
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

import av
import numpy as np

from edge_vsr.codec.annexb import parameter_sets
from edge_vsr.codec.encoder import EncoderSettings
from edge_vsr.codec.kinds import KINDS, Kind
from edge_vsr.codec.obu import sequence_header
from edge_vsr.coded import TIME_BASE, CodedPicture
from edge_vsr.errors import EncoderError
from edge_vsr.frame import Frame, Matrix, Plane, Range, Size

PATIENCE = 20.0
"""Seconds; libraries load slowly from an SD card."""
FRAMES = 30
KEYFRAMES = (0, 15)
BITS = 0.2
"""A luma sample, as the ladder gives them in the middle."""
MOST_EXCESS = 1.5
"""Of what the rate allows, with its whole buffer."""
GRAY = Size(640, 360)
MOST_ERROR = 12.0
"""Mean difference of luma; of another picture it is several times that."""
_FORMATS = {"av1": "obu"}
"""FFmpeg's names of byte streams, where they are not the codec's."""


def attempt(kind: Kind, frame: Frame, rate: Fraction, sizes: Sequence[Size], patience: float = PATIENCE) -> str | None:
    """Let a child code `frame`, moving, at all `sizes`; why it cannot, in words, or None if it can."""
    command = [sys.executable, "-P", "-m", __name__, kind.name, str(rate), str(frame.size), *map(str, sizes)]
    with tempfile.TemporaryFile() as planes, tempfile.TemporaryFile() as errors:
        planes.write(b"".join(plane.tobytes() for plane in (frame.y, frame.u, frame.v)))
        planes.seek(0)
        child = subprocess.Popen(command, stdin=planes, stdout=subprocess.DEVNULL, stderr=errors)  # noqa: S603
        try:
            code = child.wait(patience)
        except subprocess.TimeoutExpired:
            child.kill()
            # One that hangs in its driver is left behind.
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(1.0)
            return f"no answer within {patience:g} s"
        errors.seek(0)
        lines = errors.read().decode("utf-8", "replace").strip().splitlines()
    if code < 0:
        return f"it is killed by signal {-code}"
    return (lines[-1] if lines else f"it ends with {code}") if code else None


def rehearse(kind: Kind, frame: Frame, rate: Fraction) -> None:
    """Code `frame`, moving, with a keyframe at the start and one when asked, and look at what comes out. Raises
    EncoderError with what is wrong with that."""
    kbits = max(100, round(BITS * frame.width * frame.height * float(rate) / 1000))
    settings = EncoderSettings(frame.size, rate, frame.matrix, frame.range, kbits, kind.codec)
    frames = [_shifted(frame, 4 * n, n) for n in range(FRAMES)]
    encoder = kind.open(settings)
    pictures: list[CodedPicture] = []
    for n, one in enumerate(frames):
        pictures += encoder.encode(one, round(n / rate / TIME_BASE), keyframe=n in KEYFRAMES)
    pictures += encoder.flush()
    if [picture.number for picture in pictures] != list(range(FRAMES)):
        raise EncoderError(f"of {FRAMES} frames it coded {len(pictures)}")
    if (found := tuple(picture.number for picture in pictures if picture.keyframe)) != KEYFRAMES:
        raise EncoderError(f"asked for keyframes {KEYFRAMES} it made {found}")
    if not all(_headers(pictures[n].data, kind) for n in KEYFRAMES):
        raise EncoderError("its keyframes cannot be decoded alone")
    bits = sum(8 * len(picture.data) for picture in pictures)
    if bits > MOST_EXCESS * (1000 * kbits * FRAMES / float(rate) + settings.buffer_bits):
        raise EncoderError(f"asked for {kbits} kbit/s it took {bits / 1000 * float(rate) / FRAMES:.0f}")
    _compare(frames, b"".join(picture.data for picture in pictures), kind)


def rehearse_gray(name: str) -> None:
    """The encoder called `name`, on a gray picture. Raises EncoderError."""
    rehearse(KINDS[name], _frame(np.full(GRAY.width * GRAY.height * 3 // 2, 128, np.uint8), GRAY), Fraction(30))


def _headers(data: bytes, kind: Kind) -> bytes:
    return sequence_header(data) if kind.codec == "av1" else parameter_sets(data, kind.codec)


def _compare(frames: Sequence[Frame], data: bytes, kind: Kind) -> None:
    try:
        with av.open(io.BytesIO(data), "r", format=_FORMATS.get(kind.codec, kind.codec)) as container:
            shown = [_luma(picture) for picture in container.decode(video=0)]
    except av.FFmpegError as error:
        raise EncoderError(f"what it makes cannot be decoded: {error.strerror}") from error
    if len(shown) != len(frames):
        raise EncoderError(f"of {len(frames)} pictures {len(shown)} can be decoded")
    worst = max(
        float(np.mean(np.abs(luma.astype(np.int16) - frame.y))) for frame, luma in zip(frames, shown, strict=True)
    )
    if worst > MOST_ERROR:
        raise EncoderError(f"what it makes is another picture, {worst:.0f} levels off")


def _luma(picture: av.VideoFrame) -> Plane:
    plane = picture.planes[0]
    rows: Plane = np.frombuffer(memoryview(plane), np.uint8).reshape(plane.height, plane.line_size)
    return rows[:, : plane.width].copy()


def _shifted(frame: Frame, by: int, number: int) -> Frame:
    y, u, v = (np.roll(plane, by // part, axis=1) for plane, part in ((frame.y, 1), (frame.u, 2), (frame.v, 2)))
    return replace(frame, y=y, u=u, v=v, number=number)


def _at(frame: Frame, size: Size) -> Frame:
    """`frame`, repeated or cut to `size`."""

    def fit(plane: Plane, width: int, height: int) -> Plane:
        rows, columns = -(-height // plane.shape[0]), -(-width // plane.shape[1])
        return np.ascontiguousarray(np.tile(plane, (rows, columns))[:height, :width])

    half = (size.width // 2, size.height // 2)
    return replace(frame, y=fit(frame.y, size.width, size.height), u=fit(frame.u, *half), v=fit(frame.v, *half))


def _frame(planes: Plane, size: Size) -> Frame:
    """From Y, U and V, one after the other."""
    half = (size.height // 2, size.width // 2)
    y, u, v = np.split(planes, np.cumsum([size.width * size.height, half[0] * half[1]]))
    y, u, v = y.reshape(size.height, size.width), u.reshape(half), v.reshape(half)
    return Frame(y, u, v, Matrix.BT601, Range.LIMITED, number=0, time=0.0, wall=0.0)


def main() -> None:
    """In the child."""
    name, rate, size, *sizes = sys.argv[1:]
    frame = _frame(np.frombuffer(sys.stdin.buffer.read(), np.uint8), Size.parse(size))
    try:
        for one in sizes:
            rehearse(KINDS[name], _at(frame, Size.parse(one)), Fraction(rate))
    except EncoderError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
