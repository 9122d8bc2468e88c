import os
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from edge_vsr.clock import FakeClock
from edge_vsr.errors import InputError, ModelError, OutputError, UsageError
from edge_vsr.frame import Plane
from edge_vsr.restoring.folder import FolderJob
from edge_vsr.restoring.picture import read_picture
from edge_vsr.sr.upscaler import BicubicUpscaler
from tests.unit.restoring.videos import read_video, write_video


class Steps:
    """Notes the progress."""

    def __init__(self) -> None:
        self.seen: list[tuple[int, int]] = []

    def __call__(self, done: int, total: int) -> None:
        self.seen.append((done, total))


def restore(source: Path, target: Path) -> list[tuple[int, int]]:
    steps = Steps()
    FolderJob(source, target, [BicubicUpscaler()]).run(steps)
    return steps.seen


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "in"
    folder.mkdir()
    return folder


def add(folder: Path, *names: str) -> None:
    for name in names:
        cv2.imwrite(str(folder / name), np.full((6, 8, 3), 90, np.uint8))


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_every_picture_becomes_a_png_of_its_name(source: Path, tmp_path: Path) -> None:
    add(source, "b.jpg", "a.png", "C.BMP", "two.dots.webp", "d.tif")
    (source / "notes.txt").write_text("")
    (source / "folder.png").mkdir()
    seen = restore(source, tmp_path / "new" / "out")
    out = tmp_path / "new" / "out"
    assert names(out) == ["C.png", "a.png", "b.png", "d.png", "two.dots.png"]
    assert {read_picture(path).shape for path in out.iterdir()} == {(12, 16, 3)}
    assert seen == [(done, 5) for done in range(6)]


