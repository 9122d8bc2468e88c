"""A camera that FFmpeg reads: packets in, frames out. `stream` and `v4l2` open it."""

import logging
import traceback
from collections.abc import Generator, Iterator
from fractions import Fraction
from functools import partial
from typing import Protocol

import av
from av.container.streams import StreamContainer

from edge_vsr.camera.convert import planes_of
from edge_vsr.camera.gate import ReadGate
from edge_vsr.camera.plain import MODEST
from edge_vsr.camera.status import CameraStatus
from edge_vsr.camera.timeline import FileTimeline, LiveTimeline
from edge_vsr.clock import Clock
from edge_vsr.errors import CameraLost, InputError
from edge_vsr.frame import Frame

log = logging.getLogger(__name__)

FASTEST = 240
"""Frames a second of a live camera; more is no rate of frames."""


def reason(error: av.FFmpegError) -> str:
    """What FFmpeg says went wrong, without the address, which may hold a password."""
    if isinstance(error, av.ExitError | av.TimeoutError):
        return "no answer in time"
    return (error.strerror or type(error).__name__).lower()


class Demuxer(Protocol):
    """What of an open container is needed here."""

    @property
    def streams(self) -> StreamContainer: ...

    def demux(self, stream: av.VideoStream, /) -> Iterator["av.Packet[av.VideoStream]"]: ...

    def close(self) -> None: ...


class DecodedCamera:
    """The first video stream of an open container; sound is ignored."""

    def __init__(self, name: str, container: Demuxer, *, live: bool, clock: Clock, stamped: bool = True) -> None:
        """Takes `container` over. Raises InputError if there is no video in it.

        `stamped` says whether its time stamps are the source's; a live one's are left aside else, with its rate.
        """
        self._name = name
        self._live = live
        self._clock = clock
        self._corrupt = 0
        self._delivered = 0
        self._number = 0
        stream = next(iter(container.streams.video), None)
        if stream is None:
            container.close()
            raise InputError(f"{name}: there is no video in it, or its end is missing")
        # Frame threads would each hold one picture back.
        stream.thread_type = "SLICE" if live else "AUTO"
        stream.codec_context.options = MODEST
        self._stamped = stamped or not live
        self._rate = stream.average_rate or stream.guessed_rate or None
        # A session that names no rate has the ticks of its clock instead, 90000 a second or 1000.
        if live and (not stamped or (self._rate and self._rate > FASTEST)):
            self._rate = None
        self._start = clock.monotonic()
        self._start_wall = clock.wall()
        self._timeline = LiveTimeline() if live else FileTimeline(self._start, self._rate)
        self._frames = self._decode(container, stream)
        # Nothing else may hold the container: a decoder that waits for the garbage collector costs megabytes
        # at each reopening.
        self._gate = ReadGate(partial(_release, self._frames, container))

    @property
    def name(self) -> str:
        return self._name

    @property
    def live(self) -> bool:
        return self._live

    @property
    def rate(self) -> Fraction | None:
        return self._rate

    @property
    def status(self) -> CameraStatus:
        return CameraStatus(corrupt=self._corrupt)

    def read(self) -> Frame | None:
        """The next frame; None at the end of a file or after `close`.

        Raises CameraLost if a live source ends, fails or is silent; InputError if a file cannot be read.
        """
        with self._gate.reading() as usable:
            frame = self._advance() if usable else None
            if frame is None and not self._gate.closing:
                self._ended()
            return frame

    def close(self) -> None:
        """Let go; a read under way ends at its next packet or time-out."""
        self._gate.close()

    def _advance(self) -> Frame | None:
        try:
            return next(self._frames, None)
        except av.FFmpegError as error:
            # Whoever keeps the error would keep the container and its decoder.
            traceback.clear_frames(error.__traceback__)
            self._broken(error)
            return None

    def _decode(self, container: Demuxer, stream: av.VideoStream) -> Generator[Frame, None, None]:
        try:
            for packet in container.demux(stream):
                if self._gate.closing:
                    return
                if packet.size or packet.pts is None:
                    yield from self._pictures(stream, packet)
                else:
                    # A driver's picture that was damaged comes without data, and a decoder would take that for the end.
                    self._miss()
        except av.ExitError:
            raise
        except av.FFmpegError:
            # Pictures that wait for their turn in the decoder came before the error.
            yield from self._pictures(stream, None)
            raise

    def _pictures(
        self, stream: av.VideoStream, packet: "av.Packet[av.VideoStream] | None"
    ) -> Generator[Frame, None, None]:
        try:
            pictures = stream.decode(packet)
        except av.InvalidDataError:
            self._miss()
            return
        for picture in pictures:
            yield self._frame(picture)

    def _miss(self) -> None:
        """A gap in the numbers says where pictures are missing."""
        self._corrupt += 1
        self._number += 1

    def _frame(self, picture: av.VideoFrame) -> Frame:
        arrival = self._clock.monotonic()
        pts = None
        if self._stamped and picture.pts is not None and picture.time_base is not None:
            pts = float(picture.pts * picture.time_base)
        time = self._timeline.stamp(pts, arrival)
        wall = self._clock.wall() + time - arrival if self._live else self._start_wall + time - self._start
        planes = planes_of(picture)
        number = self._number
        self._number += 1
        self._delivered += 1
        return Frame(planes.y, planes.u, planes.v, planes.matrix, planes.range, number=number, time=time, wall=wall)

    def _broken(self, error: av.FFmpegError) -> None:
        if self._gate.closing:
            return
        if self._live:
            raise CameraLost(f"{self._name}: {reason(error)}") from error
        if not (self._delivered and isinstance(error, av.InvalidDataError)):
            raise InputError(f"{self._name} cannot be read: {reason(error)}") from error
        log.warning("%s is damaged; it ends after %d frames", self._name, self._delivered)

    def _ended(self) -> None:
        if self._live:
            raise CameraLost(f"{self._name}: the stream ended")
        if not self._delivered:
            raise InputError(f"{self._name}: there is no picture in it that can be decoded")


def _release(frames: Generator[Frame, None, None], container: Demuxer) -> None:
    frames.close()
    container.close()
