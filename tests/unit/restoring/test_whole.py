import errno
import os
from pathlib import Path

import av
import pytest

from edge_vsr.clock import FakeClock
from edge_vsr.errors import InputError, OutputError
from edge_vsr.restoring.whole import OLD, part_of, remove_left_over, whole_file


def write_half(target: Path, error: BaseException) -> None:
    with whole_file(target) as part:
        part.write_text("half")
        raise error


def test_the_file_appears_only_at_the_end(tmp_path: Path) -> None:
    target = tmp_path / "a.mp4"
    with whole_file(target) as part:
        part.write_text("new")
        assert not target.exists()
        assert (part.parent, part.suffix) == (tmp_path, ".mp4"), "muxers go by the ending"
        assert part.name.startswith("."), "hidden until it is whole"
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("a.mp4", "new")]


@pytest.mark.parametrize("error", [InputError("bad"), KeyboardInterrupt(), ValueError("bug")])
def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path: Path, error: BaseException) -> None:
    target = tmp_path / "a.mp4"
    target.write_text("old")
    with pytest.raises(type(error)):
        write_half(target, error)
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("a.mp4", "old")]


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)),
        av.error.OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)),
        av.InvalidDataError(1, "No space left on device"),
    ],
)
def test_a_write_that_fails_is_an_output_error_whoever_wrote(tmp_path: Path, error: Exception) -> None:
    with pytest.raises(OutputError, match=r"cannot write .*a.mp4: No space left on device"):
        write_half(tmp_path / "a.mp4", error)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["x" * 250 + ".png", "gone/a.png"])
def test_a_place_that_cannot_be_written_is_an_output_error(tmp_path: Path, name: str) -> None:
    with pytest.raises(OutputError, match="cannot write"), whole_file(tmp_path / name) as part:
        part.write_text("half")
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_process_left_is_taken_away_once_it_is_old(tmp_path: Path) -> None:
    now = 1_790_000_000.0
    ours = part_of(tmp_path / "ours.mp4")
    process_that_is_no_more = 2**30
    old, new = (tmp_path / f".{name}.{process_that_is_no_more}.part.mp4" for name in ("old", "new"))
    kept = tmp_path / ".mine.part.mp4"
    for path in (ours, old, new, kept):
        path.touch()
        os.utime(path, (now, now if path == new else now - OLD - 1))
    remove_left_over(tmp_path, FakeClock(wall=now))
    assert set(tmp_path.iterdir()) == {ours, new, kept}
    remove_left_over(tmp_path / "gone", FakeClock(wall=now))
