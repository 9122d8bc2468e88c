"""How often the planes of a frame are copied on their way from the camera to the encoder."""

import tracemalloc
from collections.abc import Callable
from fractions import Fraction
from typing import TypeVar

import av
import numpy as np
import pytest

from edge_vsr.camera.convert import planes_of
from edge_vsr.camera.fake import gray_frame
from edge_vsr.clock import FakeClock
from edge_vsr.codec.encoder import EncoderSettings
from edge_vsr.codec.kinds import X264
from edge_vsr.frame import Frame, Size
from edge_vsr.policy.ladder import Decision
from edge_vsr.rung import Rung
from edge_vsr.sr.upscaler import BicubicUpscaler, Upscaler, open_upscaler
from edge_vsr.stages.prepare import Preparer

T = TypeVar("T")

SIZE = Size(960, 540)
RATE = Fraction(25)
LITTLE = 0.02
"""Of a frame: what is allocated beside planes."""


def sample_bytes(frame: Frame) -> int:
    return frame.y.nbytes + frame.u.nbytes + frame.v.nbytes


def allocated(work: Callable[[], T]) -> tuple[int, T]:
    """Bytes that numpy and OpenCV held at most, beyond those before; and what `work` made."""
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        made = work()
        return tracemalloc.get_traced_memory()[1] - before, made
    finally:
        tracemalloc.stop()


def prepared(rung: Rung, frame: Frame, upscaler: Upscaler | None = None) -> tuple[float, Frame]:
    """Copies of what comes out, and that."""
    stage = Preparer(upscaler, lambda _: Decision(rung, 1000.0, 0.0, ""), FakeClock(), RATE)
    stage.rehearse(frame)
    size, made = allocated(lambda: stage.prepare(frame))
    assert made is not None
    return size / sample_bytes(made.frame), made.frame


@pytest.mark.parametrize(("pixels", "copies"), [("yuv420p", 0.0), ("yuvj420p", 0.0), ("gray", 1 / 6), ("nv12", 1 / 3)])
def test_what_is_decoded_is_seen_where_it_lies(pixels: str, copies: float) -> None:
    """But for chroma, a third: taken apart where it comes in pairs, one neutral plane for both where there is none."""
    picture = av.VideoFrame(SIZE.width, SIZE.height, pixels)
    size, planes = allocated(lambda: planes_of(picture))
    assert size / (1.5 * SIZE.width * SIZE.height) == pytest.approx(copies, abs=LITTLE)
    assert planes.y.base is not None


@pytest.mark.parametrize("size", [SIZE, Size(959, 539)])
def test_native_frames_are_passed_on_without_a_copy(size: Size) -> None:
    frame = gray_frame(size=size)
    copies, made = prepared(Rung.NATIVE, frame)
    assert copies < LITTLE
    assert all(np.shares_memory(*planes) for planes in ((made.y, frame.y), (made.u, frame.u), (made.v, frame.v)))


@pytest.mark.parametrize(("rung", "upscaler"), [(Rung.LOW, None), (Rung.ENHANCED, BicubicUpscaler())])
def test_a_plane_of_another_size_is_made_once(rung: Rung, upscaler: Upscaler | None) -> None:
    copies, _ = prepared(rung, gray_frame(size=SIZE), upscaler)
    assert copies == pytest.approx(1.0, abs=LITTLE)


@pytest.mark.parametrize(("runtime", "most"), [("onnxruntime", 2.2), ("openvino", 2.8)])
def test_the_networks_planes_are_made_twice_at_most(runtime: str, most: float) -> None:
    """As cells, which the runtime writes, and as planes; whole, or tile by tile. OpenVINO holds on to what it was
    given, four samples for each pixel of the luma."""
    copies, _ = prepared(Rung.ENHANCED, gray_frame(size=SIZE), open_upscaler("ear-s-x2", runtime=runtime))
    assert 1.0 < copies < most


def test_the_encoder_copies_into_its_own_frame_alone() -> None:
    frame = gray_frame(size=SIZE)
    encoder = X264.open(EncoderSettings(SIZE, RATE, frame.matrix, frame.range, 1000))
    size, _ = allocated(lambda: list(encoder.encode(frame, 0, keyframe=True)))
    assert size < LITTLE * sample_bytes(frame), "FFmpeg's own memory is not counted here"
