from dataclasses import replace

import pytest

from edge_vsr.camera.fake import gray_frame
from edge_vsr.codec.kinds import SVTAV1
from edge_vsr.codec.svt import SvtEncoder
from edge_vsr.coded import CodedPicture
from edge_vsr.frame import Frame, Size
from tests.unit.codec.pictures import RATE, TICKS, noise, settings

SIZE = Size(320, 176)


def coded(encoder: SvtEncoder, frames: list[Frame]) -> list[CodedPicture]:
    """A keyframe every two seconds."""
    made = []
    for n, frame in enumerate(frames):
        made += encoder.encode(frame, n * TICKS, keyframe=n % 50 == 0)
    return made + encoder.flush()


def test_each_frame_comes_out_at_once_with_its_number_and_time() -> None:
    encoder = SVTAV1.open(settings(kind=SVTAV1, kbits=5000))
    for frame in noise(60, Size(64, 48)):
        (picture,) = encoder.encode(frame, frame.number * TICKS, keyframe=frame.number in (0, 30))
        assert (picture.number, picture.wall, picture.pts) == (frame.number, frame.wall, frame.number * TICKS)
        assert picture.keyframe == (frame.number in (0, 30))
    assert encoder.flush() == []


def test_what_cannot_be_coded_in_time_is_left_out_and_the_rate_holds() -> None:
    kbits = 400
    made = coded(SvtEncoder(settings(SIZE, kind=SVTAV1, kbits=kbits)), list(noise(200, SIZE)))
    took = sum(len(picture.data) for picture in made) * 8 / 1000
    # What may come at once comes on top, and the picture that spends the last of it.
    assert took <= kbits * (200 / float(RATE) + 2) + max(len(picture.data) for picture in made) * 8 / 1000
    assert len(made) < 200
    assert [picture.number for picture in made if picture.keyframe] == [0, 50, 100, 150]


def test_a_scene_that_was_seen_is_coded_whole() -> None:
    first = next(noise(1, SIZE))
    frames = [replace(first, number=n) for n in range(200)]
    made = coded(SvtEncoder(settings(SIZE, kind=SVTAV1, kbits=600)), frames)
    late = [picture for picture in made if picture.number >= 50]
    assert len(late) == 150, f"{150 - len(late)} pictures left out of a scene that was known"


def test_encoders_of_several_rates_make_one_stream_and_know_the_scene() -> None:
    encoder = SVTAV1.open(settings(SIZE, kind=SVTAV1, kbits=200))
    (first,) = encoder.encode(gray_frame(size=SIZE), 0, keyframe=True)
    encoder.flush()
    assert encoder.appetite is not None
    other = SVTAV1.open(settings(SIZE, kind=SVTAV1, kbits=300), encoder.fullness, encoder.appetite)
    assert other.appetite == pytest.approx(encoder.appetite)
    (second,) = other.encode(gray_frame(size=SIZE), TICKS, keyframe=True)
    assert first.stream == second.stream
