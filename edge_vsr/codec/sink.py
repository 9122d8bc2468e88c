"""What FFmpeg writes, in memory."""


class Sink:
    """A file that cannot be sought."""

    def __init__(self) -> None:
        self._data = bytearray()

    def write(self, data: bytes) -> int:
        self._data += data
        return len(data)

    def taken(self) -> bytes:
        """What was written since this was last called."""
        data = bytes(self._data)
        self._data.clear()
        return data
