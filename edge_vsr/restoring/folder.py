"""A folder of pictures and videos to one of PNGs and MP4s with the same names, as far as they are not there yet."""

import logging
import threading
from collections.abc import Callable, Collection, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from edge_vsr.clock import Clock, SystemClock
from edge_vsr.errors import EncoderError, InputError, OutputError, UsageError
from edge_vsr.restoring.picture import restored_file, write_picture
from edge_vsr.restoring.plan import PICTURES, VIDEOS
from edge_vsr.restoring.source import VideoFile
from edge_vsr.restoring.target import open_file
from edge_vsr.restoring.video import USUAL_OPTIONS, VideoOptions, restore_video
from edge_vsr.restoring.whole import remove_left_over
from edge_vsr.sr.upscaler import Upscaler, start_anew
from edge_vsr.stages.worker import Workers

log = logging.getLogger(__name__)

SHOWN = 5
State = tuple[int, int]
"""Size and time of the last change of a file."""
LOOK_EVERY = 1.0
"""Seconds between two looks at a folder that is watched. What did not change in between is there whole."""


@dataclass(frozen=True, slots=True)
class Item:
    """One file to restore, and what it becomes."""

    source: Path
    output: Path

    @property
    def done(self) -> bool:
        """Whether the output is there and is not older. Outputs are there whole or not at all."""
        try:
            return self.output.stat().st_mtime_ns >= self.source.stat().st_mtime_ns
        except OSError:
            return False


class Interrupted(Exception):
    """The job is to end."""


