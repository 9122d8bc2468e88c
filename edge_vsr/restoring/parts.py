"""A file's parts, one behind the other: most have one, and what a recorder put together of segments may have more."""

import contextlib
import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import av
from av.container import InputContainer

from edge_vsr.camera.plain import PLAIN, open_plain, too_large
from edge_vsr.errors import InputError
from edge_vsr.frame import Size
from edge_vsr.restoring.stretches import Stretch, stretches_of

log = logging.getLogger(__name__)

SLIP = 0.5
"""Seconds that a part may begin before the one before it ends, by its own time stamps, and still be believed."""
PAUSE = 600.0
"""Seconds that it may begin later: nothing was recorded."""
MPEG_TS = "mpegts"


@dataclass(frozen=True, slots=True)
class Part:
    """Some of a file that one demuxer reads."""

    path: Path
    stretch: Stretch | None
    """None for all of it."""
    offset: float
    """Seconds from its time stamps to the line of the file, which begins at 0 s."""
    duration: float
    """In seconds; 0 where it is not known."""
    size: Size | None
    """Of its frames, as far as it says."""

    @contextmanager
    def opened(self) -> Iterator[InputContainer]:
        """Raises InputError."""
        with opened_stretch(self.path, self.stretch) as container:
            yield container


@dataclass(frozen=True, slots=True)
class _Look:
    """What a stretch tells of itself."""

    stretch: Stretch | None
    start: float
    duration: float
    size: Size | None


def parts_of(path: Path) -> tuple[Part, ...]:
    """Those of a file that can be opened, at least one. Raises InputError."""
    with opened_stretch(path, None) as container:
        looks = [_look(container, None)]
        cut = container.format.name == MPEG_TS
    if cut:
        with _reading(path):
            stretches = stretches_of(path)
        if len(stretches) > 1:
            looks = list(_looks(path, stretches)) or looks
    placed = offsets((one.start, one.duration) for one in looks)
    return tuple(
        Part(path, one.stretch, offset, one.duration, one.size) for one, offset in zip(looks, placed, strict=True)
    )


def offsets(spans: Iterable[tuple[float, float]]) -> list[float]:
    """From the time stamps of each of several parts to one line, that the first begins at 0 s.

    `spans` are, in seconds, where each begins by its own time stamps, and how long it is. Where these go on from the
    part before, or leave out no more than PAUSE, they are believed; else a part begins where the one before ends.
    """
    found: list[float] = []
    end = 0.0
    for start, duration in spans:
        offset = found[-1] if found else -start
        if not end - SLIP <= start + offset <= end + PAUSE:
            offset = end - start
        found.append(offset)
        end = max(end, start + offset + duration)
    return found


@contextmanager
def opened_stretch(path: Path, stretch: Stretch | None) -> Iterator[InputContainer]:
    """A file, or some of it. Raises InputError."""
    if stretch is None:
        with contextlib.closing(open_container(path)) as container:
            yield container
        return
    with _reading(path):
        file = stretch.of(path)
    with file:
        with _reading(path):
            container = av.open(file, "r", format=MPEG_TS, options=PLAIN, metadata_errors="replace")
        with contextlib.closing(container):
            yield container


def open_container(path: Path) -> InputContainer:
    """Raises InputError."""
    with _reading(path):
        return open_plain(path)


def start_of(container: InputContainer) -> float:
    """In seconds, on its own time line."""
    return (container.start_time or 0) / av.time_base


def _looks(path: Path, stretches: Iterable[Stretch]) -> Iterator[_Look]:
    for stretch in stretches:
        try:
            with opened_stretch(path, stretch) as container:
                look = _look(container, stretch)
        except InputError:
            log.warning("%s: what stands from byte %d on cannot be read", path, stretch.start)
            continue
        if look.size is None:
            log.warning("%s: what stands from byte %d on has no video that can be decoded", path, stretch.start)
        else:
            yield look


def _look(container: InputContainer, stretch: Stretch | None) -> _Look:
    context = decoder_of(next(iter(container.streams.video), None))
    size = Size(context.width, context.height) if context and context.width and context.height else None
    return _Look(stretch, start_of(container), _duration(container), size)


def decoder_of(stream: av.VideoStream | None) -> av.VideoCodecContext | None:
    """None without a stream, too."""
    # PyAV's stub leaves out that a stream without a decoder has no context.
    return getattr(stream, "codec_context", None)


def _duration(container: InputContainer) -> float:
    """In seconds; 0 where it is not known."""
    seconds = (container.duration or 0) / av.time_base
    # Of MP4 in fragments it counts from nothing, not from the first picture.
    before = max(0.0, start_of(container)) if "mp4" in container.format.name.split(",") else 0.0
    return max(0.0, seconds - before)


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    try:
        yield
    except (av.FFmpegError, OSError) as error:
        why = "its pictures are too large" if too_large(error) else error.strerror
        raise InputError(f"{path} is not a video that can be read: {why}") from error
