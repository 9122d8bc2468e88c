"""What leaves the encoder: coded pictures and the stream that they belong to."""

from dataclasses import dataclass
from fractions import Fraction

from edge_vsr.frame import Size

TIME_BASE = Fraction(1, 90_000)
"""Seconds a tick of every coded picture's `pts`: that of MPEG-TS."""


@dataclass(frozen=True, slots=True)
class CodedStream:
    """What a muxer must know before the first picture. A new encoder makes a new one."""

    codec: str
    """FFmpeg's name: "h264"."""
    size: Size
    rate: Fraction
    """Nominal frames a second."""
    extradata: bytes
    """SPS and PPS in Annex B form; they also stand before every keyframe."""


@dataclass(frozen=True, slots=True)
class CodedPicture:
    """One access unit in Annex B form. Decode order is presentation order: there are no B-frames."""

    stream: CodedStream
    data: bytes
    pts: int
    """In ticks of TIME_BASE, from 0 at the start of the run, never going back."""
    keyframe: bool
    number: int
    """`Frame.number` of the frame that it codes."""
    wall: float
    """`Frame.wall` of that frame."""
