"""A video file as frames."""

import contextlib
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Self

import av
from av.container import InputContainer

from edge_vsr.camera.convert import planes_of
from edge_vsr.errors import InputError
from edge_vsr.frame import Frame

USUAL_RATE = Fraction(25)


class VideoSource:
    """The first video stream of a file, and what belongs to it."""

    def __init__(self, path: Path) -> None:
        """Raises InputError for a file without video."""
        self.path = path
        try:
            self.container: InputContainer = av.open(str(path))
        except (av.FFmpegError, OSError) as error:
            raise InputError(f"{path} is not a video that can be read: {error.strerror}") from error
        if not self.container.streams.video:
            self.container.close()
            raise InputError(f"{path} has no video stream")
        self.stream = self.container.streams.video[0]
        self.stream.thread_type = "AUTO"
        self.rate = Fraction(self.stream.average_rate or USUAL_RATE)
        """Nominal frames a second."""

    @property
    def frames(self) -> int | None:
        """How many frames the file says or its duration implies; None if neither is known."""
        if self.stream.frames:
            return self.stream.frames
        if self.container.duration:
            return max(1, round(self.container.duration / av.time_base * self.rate))
        return None

    def __iter__(self) -> Iterator[Frame]:
        """Frames in order; a frame without a time stamp follows the last by one interval.

        A file that breaks off ends where it breaks off. Raises InputError if not even one frame can be decoded.
        """
        number, time = 0, 0.0
        with contextlib.suppress(av.EOFError):
            for picture in self._decoded():
                time = picture.time if picture.time is not None else time + float(1 / self.rate)
                planes = planes_of(picture)
                yield Frame(planes.y, planes.u, planes.v, planes.matrix, planes.range, number, time, wall=time)
                number += 1
        if number == 0:
            raise InputError(f"{self.path} has no frame that can be decoded")

    def _decoded(self) -> Iterator[av.VideoFrame]:
        packets = self.container.demux(self.stream)
        while True:
            try:
                packet = next(packets)
            except (StopIteration, av.FFmpegError):
                return
            with contextlib.suppress(av.InvalidDataError):
                yield from packet.decode()

    def close(self) -> None:
        self.container.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
