"""Coded pictures into a container."""

from fractions import Fraction
from typing import Any

import av


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
    ) -> None:
        """`container` and `options` are FFmpeg's."""
        self._time_base = time_base
        self._container = av.open(target, "w", format=container, options=options)
        # The header is written with the first packet, from which PyAV takes the SPS and PPS.
        self._stream = self._container.add_mux_stream(codec, rate=rate, width=width, height=height, time_base=time_base)

    def mux(self, data: bytes, pts: int, *, keyframe: bool) -> None:
        packet = av.Packet(data)
        packet.stream = self._stream
        packet.time_base = self._time_base
        packet.pts = packet.dts = pts
        packet.is_keyframe = keyframe
        self._container.mux(packet)

    def close(self) -> None:
        self._container.close()