class FolderJob:
    """Every item by one of several upscalers, each in a thread of its own."""

    def __init__(
        self, source: Path, target: Path, upscalers: Sequence[Upscaler], options: VideoOptions = USUAL_OPTIONS
    ) -> None:
        """`options` are for the videos in it."""
        self._source = source
        self._target = target
        self._upscalers = upscalers
        self._options = options
        self._stop = threading.Event()

    def stop(self) -> None:
        """End soon: pictures under way are finished, videos are given up. From any thread or signal handler."""
        self._stop.set()

    def _items(self) -> list[Item]:
        """All that is there, by name. Raises InputError."""
        try:
            paths = sorted(path for path in self._source.iterdir() if path.is_file())
        except OSError as error:
            raise InputError(f"folder {self._source} cannot be read: {error.strerror}") from error
        return [Item(path, self._target / name) for path in paths if (name := _output(path))]

    def run(self, progress: Callable[[int, int], None]) -> None:
        """Restore what is not done; `progress` gets how many files of how many are.

        A file that cannot be read does not stop the others: InputError names such at the end. Raises UsageError where
        two would become the same file.
        """
        remove_left_over(self._target, SystemClock())
        items = self._items()
        if not items:
            raise InputError(f"{self._source} has no pictures ({', '.join(sorted(PICTURES))}) and no videos")
        if len({item.output for item in items}) < len(items):
            raise UsageError(
                f"{self._source} has files that differ only in their ending; their outputs would be the same"
            )
        left = [item for item in items if not item.done]
        done = len(items) - len(left)
        if done:
            log.info("%d of %d files are done already", done, len(items))
        failed = self._restore(left, partial(_counted, progress, done, len(items)))
        if failed:
            more = f"; and {len(failed) - SHOWN} more" if len(failed) > SHOWN else ""
            raise InputError(f"{len(failed)} of {len(items)} files failed: {'; '.join(failed[:SHOWN])}{more}")

    def watch(self, clock: Clock, progress: Callable[[int, int], None]) -> None:
        """Restore what is there and what comes, until `stop`. What cannot be read is said once."""
        remove_left_over(self._target, clock)
        seen: dict[Item, State] = {}
        tried: dict[Item, State] = {}
        told: set[Item] = set()
        finished = 0
        while not self._stop.is_set():
            now = {item: _state(item.source) for item in self._apart(tried, told)}
            whole = [item for item, state in now.items() if seen.get(item) == state != tried.get(item)]
            ready = [item for item in whole if not item.done]
            tried.update((item, now[item]) for item in ready)
            for problem in self._restore(ready, partial(_counted, progress, finished, finished + len(ready))):
                log.warning("%s", problem)
            finished, seen = finished + len(ready), now
            clock.wait(self._stop, LOOK_EVERY)

    def _apart(self, tried: Collection[Item], told: set[Item]) -> list[Item]:
        """One for each output, those that were `tried` first. Others are said once: then they are in `told`."""
        firsts: dict[Path, Item] = {}
        for item in sorted(self._items(), key=lambda one: one not in tried):
            first = firsts.setdefault(item.output, item)
            if first is not item and item not in told:
                told.add(item)
                log.warning("%s is left out: it would become %s, as %s", item.source, item.output, first.source)
        return list(firsts.values())

    def _restore(self, items: Sequence[Item], progress: Callable[[int], None]) -> list[str]:
        """What went wrong with files; any other failure is raised."""
        failed: list[tuple[Path, str]] = []
        queue = iter(items)
        guard = threading.Lock()
        count = 0
        progress(count)

        def work(upscaler: Upscaler) -> None:
            nonlocal count
            while not self._stop.is_set():
                with guard:
                    item = next(queue, None)
                if item is None:
                    return
                problem = self._try(item, upscaler)
                with guard:
                    if problem:
                        failed.append((item.source, problem))
                    count += 1
                    progress(count)

        workers = Workers(self.stop)
        for number, upscaler in enumerate(self._upscalers[: max(1, len(items))]):
            workers.start(f"restore {number}", partial(work, upscaler))
        try:
            workers.join(float("inf"), lambda: None, 1.0)
        except BaseException:
            self.stop()
            workers.join(float("inf"), lambda: None, 1.0)
            raise
        if workers.failure:
            raise workers.failure
        return [problem for _, problem in sorted(failed)]

    def _try(self, item: Item, upscaler: Upscaler) -> str | None:
        """What is wrong with the file, if anything."""
        start_anew(upscaler)
        try:
            if item.source.suffix.lower() in PICTURES:
                restored = restored_file(item.source, upscaler)
                _make(self._target)
                write_picture(item.output, restored.picture, restored.notes)
            else:
                self._restore_video(item, upscaler)
        except Interrupted:
            return None
        except (EncoderError, UsageError) as error:  # a size that cannot be encoded, or held in memory
            return f"{item.source}: {error}"
        except InputError as error:
            return str(error)
        return None

    def _restore_video(self, item: Item, upscaler: Upscaler) -> None:
        def go_on(done: int, total: int | None) -> None:  # noqa: ARG001
            if self._stop.is_set():
                raise Interrupted

        with closing(VideoFile(item.source)) as video:
            _make(self._target)
            restore_video(
                video,
                lambda about: open_file(item.output, about, video.sound),
                upscaler,
                go_on,
                options=self._options,
            )


def has_videos(folder: Path) -> bool:
    """Whether some of it takes the memory that a video takes."""
    try:
        return any(path.suffix.lower() in VIDEOS for path in folder.iterdir())
    except OSError:
        return False


def _counted(progress: Callable[[int, int], None], before: int, total: int, count: int) -> None:
    progress(before + count, total)


def _output(path: Path) -> str | None:
    """The name of what `path` becomes; None for what is not restored."""
    suffix = path.suffix.lower()
    if path.name.startswith(".") or suffix not in PICTURES | VIDEOS:
        return None
    return f"{path.stem}{'.png' if suffix in PICTURES else '.mp4'}"


def _state(path: Path) -> State:
    """Changes while a file is being written."""
    try:
        status = path.stat()
    except OSError:
        return (-1, -1)
    return (status.st_size, status.st_mtime_ns)


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"cannot make folder {folder}: {error.strerror}") from error
