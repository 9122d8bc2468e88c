"""Small videos, made for the time of a test."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from edge_vsr.frame import Frame, Matrix, Range, Size

SIZE = Size(64, 48)
RATE = Fraction(10)
_TICK = Fraction(1, 1000)
_SOUND_RATE = 48_000
_SOUND_BLOCK = 1024
TELEPHONE = ("pcm_alaw", "pcm_mulaw")


def frame(number: int, size: Size = SIZE, *, matrix: Matrix = Matrix.BT601, range_: Range = Range.LIMITED) -> Frame:
    """Gray steps that move with `number`, and colour."""
    rows, columns = np.indices((size.height, size.width))
    half = np.indices(((size.height + 1) // 2, (size.width + 1) // 2)).sum(0)
    return Frame(
        np.asarray(16 + (rows * 3 + columns * 2 + number * 5) % 200, np.uint8),
        np.asarray(100 + half % 50, np.uint8),
        np.asarray(150 - half % 50, np.uint8),
        matrix,
        range_,
        number,
        float(number / RATE),
        0.0,
    )


def packed(one: Frame) -> NDArray[np.uint8]:
    """The planes one after the other, as PyAV takes and gives yuv420p of even size."""
    return np.concatenate([plane.reshape(-1) for plane in (one.y, one.u, one.v)]).reshape(-1, one.width)


def write_video(
    path: Path,
    count: int = 12,
    *,
    size: Size = SIZE,
    times: Sequence[float] | None = None,
    sound: str | None = None,
    title: str | None = None,
    language: str | None = None,
    turned: int = 0,
    aspect: Fraction = Fraction(1),
    codec: str = "libx264",
    options: Mapping[str, str] | None = None,
    still: bool = False,
) -> Path:
    """`count` frames of `frame`, or its first all the time, by `codec`, without delay or as `options` say, at `times`
    or at RATE, and a tone coded by `sound`; to be shown `turned` degrees to the left, in samples of `aspect`."""
    with av.open(str(path), "w") as container:
        if title:
            container.metadata["title"] = title
        stream: Any = container.add_stream(codec, rate=RATE)
        stream.width, stream.height = size.width, size.height
        stream.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
        stream.codec_context.time_base = _TICK
        stream.codec_context.sample_aspect_ratio = aspect
        if turned:
            stream.set_display_rotation(turned)
        if codec == "libx264":
            stream.options = {"preset": "ultrafast", "tune": "zerolatency", "g": "4"}
        if codec == "libx265":
            stream.options = {"preset": "ultrafast", "x265-params": "bframes=0:log-level=none"}
        rate_of_sound = 8000 if sound in TELEPHONE else _SOUND_RATE
        tone: Any = container.add_stream(sound, rate=rate_of_sound) if sound else None
        if tone:
            tone.layout = "mono"
            tone.metadata.update({"language": language} if language else {})
        if options:
            stream.options = dict(options)
        for number in range(count):
            picture = av.VideoFrame.from_ndarray(packed(frame(0 if still else number, size)), format="yuv420p")
            seconds = times[number] if times else number / RATE
            picture.pts, picture.time_base = round(seconds / _TICK), _TICK
            container.mux(stream.encode(picture))
        container.mux(stream.encode())
        if tone:
            _add_tone(container, tone, times[0] if times else 0.0, float(count / RATE))
    return path


def write_changing_video(path: Path, first: Size, second: Size) -> Path:
    """A raw H.264 stream that changes its size on its way."""
    parts = [write_video(path.with_name(f"{size}.h264"), 5, size=size) for size in (first, second)]
    path.write_bytes(b"".join(part.read_bytes() for part in parts))
    return path


def write_joined_video(path: Path, *parts: tuple[str, Size, float], sound: str | None = None) -> Path:
    """MPEG-TS of several codecs, sizes and beginnings in seconds, ten frames of each, as recorders put segments
    together."""
    data = b""
    for number, (codec, size, start) in enumerate(parts):
        times = [start + float(n / RATE) for n in range(10)]
        one = path.with_name(f"{number}-{path.name}")
        data += write_video(one, 10, size=size, times=times, codec=codec, sound=sound).read_bytes()
        one.unlink()
    path.write_bytes(data)
    return path


def read_video(path: Path) -> list[av.VideoFrame]:
    with av.open(str(path)) as container:
        return list(container.decode(video=0))


def sound_packets(path: Path) -> list[bytes]:
    with av.open(str(path)) as container:
        return [bytes(packet) for packet in container.demux(audio=0) if packet.size]


def _add_tone(container: Any, tone: Any, start: float, seconds: float) -> None:
    context = tone.codec_context
    to_its_kind = av.AudioResampler(context.format, context.layout, context.sample_rate)
    for block in range(int(seconds * _SOUND_RATE / _SOUND_BLOCK)):
        wave = np.sin(np.arange(_SOUND_BLOCK) / 20)[None].astype(np.float32)
        samples = av.AudioFrame.from_ndarray(wave, format="fltp", layout="mono")
        samples.rate, samples.pts = _SOUND_RATE, round(start * _SOUND_RATE) + block * _SOUND_BLOCK
        for one in to_its_kind.resample(samples):
            container.mux(tone.encode(one))
    container.mux(tone.encode())
