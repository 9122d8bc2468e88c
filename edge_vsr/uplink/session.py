"""What live uplinks have in common: one session at a time, from a keyframe to the first failure."""

from abc import ABC, abstractmethod
from typing import NoReturn, Protocol

from edge_vsr.coded import CodedPicture, CodedStream
from edge_vsr.errors import UplinkAway, UplinkRefused


class Session(Protocol):
    """A connection for one coded stream."""

    stream: CodedStream

    def push(self, picture: CodedPicture) -> dict[str, str]:
        """Send one picture; {}, or what went wrong: {"error": "away" or "refused", "message": ...}. Never hangs."""

    def close(self) -> None:
        """Let what was pushed arrive, and tell the far end that this is the end."""

    def kill(self) -> None:
        """End at once."""


class SessionUplink(ABC):
    """A `LiveUplink` of sessions."""

    def __init__(self) -> None:
        self._session: Session | None = None

    @property
    @abstractmethod
    def name(self) -> str:
        """For people and logs, without secrets."""

    @abstractmethod
    def _open(self, first: CodedPicture) -> Session:
        """Begin a session with the keyframe `first`, which is then pushed. Raises UplinkError."""

    @property
    def connected(self) -> bool:
        return self._session is not None

    def push(self, picture: CodedPicture) -> None:
        if self._session is not None and self._session.stream != picture.stream:
            self.close()
        if self._session is None:
            if not picture.keyframe:
                raise UplinkAway(f"{self.name} is not connected; that waits for a keyframe")
            self._session = self._open(picture)
        if trouble := self._session.push(picture):
            self._give_up(trouble)

    def close(self) -> None:
        if self._session is not None:
            self._session.close()
            self._session = None

    def _give_up(self, trouble: dict[str, str]) -> NoReturn:
        """End the session at once, and raise what went wrong with it."""
        if self._session is not None:
            self._session.kill()
            self._session = None
        kind = UplinkRefused if trouble["error"] == "refused" else UplinkAway
        raise kind(f"{self.name} is {trouble['error']}: {trouble['message']}")
