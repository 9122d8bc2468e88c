"""The seams of restoring a video: where its frames and its sound come from, and where they go."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Protocol

import av
from av.stream import Stream

from edge_vsr.frame import Frame, Size

UNSPECIFIED = 2
"""Of primaries and transfer characteristics, ITU-T H.273."""

SOUND_BYTES = 16 << 20
"""Sound that may wait for its frames; more than that belongs to none."""


@dataclass(frozen=True, slots=True)
class About:
    """What is kept of a video beside its frames and its sound."""

    rate: Fraction
    """Nominal frames a second."""
    sizes: tuple[Size, ...]
    """Of its frames, as far as is known before they come; at least that of the first one."""
    aspect: Fraction = Fraction(1)
    """Width to height of one sample."""
    primaries: int = UNSPECIFIED
    """Colour primaries, ITU-T H.273 table 2."""
    transfer: int = UNSPECIFIED
    """Transfer characteristics, ITU-T H.273 table 3."""
    metadata: Mapping[str, str] = field(default_factory=dict)
    """Title, date and the like, by FFmpeg's names."""


class Sound(Protocol):
    """The audio streams of a source, packet by packet."""

    @property
    def streams(self) -> "tuple[Stream, ...]":
        """What the packets are of."""

    def until(self, time: float) -> "Iterator[av.Packet[Any]]":
        """The packets not given yet that begin before `time`, on the time line of the frames."""

    def close(self) -> None:
        """Let go of the source."""


class Silence:
    """The sound of what has none."""

    streams: tuple[Stream, ...] = ()

    def until(self, time: float) -> "Iterator[av.Packet[Any]]":  # noqa: ARG002
        return iter(())

    def close(self) -> None:
        pass


class Source(Protocol):
    """A video. Its frames are read by one thread, its sound by another."""

    @property
    def name(self) -> str:
        """For people and logs, without secrets."""

    @property
    def live(self) -> bool:
        """Whether it may go on for ever; what came of it is kept when it is stopped."""

    @property
    def about(self) -> About:
        """Known before the first frame is asked for."""

    @property
    def frames(self) -> int | None:
        """How many there will be, as far as is known; None if it is not."""

    @property
    def sound(self) -> Sound:
        """Its sound, beginning with its frames."""

    def __iter__(self) -> Iterator[Frame]:
        """Frames in order, the first at about 0 s. A frame that has the planes of the one before stands for a freeze.

        Raises InputError or CameraLost where it ends before it should; frames until then are good.
        """

    def stop(self) -> None:
        """Let it end soon, as if nothing more were there. From any thread, and from a signal handler."""

    def close(self) -> None:
        """Let go of it, once no thread reads it any more."""


class VideoTarget(Protocol):
    """Where frames of one size go. Used by one thread."""

    def write(self, frame: Frame) -> None:
        """Append a frame."""

    def finish(self) -> None:
        """Complete it."""

    def close(self) -> None:
        """Let go of it, complete or not."""
