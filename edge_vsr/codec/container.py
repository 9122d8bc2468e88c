"""Which container a codec's segments have: one each."""

from fractions import Fraction

from edge_vsr.codec import fragments, transport
from edge_vsr.codec.fragments import FragmentMuxer
from edge_vsr.codec.level import Codec
from edge_vsr.codec.transport import Muxer, TransportMuxer
from edge_vsr.coded import CodedStream
from edge_vsr.rung import SEGMENT_SECONDS


def open_muxer(stream: CodedStream, began: int) -> Muxer:
    """MPEG-TS, or fragmented MP4 for what players do not find in that. `began` is the start of the run, in seconds of a
    clock that no run sets back."""
    return FragmentMuxer(stream, began) if stream.codec == "av1" else TransportMuxer(stream)


def suffix(codec: str) -> str:
    """Of a segment's name."""
    return ".mp4" if codec == "av1" else ".ts"


def header_bytes(codec: str, data: bytes) -> int:
    """Bytes of a segment that players must have before its pictures; 0 where these come with the pictures."""
    return fragments.header_bytes(data) if codec == "av1" else 0


def container_kbits(codec: Codec, rate: Fraction) -> float:
    """What the container takes beside the pictures, about, in kbit/s, at `rate` pictures a second."""
    if codec != "av1":
        return transport.transport_kbits(rate)
    pieces = min(1 / SEGMENT_SECONDS, float(rate))
    return (pieces * fragments.HEADER_BYTES + float(rate) * fragments.PICTURE_BYTES) * 8 / 1000
