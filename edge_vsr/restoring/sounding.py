"""Coded pictures and sound to MPEG-TS, cut into pieces that play alone and one after the other."""

import io
import math
from fractions import Fraction
from typing import Any

import av

from edge_vsr.camera.short import PACKET
from edge_vsr.coded import TIME_BASE, CodedPicture, CodedStream
from edge_vsr.restoring.sound import FittedSound, keep_words, mux_sound

CARRIED = frozenset({"aac", "mp3", "mp3float", "ac3", "eac3"})
"""Sound in MPEG-TS that players of HLS know, by FFmpeg's decoders."""
OPTIONS = {
    "sdt_period": "60",
    # Each piece would be moved by itself.
    "avoid_negative_ts": "disabled",
}


class Continuity:
    """Numbers the packets of each stream on from piece to piece (ISO/IEC 13818-1, 2.4.3.3)."""

    def __init__(self) -> None:
        self._counts: dict[int, int] = {}

    def renumbered(self, piece: bytes) -> bytes:
        data = bytearray(piece)
        for at in range(0, len(data), PACKET):
            stream = (data[at + 1] & 0x1F) << 8 | data[at + 2]
            count = self._counts.get(stream, -1)
            if data[at + 3] & 0x10:  # it has a payload
                count = self._counts[stream] = (count + 1) & 0x0F
            data[at + 3] = data[at + 3] & 0xF0 | count & 0x0F
        return bytes(data)


class SoundingMuxer:
    """A `Muxer` with sound. FFmpeg's holds pictures back until it has the sound beside them, so each piece is a file
    of its own, and nothing of it is left for the next."""

    def __init__(self, stream: CodedStream, sound: FittedSound, origin: float) -> None:
        """`origin` is where the time stamps of the pictures begin on the time line of the sound, in seconds."""
        self._of = stream
        self._sound = sound
        self._origin = round(origin / TIME_BASE)
        self._pictures: list[CodedPicture] = []
        self._continuity = Continuity()
        self.last = False
        """Whether the piece that is being made is the last of all."""

    def add(self, picture: CodedPicture) -> None:
        self._pictures.append(picture)

    def cut(self) -> bytes:
        pictures, self._pictures = self._pictures, []
        if not pictures:
            return b""
        written = io.BytesIO()
        with av.open(written, "w", format="mpegts", options=OPTIONS) as container:
            size = self._of.size
            video = container.add_mux_stream(
                self._of.codec, rate=self._of.rate, width=size.width, height=size.height, time_base=TIME_BASE
            )
            sounds: dict[Any, Any] = {}
            for like in self._sound.streams:
                sounds[like] = container.add_stream_from_template(like)
                keep_words(like, sounds[like])
            for picture in pictures:
                packet = av.Packet(picture.data)
                packet.stream, packet.time_base = video, TIME_BASE
                packet.pts = packet.dts = picture.pts
                packet.is_keyframe = picture.keyframe
                container.mux(packet)
            if self.last:  # nothing comes that could take more
                sound = (*self._sound.until(math.inf), *self._sound.rest())
            else:
                end = (pictures[-1].pts + self._origin) * TIME_BASE + self._interval(pictures)
                sound = tuple(self._sound.until(float(end)))
            for heard in sound:
                shift = round(self._origin * TIME_BASE / heard.time_base)
                # What an encoder begins with stands before the first picture, and MPEG-TS has no time before 0.
                if heard.pts is not None and heard.dts is not None and heard.pts >= shift:
                    heard.pts, heard.dts = heard.pts - shift, heard.dts - shift
                    heard.stream = sounds[heard.stream]
                    mux_sound(container, heard)
        return self._continuity.renumbered(written.getvalue())

    def close(self) -> bytes:
        return self.cut()

    def _interval(self, pictures: list[CodedPicture]) -> Fraction:
        """How long the last picture is shown, about."""
        if len(pictures) < 2:
            return 1 / self._of.rate
        return (pictures[-1].pts - pictures[-2].pts) * TIME_BASE
