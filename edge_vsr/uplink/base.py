"""The seams of the uplink: `SegmentUplink` for what must not be lost, `LiveUplink` for what must be quick."""

from typing import Protocol, runtime_checkable

from edge_vsr.coded import CodedPicture
from edge_vsr.heard import SoundPacket


@runtime_checkable
class SegmentUplink(Protocol):
    """A far end that keeps named objects. Used by one thread."""

    @property
    def name(self) -> str:
        """For people and logs, without secrets."""

    def put(self, name: str, data: bytes) -> None:
        """Store `data` under `name` and return when the far end has it for good.

        Idempotent: a second put of the same name replaces the first whole, and no reader sees a part.
        Raises UplinkAway (try again later) or UplinkRefused (the same will fail again).
        """

    def close(self) -> None:
        """Let go of connections. Any number of times."""


class LiveUplink(Protocol):
    """A far end that takes coded pictures as they come. Used by one thread."""

    @property
    def name(self) -> str:
        """For people and logs, without secrets."""

    @property
    def connected(self) -> bool:
        """Whether a session is open; where not, the next picture must be a keyframe."""

    def push(self, picture: CodedPicture) -> None:
        """Send one picture. Connects first where there is no connection; that needs a keyframe.

        A picture of another `stream` than the last one reconnects. Raises UplinkAway or UplinkRefused; the
        connection is then closed, and the next keyframe may try again.
        """

    def close(self) -> None:
        """End the session in an orderly way. Any number of times."""


class SoundUplink(LiveUplink, Protocol):
    """A live far end that takes sound beside the pictures."""

    def hear(self, packet: SoundPacket) -> None:
        """Send some sound; without a session it is left out, and so is what was before its first picture.

        Raises as `push` does.
        """
