"""A playlist as one video: what is missing is a freeze, what changes its size or its clock goes on."""

import contextlib
import logging
import tempfile
import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import TypeVar

import av
from av.container import InputContainer

from edge_vsr.clock import Clock, SystemClock
from edge_vsr.dates import KNOWN
from edge_vsr.errors import InputError, OutputError
from edge_vsr.frame import Frame, Size
from edge_vsr.restoring.base import About
from edge_vsr.restoring.groups import Groups
from edge_vsr.restoring.hls.fetch import Away, Fetcher, Line
from edge_vsr.restoring.hls.follow import Follower
from edge_vsr.restoring.hls.playlist import MediaPlaylist, Piece, Variant, parse
from edge_vsr.restoring.hls.sound import SequenceSound
from edge_vsr.restoring.hls.timeline import SLIP, Timeline
from edge_vsr.restoring.parts import Part, open_container, parts_of, start_of
from edge_vsr.restoring.source import about_of, frame_of, packets_of, video_stream

log = logging.getLogger(__name__)
T = TypeVar("T")

PATIENCE = 30.0
"""Seconds that a playlist without an end may have nothing new, and that an address may not answer at the beginning."""
TRIES = 3
"""To get one segment."""
PAUSE = 1.0
"""Seconds between two of them."""
HOLE = 3
"""Frames that may be missing where two pieces meet before a freeze stands for them."""
SLOWEST, QUICKEST = Fraction(1), Fraction(120)
"""Frames a second that a freeze is made of."""
LATEST = 10.0
"""Seconds behind its end that a frame of a piece may be."""
PROBED = 300
"""Segments on a disk whose size is looked at before the first frame."""


def _dated(wall: float) -> dict[str, str]:
    """The date of a video that began at `wall`, by FFmpeg's name; nothing where a playlist tells none."""
    if wall < KNOWN:
        return {}
    return {"creation_time": datetime.fromtimestamp(wall, UTC).isoformat(timespec="microseconds")}


def _temporary_folder() -> "tempfile.TemporaryDirectory[str]":
    """For the segment that is being read. Raises OutputError."""
    try:
        return tempfile.TemporaryDirectory(prefix="edge-vsr-")
    except OSError as error:
        raise OutputError(f"there is no folder for temporary files (TMPDIR): {error.strerror}") from error


