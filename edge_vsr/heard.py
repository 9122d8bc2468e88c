"""The coded sound beside coded pictures."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class SoundStream:
    """What a muxer must know of sound before the first picture."""

    codec: str
    """FFmpeg's name: "aac", in the low-complexity profile, "pcm_alaw" or "pcm_mulaw"."""
    rate: int
    """Samples a second."""
    layout: str
    """Of its channels, FFmpeg's name: "mono"."""


@dataclass(frozen=True, slots=True)
class SoundPacket:
    """Some coded sound."""

    data: bytes = field(repr=False)
    """Without a header of its own."""
    pts: int
    """In ticks of `coded.TIME_BASE`, on the line of the pictures."""
