"""Coded pictures into a container."""

from fractions import Fraction
from typing import Any

import av

from edge_vsr.heard import SoundStream


class PictureMuxer:
    """Writes to `target`, an address or an object with `write`, which it opens when it is made."""

    def __init__(
        self,
        target: Any,
        container: str,
        options: dict[str, str],
        *,
        codec: str,
        width: int,
        height: int,
        rate: Fraction,
        time_base: Fraction,
        sound: SoundStream | None = None,
    ) -> None:
        """`container` and `options` are FFmpeg's; with `sound` there is a stream for it."""
        self._time_base = time_base
        self._container = av.open(target, "w", format=container, options=options)
        # The header is written with the first packet, from which PyAV takes the SPS and PPS.
        self._stream = self._container.add_mux_stream(codec, rate=rate, width=width, height=height, time_base=time_base)
        # It codes nothing: what its encoder tells of its stream holds for what others coded.
        self._sound: Any = sound and self._container.add_stream(sound.codec, rate=sound.rate, layout=sound.layout)

    def mux(self, data: bytes, pts: int, *, keyframe: bool) -> None:
        self._mux(data, pts, self._stream, keyframe=keyframe)

    def hear(self, data: bytes, pts: int) -> None:
        """Some sound, for which there is a stream."""
        self._mux(data, pts, self._sound, keyframe=True)

    def _mux(self, data: bytes, pts: int, stream: Any, *, keyframe: bool) -> None:
        packet = av.Packet(data)
        packet.stream = stream
        packet.time_base = self._time_base
        packet.pts = packet.dts = pts
        packet.is_keyframe = keyframe
        self._container.mux(packet)

    def close(self) -> None:
        self._container.close()