class PlaylistSource:
    """A `Source`. Frames are decoded as they are asked for, one segment at a time."""

    def __init__(self, place: str, name: str, *, clock: Clock | None = None, patience: float = PATIENCE) -> None:
        """Open `place`, an address or a path; `name` is for people. Waits for the first frame.

        Raises InputError for what is no playlist, and for one of which nothing can be decoded; OutputError where there
        is no place for temporary files.
        """
        self.about: About
        self.name = name
        self._clock = clock or SystemClock()
        self._stop = threading.Event()
        self._line = Line()
        self._missing = 0.0
        self._root = place
        place = self._media_playlist(place)
        self._follower = Follower(partial(self._load, place), self._clock, self._stop, patience=patience)
        self._folder = _temporary_folder()
        self._timeline = Timeline()
        self._last: Frame | None = None
        self._number = 0
        self._about: About | None = None
        self.sound = SequenceSound()
        self._groups = Groups()
        self._frames = self._restored()
        try:
            self._first: Frame | None = self._begin()
            self.about = self._whole_about(self._first)
        except BaseException:
            self.close()
            raise

    @property
    def live(self) -> bool:
        return not self._follower.playlist.ended

    @property
    def frames(self) -> int | None:
        """By the durations in the playlist, while it has an end."""
        playlist = self._follower.playlist
        seconds = sum(piece.duration for piece in playlist.pieces)
        return max(1, round(seconds * self.about.rate)) if playlist.ended else None

    def __iter__(self) -> Iterator[Frame]:
        first, self._first = self._first, None
        if first is not None:
            yield first
        try:
            yield from self._frames
        except InputError as error:
            raise InputError(f"{self.name}: {error}") from error
        if self._missing:
            log.warning("%s: %.1f s are missing, and are a freeze", self.name, self._missing)

    def stop(self) -> None:
        self._stop.set()
        self._line.cut()

    def close(self) -> None:
        self._frames.close()
        self.sound.close()
        self._folder.cleanup()

    def _begin(self) -> Frame:
        first = next(self._frames, None)
        if first is None:
            raise InputError(f"{self.name} has no frame that can be decoded")
        return first

    def _whole_about(self, first: Frame) -> About:
        about = self._about or About(SLOWEST, ())
        metadata = {**about.metadata, **_dated(first.wall)}
        return replace(about, sizes=(first.size, *self._other_sizes()), metadata=metadata)

    def _media_playlist(self, place: str) -> str:
        """`place`, or the best of the variants that are listed there."""
        found = self._parsed(place)
        if isinstance(found, MediaPlaylist):
            return place
        best = max(found, key=lambda variant: variant.bandwidth)
        if best.sound_apart:
            log.warning("%s has its sound in a playlist of its own, which is not read: pictures alone", self.name)
        return self._fetcher.resolved(best.uri)

    def _fetcher_of(self, place: str) -> Fetcher:
        return Fetcher(place, root=self._root, line=self._line)

    def _load(self, place: str) -> MediaPlaylist:
        found = self._parsed(place)
        if not isinstance(found, MediaPlaylist):
            raise InputError(f"{self.name} lists playlists that list playlists")
        return found

    def _parsed(self, place: str) -> MediaPlaylist | tuple[Variant, ...]:
        fetcher = self._fetcher_of(place)
        text = self._tried(lambda: fetcher.text(place))
        self._fetcher = fetcher
        try:
            return parse(text)
        except InputError as error:
            raise InputError(f"{self.name}: {error}") from None

    def _tried(self, ask: Callable[[], T]) -> T:
        """What `ask` returns, if need be a little later."""
        for _ in range(TRIES - 1):
            try:
                return ask()
            except Away:
                if self._clock.wait(self._stop, PAUSE):
                    raise
        return ask()

    def _other_sizes(self) -> Iterator[Size]:
        """Of segments that are on a disk, where that is known from the beginning."""
        playlist = self._follower.playlist
        step = -(-len(playlist.pieces) // PROBED)
        for piece in playlist.pieces[:: max(1, step)] if playlist.ended else ():
            with contextlib.suppress(InputError):
                path = None if piece.gap or piece.header else self._fetcher.local(piece.media)
                if path is not None:
                    with closing(open_container(path)) as container:
                        stream = video_stream(container, self.name)
                        yield Size(stream.codec_context.width, stream.codec_context.height)

    def _restored(self) -> Generator[Frame, None, None]:
        for piece in self._follower:
            before = self._number
            if not piece.gap:
                try:
                    with self._fetched(piece) as path:
                        yield from self._decoded(parts_of(path), piece)
                except InputError as error:
                    if self._stop.is_set():
                        return
                    log.warning("segment %d is missing: %s", piece.sequence, error)
            if self._last is None:
                self.sound.forget()
            else:
                shown, came = self._last.time, self._number - before
                self._timeline = self._timeline.after(piece.duration).behind(shown, self._interval)
                # The next piece may begin earlier than said and be believed: what is missing then, it tells itself.
                yield from self._freeze(self._timeline.begin - (SLIP if came else 0.0))
                # A segment of stills has one frame, and nothing of it is missing.
                if came != 1:
                    self._missing += self._last.time - shown
        yield from self._freeze(self._timeline.begin)

    @contextmanager
    def _fetched(self, piece: Piece) -> Iterator[Path]:
        """The file that `piece` is, or a copy as far as it came."""
        here = None if piece.header else self._fetcher.local(piece.media)
        if here is not None:
            yield here
            return
        # Without a buffer: what a full disk does not take is said where it is written.
        with tempfile.NamedTemporaryFile(dir=self._folder.name, suffix=".segment", buffering=0) as file:

            def fetch() -> None:
                file.seek(0)
                file.truncate()
                for part in (piece.header, piece.media):
                    if part is not None:
                        self._fetcher.part(part, file)

            try:
                self._tried(fetch)
            except Away as error:
                if not file.tell():
                    raise
                if not self._stop.is_set():
                    log.warning("a segment is not whole: %s", error)
            yield Path(file.name)

    def _decoded(self, parts: Sequence[Part], piece: Piece) -> Iterator[Frame]:
        """A piece, which should be of one part, and may become something else on its way."""
        passed = 0.0
        for part in parts:
            with part.opened() as container:
                first = start_of(container)
                if part is parts[0]:
                    self._timeline = self._timeline.placed(first, discontinuity=piece.discontinuity)
                else:
                    self._timeline = self._timeline.goes_on(first, passed)
                self.sound.begin(part, container)
                yield from self._decoded_part(container, piece)
            passed += part.duration

    def _decoded_part(self, container: InputContainer, piece: Piece) -> Iterator[Frame]:
        video = video_stream(container, self.name)
        damaged = False
        begun = False
        for packet in packets_of(container, video, *container.streams.audio):
            if packet is not None and packet.stream.type == "audio":
                self.sound.add(packet, self._timeline.offset or 0.0)
                continue
            try:
                pictures = video.decode(packet)
            except av.FFmpegError:
                damaged = True
                continue
            for picture in pictures:
                if self._about is None:
                    self._about = about_of(container, video, picture)
                time = self._time(picture, piece)
                if not begun:
                    yield from self._freeze(time)
                    begun = True
                wall, group = self._wall(time, piece), self._groups.of(picture)
                yield self._next(frame_of(picture, self._number, time, self.name, wall, group))
        if damaged or not begun:
            log.warning("segment %d is damaged%s", piece.sequence, "" if begun else "; no frame of it can be decoded")

    def _next(self, frame: Frame) -> Frame:
        self._last = frame
        self._number += 1
        return frame

    def _time(self, picture: av.VideoFrame, piece: Piece) -> float:
        """On the line of the whole; within the piece and its tolerance, and later than the frame before."""
        usual = self._timeline.begin if self._last is None else self._last.time + self._interval
        time = usual if picture.time is None else picture.time + (self._timeline.offset or 0.0)
        within = self._timeline.begin - SLIP <= time <= self._timeline.begin + piece.duration + LATEST
        return time if within and (self._last is None or time > self._last.time) else usual

    def _wall(self, time: float, piece: Piece) -> float:
        if piece.start is not None:
            return piece.start + time - self._timeline.begin
        return time if self._last is None else self._last.wall + time - self._last.time

    @property
    def _interval(self) -> float:
        rate = self._about.rate if self._about else SLOWEST
        return float(1 / min(max(rate, SLOWEST), QUICKEST))

    def _freeze(self, until: float) -> Iterator[Frame]:
        """The last frame again and again, where more than a few are missing."""
        last, interval = self._last, self._interval
        if last is None or until - last.time <= HOLE * interval:
            return
        for count in range(1, round((until - last.time) / interval)):
            if self._stop.is_set():
                return
            past = count * interval
            yield self._next(replace(last, number=self._number, time=last.time + past, wall=last.wall + past))
