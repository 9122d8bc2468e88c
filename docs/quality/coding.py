"""Frames to a file of H.264 and back."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np

from docs.quality.clip import SCALE, Planes, packed, planes_of
from edge_vsr.frame import Frame, Plane
from edge_vsr.restoring.source import VideoFile
from edge_vsr.restoring.video import USUAL_OPTIONS, VideoOptions, restore_video
from edge_vsr.sr.upscaler import Upscaler

USUAL: Mapping[str, str] = {"preset": "veryfast", "tune": "zerolatency", "g": "60", "bf": "0"}
"""Of libx264: as a live encoder is set, and as others measure."""
Lumas = Iterator[Plane]


def encode(path: Path, frames: Sequence[Planes], rate: Fraction, options: Mapping[str, str]) -> None:
    """Code with libx264 to an MP4 file, there whole or not at all."""
    part = path.with_name(f".{path.name}")
    height, width = frames[0][0].shape
    with av.open(str(part), "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=rate)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.options = dict(options)
        for planes in frames:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(packed(planes), format="yuv420p")))
        container.mux(stream.encode())
    part.replace(path)


def kbits_of(path: Path, seconds: float) -> float:
    """kbit/s of the whole file."""
    return path.stat().st_size * 8 / 1000 / seconds


def decoded(path: Path) -> Lumas:
    """The frames as they are."""
    with av.open(str(path)) as container:
        for picture in container.decode(video=0):
            yield planes_of(picture)[0]


def interpolated(path: Path, how: int = cv2.INTER_LANCZOS4) -> Lumas:
    """The frames enlarged by OpenCV, by Lanczos of four lobes unless told otherwise."""
    for luma in decoded(path):
        height, width = luma.shape
        yield np.asarray(cv2.resize(luma, (width * SCALE, height * SCALE), interpolation=how), np.uint8)


def restored(path: Path, upscaler: Upscaler, options: VideoOptions = USUAL_OPTIONS) -> Lumas:
    """The frames as `edge-vsr restore` makes them, by its own code."""
    kept = _Kept()
    with closing(VideoFile(path)) as source:
        restore_video(source, lambda _about: kept, upscaler, lambda _done, _total: None, options=options)
    return iter(kept.lumas)


class _Kept:
    """A target that keeps luma."""

    def __init__(self) -> None:
        self.lumas: list[Plane] = []

    def write(self, frame: Frame) -> None:
        self.lumas.append(frame.y)

    def finish(self) -> None:
        pass

    def close(self) -> None:
        pass
