"""Coded pictures to fragmented MP4: each piece a file that plays alone, its header first (ISO/IEC 14496-12)."""

from collections.abc import Iterator

import av
from av.container import OutputContainer

from edge_vsr.codec.sink import Sink
from edge_vsr.coded import TIME_BASE, CodedPicture, CodedStream

HEADER_BYTES = 900
"""Of each piece, about: what the video is, and how its pictures follow each other."""
PICTURE_BYTES = 4
"""For each picture, about."""
_FLAGS = "frag_custom+delay_moov+default_base_moof+frag_discont+skip_trailer"


class FragmentMuxer:
    """One fragment a piece. Time stamps run on over the cuts, so that players that join the pieces see one video.

    They run on from one run to the next as well: FFmpeg leaves pictures out where those of MP4 go back.
    """

    def __init__(self, stream: CodedStream, began: int) -> None:
        """Time stamps count from `began` seconds on."""
        self._coded = stream
        self._began = round(began / TIME_BASE)
        self._sink = Sink()
        self._container: OutputContainer | None = None
        self._pieces = 0

    def add(self, picture: CodedPicture) -> None:
        """Append one picture."""
        if self._container is None:
            self._open()
        assert self._container is not None  # noqa: S101  for mypy
        packet = av.Packet(picture.data)
        packet.pts = packet.dts = self._began + picture.pts
        packet.duration = round(1 / self._coded.rate / TIME_BASE)
        packet.time_base = TIME_BASE
        packet.is_keyframe = picture.keyframe
        packet.stream = self._stream
        self._container.mux(packet)

    def cut(self) -> bytes:
        """The piece that was written since the last cut: whole, since no other fragment follows in it."""
        if self._container is not None:
            self._container.close()
            self._container = None
        return self._sink.taken()

    def close(self) -> bytes:
        """End the stream; returns what was written since the last cut."""
        return self.cut()

    def _open(self) -> None:
        self._pieces += 1
        options = {"movflags": _FLAGS, "fragment_index": str(self._pieces)}
        self._container = av.open(self._sink, "w", format="mp4", options=options)
        coded = self._coded
        self._stream = self._container.add_mux_stream(
            coded.codec, rate=coded.rate, width=coded.size.width, height=coded.size.height, time_base=TIME_BASE
        )


def header_bytes(data: bytes) -> int:
    """Where the header of a piece ends and its fragment begins. Raises ValueError for what is no piece."""
    for kind, start in _boxes(data):
        if kind == b"moof":
            return start
    raise ValueError("no fragment in it")


def _boxes(data: bytes) -> Iterator[tuple[bytes, int]]:
    at = 0
    while at + 8 <= len(data) and (size := int.from_bytes(data[at : at + 4])) >= 8:
        yield data[at + 4 : at + 8], at
        at += size
