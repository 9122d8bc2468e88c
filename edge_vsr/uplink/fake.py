"""Uplinks for tests: they keep what they get and fail on demand."""

from collections import deque
from dataclasses import dataclass

from edge_vsr.coded import CodedPicture
from edge_vsr.errors import UplinkAway, UplinkError
from edge_vsr.heard import SoundPacket


@dataclass(frozen=True, slots=True)
class Fault:
    """One failure to come."""

    error: UplinkError
    stored: bool = False
    """The object arrives, only the answer is lost."""


class FakeSegmentUplink:
    """A far end in memory."""

    name = "fake"

    def __init__(self, *script: Fault | None) -> None:
        """`script`: what happens to the next puts, None for success; after its end all succeed."""
        self.script = deque(script)
        self.objects: dict[str, bytes] = {}
        self.puts: list[str] = []
        """Every name put, in order, failures too."""
        self.closed = False

    def put(self, name: str, data: bytes) -> None:
        self.puts.append(name)
        fault = self.script.popleft() if self.script else None
        if fault is None or fault.stored:
            self.objects[name] = data
        if fault is not None:
            raise fault.error

    def close(self) -> None:
        self.closed = True


class FakeLiveUplink:
    """A far end in memory that keeps the pictures of each session apart."""

    name = "fake"

    def __init__(self, *script: Fault | None) -> None:
        """`script`: what happens to the next pictures that could be sent, None for success."""
        self.script = deque(script)
        self.sessions: list[list[CodedPicture]] = []
        self.heard: list[SoundPacket] = []
        self._open = False

    @property
    def connected(self) -> bool:
        return self._open

    def push(self, picture: CodedPicture) -> None:
        if self._open and self.sessions[-1] and self.sessions[-1][-1].stream != picture.stream:
            self.close()
        if not self._open and not picture.keyframe:
            raise UplinkAway(f"{self.name} is not connected; that waits for a keyframe")
        fault = self.script.popleft() if self.script else None
        if fault is not None and not fault.stored:
            self._open = False
            raise fault.error
        if not self._open:
            self.sessions.append([])
            self._open = True
        self.sessions[-1].append(picture)
        if fault is not None:
            self._open = False
            raise fault.error

    def hear(self, packet: SoundPacket) -> None:
        if self._open:
            self.heard.append(packet)

    def close(self) -> None:
        self._open = False