def test_a_folder_without_pictures_is_an_input_error(source: Path, tmp_path: Path) -> None:
    (source / "notes.txt").write_text("")
    with pytest.raises(InputError, match="has no pictures"):
        restore(source, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_names_that_would_fall_on_each_other_are_refused(source: Path, tmp_path: Path) -> None:
    add(source, "a.png", "a.jpg")
    with pytest.raises(UsageError, match="differ only in their ending"):
        restore(source, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_unreadable_pictures_are_named_at_the_end_and_the_others_done(source: Path, tmp_path: Path) -> None:
    add(source, "a.png", "c.png")
    (source / "b.png").write_text("hello")
    (source / "d.jpg").write_text("")
    with pytest.raises(InputError, match=r"2 of 4 files failed: .*b.png is not a picture.*; .*d.jpg is not"):
        restore(source, tmp_path / "out")
    assert names(tmp_path / "out") == ["a.png", "c.png"]


class Small(BicubicUpscaler):
    """Has no memory for more than a few samples."""

    def luma(self, y: Plane) -> Plane:
        if y.size > 100:
            raise UsageError("64M of memory cannot hold it")
        return super().luma(y)


def test_a_picture_that_memory_cannot_hold_does_not_stop_the_others(source: Path, tmp_path: Path) -> None:
    add(source, "a.png", "c.png")
    cv2.imwrite(str(source / "b.png"), np.zeros((20, 20), np.uint8))
    with pytest.raises(InputError, match=r"1 of 3 files failed: .*b.png: 64M of memory cannot hold it"):
        FolderJob(source, tmp_path / "out", [Small()]).run(Steps())
    assert names(tmp_path / "out") == ["a.png", "c.png"]


def test_many_unreadable_pictures_are_counted(source: Path, tmp_path: Path) -> None:
    for number in range(9):
        (source / f"{number}.png").write_text("")
    with pytest.raises(InputError, match=r"9 of 9 files failed: .*0.png.*4.png[^;]*; and 4 more$"):
        restore(source, tmp_path / "out")
    assert not (tmp_path / "out").exists(), "no folder for nothing"


def test_a_folder_that_cannot_be_made_is_an_output_error(source: Path, tmp_path: Path) -> None:
    add(source, "a.png")
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match=r"cannot make folder .*file/out: Not a directory"):
        restore(source, tmp_path / "file" / "out")


def test_videos_go_along(source: Path, tmp_path: Path) -> None:
    add(source, "a.png")
    write_video(source / "a.ts", 5)
    (source / ".b.mp4").write_text("an upload under way")
    restore(source, tmp_path / "out")
    assert names(tmp_path / "out") == ["a.mp4", "a.png"]
    assert len(read_video(tmp_path / "out" / "a.mp4")) == 5


def test_a_job_goes_on_where_it_was_left(source: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    add(source, "a.png", "b.png", "c.png")
    restore(source, out)
    (out / "b.png").unlink()
    late = (source / "c.png").stat().st_mtime_ns + 10**12
    os.utime(source / "c.png", ns=(late, late))
    (out / "a.png").write_bytes(b"done before")
    assert restore(source, out) == [(1, 3), (2, 3), (3, 3)]
    assert (out / "a.png").read_bytes() == b"done before"
    assert read_picture(out / "b.png").shape == read_picture(out / "c.png").shape == (12, 16, 3)


def test_several_upscalers_share_the_files(source: Path, tmp_path: Path) -> None:
    """Both are at work at the same time: each waits for the other in its first picture."""
    add(source, *(f"{number}.png" for number in range(8)))
    meeting = threading.Barrier(2, timeout=60)
    counts: list[int] = []

    class Meeting(BicubicUpscaler):
        met = False

        def luma(self, y: Plane) -> Plane:
            if not self.met:
                self.met = True
                meeting.wait()
            return super().luma(y)

    FolderJob(source, tmp_path / "out", [Meeting(), Meeting()]).run(lambda done, of: counts.append(done))
    assert counts == list(range(9))
    assert len(names(tmp_path / "out")) == 8


def test_a_failure_that_is_not_a_files_ends_the_job(source: Path, tmp_path: Path) -> None:
    class Failing(BicubicUpscaler):
        def luma(self, y: Plane) -> Plane:
            raise ModelError("the engine gave up")

    add(source, "a.png", "b.png")
    with pytest.raises(ModelError, match="the engine gave up"):
        FolderJob(source, tmp_path / "out", [Failing()]).run(Steps())


class Uploads(FakeClock):
    """Does the next of `script` at each wait, and stops the job behind the last."""

    def __init__(self, *script: Callable[[], object]) -> None:
        super().__init__()
        self._script = list(script)
        self.job: FolderJob | None = None

    def wait(self, stop: threading.Event, seconds: float) -> bool:
        if self._script:
            self._script.pop(0)()
        elif self.job:
            self.job.stop()
        return super().wait(stop, seconds)


def nothing() -> None:
    pass


def watch(source: Path, out: Path, *script: Callable[[], object]) -> None:
    clock = Uploads(*script)
    clock.job = FolderJob(source, out, [BicubicUpscaler()])
    clock.job.watch(clock, Steps())


def test_what_lands_in_a_watched_folder_is_restored_once_it_is_whole(source: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    add(tmp_path, "later.png")
    data = (tmp_path / "later.png").read_bytes()

    def part(end: int) -> Callable[[], object]:
        return lambda: (source / "later.png").write_bytes(data[:end])

    add(source, "there.png")
    watch(source, out, nothing, part(20), part(40), part(len(data)), nothing, nothing)
    assert names(out) == ["later.png", "there.png"]


def test_what_cannot_be_read_is_said_once_and_tried_again_when_it_changes(
    source: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (source / "a.png").write_text("hello")
    watch(source, tmp_path / "out", nothing, nothing, nothing, lambda: add(source, "a.png"), nothing, nothing)
    assert caplog.text.count("a.png is not a picture") == 1
    assert names(tmp_path / "out") == ["a.png"]


def test_an_interrupted_job_leaves_no_half_written_video(source: Path, tmp_path: Path) -> None:
    class Interrupting(BicubicUpscaler):
        frames = 0

        def luma(self, y: Plane) -> Plane:
            self.frames += 1
            if self.frames == 80:
                os.kill(os.getpid(), signal.SIGINT)
            time.sleep(0.005)
            return super().luma(y)

    write_video(source / "a.ts", 120)
    with pytest.raises(KeyboardInterrupt):
        FolderJob(source, tmp_path / "out", [Interrupting()]).run(Steps())
    assert names(tmp_path / "out") == []


def test_of_what_would_fall_on_each_other_in_a_watched_folder_the_first_is_kept(
    source: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    add(source, "a.png")
    late = (source / "a.png").stat().st_mtime_ns + 10**12

    def second() -> None:
        cv2.imwrite(str(source / "a.bmp"), np.full((10, 10, 3), 90, np.uint8))
        os.utime(source / "a.bmp", ns=(late, late))

    watch(source, tmp_path / "out", nothing, nothing, second, nothing, nothing)
    assert read_picture(tmp_path / "out" / "a.png").shape == (12, 16, 3)
    assert caplog.text.count("a.bmp is left out: it would become") == 1
