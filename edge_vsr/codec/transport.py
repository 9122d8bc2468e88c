"""Coded pictures to MPEG-TS, cut into pieces that play alone and one after the other."""

from fractions import Fraction
from typing import Protocol

import av
from av.container import OutputContainer

from edge_vsr.camera.short import PACKET, SYNC
from edge_vsr.codec.sink import Sink
from edge_vsr.coded import TIME_BASE, CodedPicture, CodedStream

PICTURE_BYTES = 120
"""Headers and stuffing for each picture, on average: it begins and ends with a packet of its own."""

RECOGNIZED = 12
"""Packets from which on readers that go by the bytes take a piece for MPEG-TS: FFmpeg wants eleven."""
NULL = bytes((SYNC, 0x1F, 0xFF, 0x10)).ljust(PACKET, b"\xff")
"""A packet of nothing (ISO/IEC 13818-1, 2.4.1), which every reader leaves out."""


def transport_kbits(rate: Fraction) -> float:
    """What the container takes beside the pictures, about, in kbit/s."""
    return float(rate) * PICTURE_BYTES * 8 / 1000


class Muxer(Protocol):
    """Where pictures become pieces, each of which plays alone."""

    def add(self, picture: CodedPicture) -> None:
        """Append one picture."""

    def cut(self) -> bytes:
        """What was written since the last cut."""

    def close(self) -> bytes:
        """End the stream; returns what was written since the last cut."""


class TransportMuxer:
    """One transport stream. Its continuity counters run on over the cuts, so that the pieces joined are one stream.

    Every keyframe is preceded by the stream's tables: each piece that starts with one plays alone.
    """

    def __init__(self, stream: CodedStream) -> None:
        self._written = Sink()
        # Tables cost 376 bytes each time; FFmpeg's ten times a second would be 30 kbit/s on a thin link. It puts none
        # between two keyframes in a row, and those of a box that is late for most frames may be 0.7 s apart.
        options = {"pat_period": "0.6", "sdt_period": "60", "flush_packets": "1"}
        self._container: OutputContainer = av.open(self._written, "w", format="mpegts", options=options)
        self._stream = self._container.add_mux_stream(
            stream.codec,
            rate=stream.rate,
            width=stream.size.width,
            height=stream.size.height,
            time_base=TIME_BASE,
        )

    def add(self, picture: CodedPicture) -> None:
        """Append one picture."""
        packet = av.Packet(picture.data)
        packet.pts = packet.dts = picture.pts
        packet.time_base = TIME_BASE
        packet.is_keyframe = picture.keyframe
        packet.stream = self._stream
        self._container.mux(packet)

    def cut(self) -> bytes:
        """What was written since the last cut."""
        return _recognizable(self._written.taken())

    def close(self) -> bytes:
        """End the stream; returns what was written since the last cut."""
        self._container.close()
        return self.cut()


def _recognizable(piece: bytes) -> bytes:
    """A last segment of two small pictures would not be."""
    missing = RECOGNIZED - len(piece) // PACKET
    return piece + NULL * missing if piece and missing > 0 else piece
