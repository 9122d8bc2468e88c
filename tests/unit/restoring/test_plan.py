import os
from pathlib import Path

import pytest

from edge_vsr.errors import EdgeVsrError, InputError, OutputError, UsageError
from edge_vsr.restoring.plan import Goal, Job, Origin, plan


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("a.png", "b.JPG", "c.mp4", "noend", "stream.ts", "list.m3u8"):
        (tmp_path / name).write_text("")
    (tmp_path / "pictures").mkdir()
    (tmp_path / "out").mkdir()
    (tmp_path / "link.png").symlink_to("a.png")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("source", "target", "job"),
    [
        ("a.png", "x.png", Job.PICTURE),
        ("a.png", "out/x.jpeg", Job.PICTURE),
        ("b.JPG", "x.PNG", Job.PICTURE),
        ("pictures", "new", Job.FOLDER),
        ("pictures", "new/below/that", Job.FOLDER),
        ("pictures", "out", Job.FOLDER),
        ("c.mp4", "x.mp4", Job.VIDEO),
        ("c.mp4", "x.MKV", Job.VIDEO),
        ("c.mp4", "x.y4m", Job.VIDEO),
        ("stream.ts", "x.mp4", Job.VIDEO),
        ("noend", "x.mp4", Job.VIDEO),
    ],
)
def test_the_input_and_the_ending_of_the_output_choose_the_job(here: Path, source: str, target: str, job: Job) -> None:
    assert plan(source, target).job is job
    assert not (here / "new").exists(), "planning writes nothing"


@pytest.mark.parametrize(
    ("source", "target", "origin", "goal"),
    [
        ("c.mp4", "x.mp4", Origin.FILE, Goal.FILE),
        ("c.mp4", "out", Origin.FILE, Goal.SEGMENTS),
        ("c.mp4", "new", Origin.FILE, Goal.SEGMENTS),
        ("c.mp4", "rtsp://host/x", Origin.FILE, Goal.LIVE),
        ("list.m3u8", "x.mkv", Origin.PLAYLIST, Goal.FILE),
        ("https://host/a/index.m3u8?key=1", "out", Origin.PLAYLIST, Goal.SEGMENTS),
        ("RTSP://host/x", "x.mp4", Origin.RTSP, Goal.FILE),
    ],
)
def test_a_video_may_come_and_go_in_several_ways(
    here: Path, source: str, target: str, origin: Origin, goal: Goal
) -> None:
    made = plan(source, target)
    assert (made.job, made.origin, made.goal) == (Job.VIDEO, origin, goal)


@pytest.mark.parametrize(
    ("source", "target", "error", "message"),
    [
        ("gone.png", "x.png", InputError, "gone.png does not exist"),
        ("a.png", "x.mp4", UsageError, "a.png is a picture; give an output that ends in .jpeg, .jpg, .png"),
        ("a.png", "x.bmp", UsageError, "is a picture; give an output that ends in"),
        ("a.png", "x", UsageError, "is a picture; give an output that ends in"),
        ("a.png", "out", UsageError, "out is a folder; give a file, or a folder of pictures as input"),
        ("c.mp4", "x.avi", UsageError, "c.mp4 is a video; give an output that ends in .mkv, .mp4, .y4m, a folder, or"),
        ("c.mp4", "noend", UsageError, "noend is a file; give a folder, or"),
        ("c.mp4", "https://h/x", UsageError, "is a video; give an output that ends in"),
        ("a.png", "rtsp://h/x", UsageError, "is a picture; give an output that ends in"),
        ("pictures", "rtsp://u:pass@h/x", UsageError, "give a folder as output, not rtsp://***@h/x"),
        ("ftp://h/x.mp4", "x.mp4", UsageError, "nothing is read from ftp://"),
        ("c.mp4", "x.png", UsageError, "is a video"),
        ("pictures", "x.png", UsageError, "pictures is a folder; give a folder as output, not x.png"),
        ("pictures", "x.mp4", UsageError, "give a folder as output"),
        ("pictures", "a.png", UsageError, "give a folder as output"),
        ("a.png", "gone/x.png", OutputError, "folder gone does not exist; make it first"),
        ("a.png", "noend/x.png", OutputError, "folder noend is not a folder"),
        ("a.png", "a.png", UsageError, "a.png is the input itself"),
        ("a.png", "out/../a.png", UsageError, "is the input itself"),
        ("a.png", "link.png", UsageError, "link.png is the input itself"),
        ("pictures", "pictures", UsageError, "pictures is the input itself"),
        ("", "x.png", UsageError, "IN or OUT is empty; give both"),
        ("c.mp4", "", UsageError, "IN or OUT is empty; give both"),
        ("x" * 300, "x.png", UsageError, "File name too long"),
        ("a.png", "x" * 300 + "/x.png", UsageError, "File name too long"),
    ],
)
def test_what_cannot_be_done_is_said_before_anything_is_written(
    here: Path, source: str, target: str, error: type[EdgeVsrError], message: str
) -> None:
    before = sorted(here.rglob("*"))
    with pytest.raises(error) as caught:
        plan(source, target)
    assert message in str(caught.value)
    assert sorted(here.rglob("*")) == before


@pytest.mark.parametrize("name", ["pipe.mp4", "pipe.png", "pipe.m3u8"])
def test_a_pipe_is_not_waited_for(here: Path, name: str) -> None:
    os.mkfifo(here / name)
    with pytest.raises(InputError, match="is neither a file nor a folder"):
        plan(str(here / name), "x.mp4")
