from pathlib import Path

import av
import pytest

from edge_vsr.restoring.groups import EXPORT, Groups, step_of
from edge_vsr.restoring.source import VideoFile
from tests.unit.restoring.videos import write_video


def pictures(path: Path) -> list[av.VideoFrame]:
    with av.open(str(path)) as container:
        container.streams.video[0].codec_context.options = EXPORT
        return list(container.decode(video=0))


def coded_at(path: Path, parameter: int, count: int = 1, keyframes_finer: float = 1.0) -> Path:
    """By libx264 at one parameter of its quantizer, the steps of keyframes so many times finer."""
    parameters = f"qp={parameter}:ipratio={keyframes_finer}:scenecut=0"
    return write_video(path, count, options={"tune": "zerolatency", "g": "99", "x264-params": parameters})


@pytest.mark.parametrize(("parameter", "step"), [(4, 1.0), (28, 16.0), (34, 32.0), (40, 64.0)])
def test_the_step_doubles_with_every_six(tmp_path: Path, parameter: int, step: float) -> None:
    (picture,) = pictures(coded_at(tmp_path / "a.mp4", parameter))
    assert step_of(picture) == pytest.approx(step, rel=0.01)


def test_a_group_has_the_step_of_its_keyframe(tmp_path: Path) -> None:
    first, second = pictures(coded_at(tmp_path / "a.mp4", 34, 2, keyframes_finer=2.0))
    groups = Groups()
    group = groups.of(first)
    assert group is not None
    assert group.step == step_of(first)
    assert groups.of(second) is group
    assert step_of(second) != step_of(first), "this test could tell"
    assert groups.of(first) is not group, "a keyframe begins another"


@pytest.mark.parametrize("codec", ["libx265", "mjpeg"])
def test_other_codecs_tell_none(tmp_path: Path, codec: str) -> None:
    assert [step_of(one) for one in pictures(write_video(tmp_path / "a.mkv", 3, codec=codec))] == [None] * 3


def test_frames_of_a_file_have_theirs(tmp_path: Path) -> None:
    with VideoFile(write_video(tmp_path / "a.mp4", 6)) as video:
        groups = [one.group for one in video]
    assert None not in groups, "FFmpeg was not asked to tell"
    assert [groups.index(one) for one in groups] == [0, 0, 0, 0, 4, 4]
