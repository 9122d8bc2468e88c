from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import av
import pytest
from av.container import InputContainer

from edge_vsr.camera.decoded import DecodedCamera
from edge_vsr.clock import FakeClock
from edge_vsr.errors import CameraLost


class WithEmptyPackets:
    """A container in which every other packet has lost its data, as a V4L2 driver's damaged pictures."""

    def __init__(self, container: InputContainer) -> None:
        self._container = container
        self.streams = container.streams

    def demux(self, stream: av.VideoStream) -> Iterator[Any]:
        for packet in self._container.demux(stream):
            yield packet
            if packet.size:
                empty: Any = av.Packet(b"")
                empty.stream, empty.pts = stream, packet.pts
                yield empty

    def close(self) -> None:
        self._container.close()


def test_a_picture_that_comes_without_data_is_a_gap_and_not_the_end(tmp_path: Path) -> None:
    clip = tmp_path / "clip.mkv"
    with av.open(str(clip), "w") as out:
        stream = out.add_stream("ffv1", rate=25)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for _ in range(3):
            out.mux(stream.encode(av.VideoFrame(64, 48, "yuv420p")))
        out.mux(stream.encode(None))
    container = cast(InputContainer, WithEmptyPackets(av.open(str(clip), "r")))
    camera = DecodedCamera("usb", container, live=True, clock=FakeClock())
    numbers = [frame.number for frame in (camera.read() for _ in range(3)) if frame]
    assert numbers == [0, 2, 4]
    with pytest.raises(CameraLost, match="the stream ended"):
        camera.read()
    assert camera.status.corrupt == 3
    camera.close()
