"""Prepared frames to coded pictures and segments."""

import math
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

from edge_vsr.clock import Clock
from edge_vsr.codec.container import container_kbits, header_bytes, open_muxer, suffix
from edge_vsr.codec.encoder import Encoder, EncoderSettings
from edge_vsr.codec.kinds import X264, Kind
from edge_vsr.codec.transport import Muxer
from edge_vsr.coded import TIME_BASE, CodedPicture, CodedStream
from edge_vsr.dates import boot_id
from edge_vsr.errors import EncoderError
from edge_vsr.policy.cadence import Cut
from edge_vsr.rung import Rung
from edge_vsr.segment import Segment, SegmentInfo, SegmentNames
from edge_vsr.stages.prepare import PreparedFrame
from edge_vsr.stages.supervisor import Supervisor

PACES = 3
"""Segments whose frames a second are remembered. The fastest counts: one that lost some must not have the next one take
more than the link carries."""

LONG = 1.0
"""Seconds of a segment that tells of a rate: frames that were late come in bursts."""


@dataclass(slots=True)
class _Stream:
    """What lives from one discontinuity to the next."""

    settings: EncoderSettings
    encoder: Encoder
    muxer: Muxer | None = None


@dataclass(slots=True)
class _Pieces:
    """The segment that pictures are being added to."""

    rung: Rung
    discontinuity: bool
    frames: int = 0
    dropped: int = 0
    first_pts: int = 0
    last_pts: int = 0
    wall: float = 0.0


