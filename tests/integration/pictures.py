"""Real coded pictures for the uplinks, without the codec room."""

import io
import re
from fractions import Fraction

import av
import numpy as np

from edge_vsr.coded import TIME_BASE, CodedPicture, CodedStream
from edge_vsr.frame import Size

SIZE = Size(320, 180)
_RATE = Fraction(25)


def make_pictures(count: int, size: Size = SIZE, *, gop: int = 10, first: int = 0) -> list[CodedPicture]:
    """`count` pictures numbered from `first`, a keyframe every `gop`, each with SPS and PPS before it."""
    encoder = av.CodecContext.create("libx264", "w")
    assert isinstance(encoder, av.VideoCodecContext)
    encoder.width, encoder.height, encoder.pix_fmt = size.width, size.height, "yuv420p"
    encoder.time_base, encoder.framerate = TIME_BASE, _RATE
    encoder.gop_size, encoder.max_b_frames = gop, 0
    encoder.options = {"preset": "ultrafast", "tune": "zerolatency", "x264-params": "scenecut=0:repeat-headers=1"}
    ticks = int(1 / (_RATE * TIME_BASE))
    packets = []
    for number in range(first, first + count):
        picture = np.full((size.height * 3 // 2, size.width), (number * 5) % 256, np.uint8)
        frame = av.VideoFrame.from_ndarray(picture, format="yuv420p")
        frame.pts, frame.time_base = number * ticks, TIME_BASE
        packets += encoder.encode(frame)
    packets += encoder.encode(None)
    stream = CodedStream("h264", size, _RATE, _parameter_sets(bytes(packets[0])))
    return [
        CodedPicture(stream, bytes(packet), packet.pts or 0, packet.is_keyframe, first + index, 0.0)
        for index, packet in enumerate(packets)
    ]


def padded(picture: CodedPicture, size: int) -> CodedPicture:
    """The same picture with `size` bytes of filler, to fill a connection quickly."""
    filler = b"\x00\x00\x00\x01\x0c" + b"\xff" * size + b"\x80"
    return CodedPicture(
        picture.stream, picture.data + filler, picture.pts, picture.keyframe, picture.number, picture.wall
    )


def to_mpegts(pictures: list[CodedPicture]) -> bytes:
    """A segment that plays alone."""
    file = io.BytesIO()
    with av.open(file, "w", format="mpegts") as container:
        stream = container.add_mux_stream("h264", rate=_RATE, width=320, height=180)
        for picture in pictures:
            packet = av.Packet(picture.data)
            packet.stream, packet.time_base = stream, TIME_BASE
            packet.pts = packet.dts = picture.pts
            packet.is_keyframe = picture.keyframe
            container.mux(packet)
    return file.getvalue()


def decoded_frames(path: str) -> int:
    """How many frames of `path` decode; it must start with a keyframe."""
    with av.open(path) as container:
        frames = list(container.decode(video=0))
    assert frames[0].key_frame
    return len(frames)


def _parameter_sets(data: bytes) -> bytes:
    units = [unit for unit in re.split(b"\x00?\x00\x00\x01", data) if unit]
    return b"".join(b"\x00\x00\x00\x01" + unit for unit in units if unit[0] & 31 in (7, 8))
