from pathlib import Path

import pytest

from edge_vsr.codec.choice import choose
from edge_vsr.codec.kinds import H264_QSV, H264_V4L2M2M, HARDWARE, KINDS, X264, X265, Kind
from edge_vsr.config import EncoderChoice
from edge_vsr.errors import EncoderError

OLD = "no answer within 20 s"


@pytest.fixture
def devices(tmp_path: Path) -> Path:
    """Of a machine with both kinds of hardware."""
    (tmp_path / "dri").mkdir()
    for name in ("dri/renderD128", "video11"):
        (tmp_path / name).touch()
    return tmp_path


class Attempts:
    """Only `working` ones work."""

    def __init__(self, *working: Kind) -> None:
        self.working = working
        self.made: list[Kind] = []

    def __call__(self, kind: Kind) -> str | None:
        self.made.append(kind)
        return None if kind in self.working else OLD


def test_every_choice_is_an_encoder() -> None:
    assert {one.value for one in EncoderChoice} == {"auto", *KINDS}


@pytest.mark.parametrize("kind", HARDWARE, ids=lambda kind: kind.name)
def test_hardware_that_works_is_taken(devices: Path, kind: Kind) -> None:
    assert choose(None, Attempts(kind), devices).kind is kind


def test_where_no_hardware_works_it_is_libx264_and_one_line_says_why(devices: Path) -> None:
    choice = choose(None, Attempts(), devices)
    assert choice.kind is X264
    assert str(choice) == f"x264; h264_qsv: {OLD}; h264_v4l2m2m: {OLD}; h264_vaapi: {OLD}"


def test_without_a_device_nothing_is_tried(tmp_path: Path) -> None:
    attempts = Attempts(*HARDWARE)
    assert choose(None, attempts, tmp_path).kind is X264
    assert attempts.made == []


def test_x265_is_for_those_who_ask(devices: Path) -> None:
    assert choose(None, Attempts(X265), devices).kind is X264
    assert choose("x265", Attempts(X265), devices).kind is X265


def test_what_was_asked_for_is_tried_and_nothing_else(devices: Path) -> None:
    attempts = Attempts(*HARDWARE)
    assert choose("h264_v4l2m2m", attempts, devices).kind is H264_V4L2M2M
    assert attempts.made == [H264_V4L2M2M]
    assert choose("x264", Attempts(), devices).kind is X264


def test_what_was_asked_for_and_does_not_work_is_an_error(devices: Path) -> None:
    with pytest.raises(EncoderError, match=f"h264_qsv does not work here: {OLD}; leave out --encoder"):
        choose(H264_QSV.name, Attempts(), devices)
