"""What comes from a V4L2 device must not reach into the driver's memory once the device is closed."""

import gc
import sys
from collections.abc import Iterator
from errno import ENODEV
from itertools import pairwise
from pathlib import Path
from typing import Any, cast

import av
import numpy as np
import pytest
from av.container import InputContainer

from edge_vsr.camera.copied import CopiedPackets
from edge_vsr.camera.decoded import DecodedCamera
from edge_vsr.clock import FakeClock
from edge_vsr.errors import CameraLost


class UnpluggedDevice:
    """A container that gives a few packets and is gone then. It knows them all, and who has them at its end."""

    def __init__(self, container: InputContainer, packets: int) -> None:
        self._container = container
        self._left = packets
        self.streams = container.streams
        self.lent: list[Any] = []
        self.held_at_close = 0

    def demux(self, stream: av.VideoStream) -> Iterator[Any]:
        for packet in self._container.demux(stream):
            if not self._left:
                raise av.error.ArgumentError(ENODEV, "No such device")
            self._left -= 1
            self.lent.append(packet)
            del packet
            yield self.lent[-1]

    def close(self) -> None:
        alone = sys.getrefcount([av.Packet()][0]) + 1
        self.held_at_close = sum(sys.getrefcount(self.lent[n]) > alone for n in range(len(self.lent)))
        self._container.close()


@pytest.fixture(params=["yuv420p", "yuyv422", "gray"])
def device(request: pytest.FixtureRequest, tmp_path: Path) -> UnpluggedDevice:
    clip = tmp_path / "clip.nut"
    with av.open(str(clip), "w") as out:
        stream = out.add_stream("rawvideo", rate=25)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = 64, 48, request.param
        for level in range(6):
            picture = av.VideoFrame.from_ndarray(np.full((48, 64), 40 * level, np.uint8), format="gray")
            out.mux(stream.encode(picture.reformat(format=request.param)))
    return UnpluggedDevice(av.open(str(clip), "r"), packets=4)


def test_frames_are_no_views_on_what_the_device_lends(device: UnpluggedDevice) -> None:
    camera = DecodedCamera("usb", CopiedPackets(cast(InputContainer, device)), live=True, clock=FakeClock())
    frames = [camera.read() for _ in range(4)]
    for frame in frames:
        assert frame is not None
        for plane in (frame.y, frame.u, frame.v):
            start = plane.ctypes.data
            inside = [one.buffer_ptr <= start < one.buffer_ptr + one.buffer_size for one in device.lent]
            assert not any(inside), "a frame lies in a buffer of the driver's"
    levels = [frame.y.mean() for frame in frames if frame]
    assert all(later > earlier + 20 for earlier, later in pairwise(levels)), levels
    camera.close()


def test_no_packet_outlives_a_device_that_was_pulled_out(device: UnpluggedDevice) -> None:
    camera = DecodedCamera("usb", CopiedPackets(cast(InputContainer, device)), live=True, clock=FakeClock())
    for _ in range(4):
        camera.read()
    gc.disable()
    try:
        with pytest.raises(CameraLost, match="no such device") as lost:
            camera.read()
        camera.close()
    finally:
        gc.enable()
    assert lost.value.__cause__ is not None, "who keeps an error keeps all that its traceback holds"
    assert device.held_at_close == 0
    assert len(device.lent) == 4