class SegmentEncoder:
    """One encoder and one stream of its container at a time, cut into segments. Used by one thread.

    Yields each picture as it is coded and each segment as it is complete, in order: a live uplink wants the
    pictures, a spool the segments.
    """

    def __init__(
        self,
        names: SegmentNames,
        rate: Fraction,
        kind: Kind = X264,
        clock: Clock | None = None,
        supervisor: Supervisor | None = None,
        muxer: Callable[[CodedStream], Muxer] | None = None,
    ) -> None:
        """`rate` is the camera's nominal frames a second. With a supervisor an encoder that fails is replaced.

        `clock` is the one whose monotonic time a live camera's frames carry; None for a recording, whose dates stay
        as they are. `muxer` opens what a stream's pictures go into; None for the codec's own.
        """
        self._open_muxer = muxer or (lambda stream: open_muxer(stream, names.began))
        self._names = names
        self._rate = rate
        self._kind = kind
        self._clock = clock
        self._supervisor = supervisor
        self._stream: _Stream | None = None
        self._pieces: _Pieces | None = None
        self._paces: deque[float] = deque(maxlen=PACES)
        """Frames a second over the nominal ones, of segments of late."""
        self._sequence = 0
        self._origin: float | None = None
        self._last_pts = -1
        self._next_number: int | None = None

    def encode(self, prepared: PreparedFrame) -> Iterator[CodedPicture | Segment]:
        """Code one frame. Raises EncoderError, with a supervisor only when it gives up; until then what cannot be
        encoded is dropped, and the segment ends with what was."""
        if self._supervisor is None:
            yield from self._encode(prepared)
        elif not self._supervisor.refusal:
            try:
                yield from self._encode(prepared)
            except EncoderError as error:
                self._supervisor.failed(error)
                yield from self._abandon()
            else:
                self._supervisor.worked()

    def finish(self) -> Iterator[CodedPicture | Segment]:
        """Close the stream: what the encoder holds back, then the last segment. `encode` may start another."""
        try:
            yield from self._flushed()
        except EncoderError as error:
            if self._supervisor is None:
                raise
            self._supervisor.failed(error)
        yield from self._abandon()

    def _encode(self, prepared: PreparedFrame) -> Iterator[CodedPicture | Segment]:
        frame = prepared.frame
        pts = self._pts(frame.time)
        if prepared.cut is Cut.SEGMENT:
            self._notice_pace(pts)
        settings = self._settings(prepared)
        if self._stream and (prepared.cut is Cut.STREAM or not settings.goes_on(self._stream.settings)):
            yield from self.finish()
        elif self._stream and prepared.cut is Cut.SEGMENT:
            if settings != self._stream.settings or self._stream.encoder.held:
                yield from self._flushed()
                before = self._stream.encoder
                self._stream.settings = settings
                self._stream.encoder = self._kind_for(prepared.rung).open(settings, before.fullness, before.appetite)
            yield from self._complete(pts)
        fresh = self._stream is None
        if self._stream is None:
            self._stream = _Stream(settings, self._kind_for(prepared.rung).open(settings))
        keyframe = self._pieces is None
        if self._pieces is None:
            self._pieces = _Pieces(prepared.rung, discontinuity=fresh and self._sequence > 0)
        self._last_pts = pts
        if self._next_number is not None:
            self._next_number += prepared.left_out
        for picture in self._stream.encoder.encode(frame, pts, keyframe=keyframe):
            yield self._muxed(self._stream, self._pieces, picture)
        if prepared.rung is Rung.STILL:
            # It says all that its segment will say.
            yield from self._complete(pts + round(Rung.STILL.seconds / TIME_BASE))

    def _abandon(self) -> Iterator[Segment]:
        """The last segment of a stream whose encoder is not asked any more."""
        if self._pieces is not None and self._pieces.frames:
            yield from self._complete(None)
        self._stream = self._pieces = None

    def _settings(self, prepared: PreparedFrame) -> EncoderSettings:
        frame = prepared.frame
        rate = 1 / Fraction(Rung.STILL.seconds) if prepared.rung is Rung.STILL else self._rate
        codec, restored = self._kind_for(prepared.rung).codec, prepared.rung is Rung.LOW
        kbits = prepared.kbits - container_kbits(codec, rate)
        usual = EncoderSettings(frame.size, rate, frame.matrix, frame.range, max(1, round(kbits)), codec, restored)
        if prepared.rung is Rung.STILL:
            return usual
        # Encoders give each picture its share of a second at the nominal rate, whatever they come at.
        at_pace = replace(usual, kbits=max(1, round(kbits / self._pace())))
        return at_pace if at_pace.goes_on(usual) else usual

    def _notice_pace(self, next_pts: int) -> None:
        """Of the segment that ends where the stream goes on at `next_pts`."""
        if (pieces := self._pieces) and pieces.rung is not Rung.STILL:
            seconds = float((next_pts - pieces.first_pts) * TIME_BASE)
            if seconds >= LONG and pieces.frames:
                self._paces.append(pieces.frames / seconds / float(self._rate))

    def _pace(self) -> float:
        """In steps of a quarter of an octave: each other one is another encoder."""
        pace = max(self._paces, default=1.0)
        return float(2 ** (round(4 * math.log2(pace)) / 4))

    def _kind_for(self, rung: Rung) -> Kind:
        """Hardware knows no pictures that last ten seconds, and they cost a processor nothing."""
        return X264 if rung is Rung.STILL and self._kind.devices else self._kind

    def _flushed(self) -> Iterator[CodedPicture]:
        """What the encoder holds back; it takes no more."""
        if self._stream is not None and self._pieces is not None:
            for picture in self._stream.encoder.flush():
                yield self._muxed(self._stream, self._pieces, picture)

    def _pts(self, time: float) -> int:
        if self._origin is None:
            self._origin = time
        # Two frames may share a time where a driver's clock is coarse; pictures may not.
        return max(self._last_pts + 1, round((time - self._origin) / TIME_BASE))

    def _muxed(self, stream: _Stream, pieces: _Pieces, picture: CodedPicture) -> CodedPicture:
        if stream.muxer is None:
            stream.muxer = self._open_muxer(picture.stream)
        stream.muxer.add(picture)
        if pieces.frames == 0:
            pieces.first_pts, pieces.wall = picture.pts, picture.wall
        pieces.frames += 1
        if self._next_number is not None:
            pieces.dropped += picture.number - self._next_number
        pieces.last_pts = picture.pts
        self._next_number = picture.number + 1
        return picture

    def _complete(self, next_pts: int | None) -> Iterator[Segment]:
        """The segment so far; `next_pts` is where the stream goes on, None if it does not."""
        stream, pieces = self._stream, self._pieces
        self._pieces = None
        if stream is None or pieces is None or stream.muxer is None:
            return
        data = stream.muxer.close() if next_pts is None else stream.muxer.cut()
        codec = stream.settings.codec
        header = header_bytes(codec, data)
        end = next_pts or pieces.last_pts + round(1 / self._rate / TIME_BASE)
        info = SegmentInfo(
            name=self._names.name(self._sequence, suffix(codec)),
            sequence=self._sequence,
            start=pieces.wall,
            duration=float((end - pieces.first_pts) * TIME_BASE),
            frames=pieces.frames,
            dropped=pieces.dropped,
            width=stream.settings.size.width,
            height=stream.settings.size.height,
            rung=pieces.rung.value,
            discontinuity=pieces.discontinuity,
            boot=boot_id() if self._clock else "",
            uptime=self._uptime(pieces.first_pts),
            header_bytes=header,
            media_bytes=len(data) - header if header else 0,
        )
        self._sequence += 1
        yield Segment(info, data)

    def _uptime(self, pts: int) -> float:
        if self._clock is None or self._origin is None:
            return 0.0
        return self._origin + float(pts * TIME_BASE) + self._clock.uptime() - self._clock.monotonic()
