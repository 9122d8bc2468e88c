"""A video as a folder of segments and the playlist of them, as `run` lays it out."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from edge_vsr.clock import Clock, SystemClock
from edge_vsr.codec.kinds import X264
from edge_vsr.codec.transport import Muxer, TransportMuxer
from edge_vsr.coded import CodedPicture, CodedStream
from edge_vsr.dates import KNOWN
from edge_vsr.errors import OutputError, UplinkError, UsageError
from edge_vsr.frame import Frame
from edge_vsr.policy.cadence import Cadence, longest_segment
from edge_vsr.restoring.base import About, Sound
from edge_vsr.restoring.rate import ceiling_kbits
from edge_vsr.restoring.sound import FittedSound
from edge_vsr.restoring.sounding import CARRIED, SoundingMuxer
from edge_vsr.restoring.whole import remove
from edge_vsr.rung import Rung
from edge_vsr.segment import Segment, SegmentNames
from edge_vsr.stages.encode import SegmentEncoder
from edge_vsr.stages.prepare import PreparedFrame
from edge_vsr.uplink.folder import FolderUplink
from edge_vsr.uplink.playlist import PLAYLIST_NAME, Playlist

FINE = replace(X264, crf=17.0)
"""As in a file; `restoring.target`."""


class SegmentsTarget:
    """Players may show it while it grows."""

    def __init__(
        self, folder: Path, about: About, sound: Sound, clock: Clock | None = None, *, kept: bool = True
    ) -> None:
        """`kept` says whether what was written stays when it is given up, as of a source without an end.

        Raises UsageError for a folder that has a playlist, OutputError for one that cannot be written.
        """
        self._folder = folder
        self._kept = kept
        try:
            taken = (folder / PLAYLIST_NAME).exists()
        except OSError as error:  # it must not be looked into
            raise OutputError(f"cannot write to the folder {folder}: {error.strerror}") from error
        if taken:
            raise UsageError(f"{folder} already has {PLAYLIST_NAME}; give another folder, or empty it")
        self._uplink = FolderUplink(folder)
        self._wall = (clock or SystemClock()).wall()
        self._rate = about.rate
        self._sound = FittedSound(sound, lambda one: one.codec_context.name in CARRIED, str(folder))
        self._sounding: SoundingMuxer | None = None
        self._origin: float | None = None
        self._encoder = SegmentEncoder(SegmentNames.starting(self._wall), about.rate, FINE, muxer=self._muxer)
        self._cadence = Cadence.at_rate(about.rate)
        self._playlist = Playlist().expecting(longest_segment(Rung.ENHANCED, about.rate))

    def write(self, frame: Frame) -> None:
        if self._origin is None:
            self._origin = frame.time
        self._cadence, cut = self._cadence.step(frame.time)
        if frame.wall < KNOWN:  # a file's
            frame = replace(frame, wall=self._wall + frame.time)
        kbits = ceiling_kbits(frame.size, self._rate)
        self._store(self._encoder.encode(PreparedFrame(frame, Rung.ENHANCED, kbits, cut)))

    def finish(self) -> None:
        if self._sounding is not None:
            self._sounding.last = True
        self._store(self._encoder.finish())
        self._put(PLAYLIST_NAME, self._playlist.render(ended=True).encode())
        self._kept = True

    def close(self) -> None:
        self._uplink.close()
        if not self._kept:
            for name in (PLAYLIST_NAME, *(entry.name for entry in self._playlist.entries)):
                remove(self._folder / name)

    def _muxer(self, stream: CodedStream) -> Muxer:
        if not self._sound.streams:
            return TransportMuxer(stream)
        self._sounding = SoundingMuxer(stream, self._sound, self._origin or 0.0)
        return self._sounding

    def _store(self, made: Iterable[CodedPicture | Segment]) -> None:
        for item in made:
            if isinstance(item, Segment):
                self._put(item.info.name, item.data)
                self._playlist = self._playlist.with_segment(item.info)
                self._put(PLAYLIST_NAME, self._playlist.render().encode())

    def _put(self, name: str, data: bytes) -> None:
        try:
            self._uplink.put(name, data)
        except UplinkError as error:
            raise OutputError(str(error)) from error
