"""Uplinks whose credentials are renewed while a run goes on: another one takes their place."""

from edge_vsr.coded import CodedPicture
from edge_vsr.uplink.base import LiveUplink, SegmentUplink


class RenewableUplink:
    """A `SegmentUplink` that is replaced between two objects. `renew` may be called by any thread."""

    def __init__(self, uplink: SegmentUplink) -> None:
        self._uplink = self._newest = uplink

    @property
    def name(self) -> str:
        return self._uplink.name

    def renew(self, uplink: SegmentUplink) -> None:
        """Send by `uplink` from the next object on."""
        self._newest = uplink

    def put(self, name: str, data: bytes) -> None:
        newest = self._newest
        if newest is not self._uplink:
            self._uplink.close()
            self._uplink = newest
        self._uplink.put(name, data)

    def close(self) -> None:
        self._uplink.close()


class RenewableLiveUplink:
    """A `LiveUplink` that is replaced between two sessions: one that is well goes on, since viewers would see it end.
    `renew` may be called by any thread."""

    def __init__(self, uplink: LiveUplink) -> None:
        self._uplink = self._newest = uplink

    @property
    def name(self) -> str:
        return self._uplink.name

    @property
    def connected(self) -> bool:
        return self._uplink.connected

    def renew(self, uplink: LiveUplink) -> None:
        """Push by `uplink` from the next session on."""
        self._newest = uplink

    def push(self, picture: CodedPicture) -> None:
        if not self._uplink.connected:
            self._uplink = self._newest
        self._uplink.push(picture)

    def close(self) -> None:
        self._uplink.close()
