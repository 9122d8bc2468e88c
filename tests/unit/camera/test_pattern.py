import hashlib
from fractions import Fraction

import av
import numpy as np
import pytest

from edge_vsr.camera import PatternCamera, read_frame_number
from edge_vsr.camera.conform import scaled
from edge_vsr.camera.convert import planes_of
from edge_vsr.camera.demo.number import write_frame_number
from edge_vsr.clock import FakeClock
from edge_vsr.errors import UsageError
from edge_vsr.frame import Frame, Matrix, Plane, Size


def read(camera: PatternCamera) -> Frame:
    frame = camera.read()
    assert frame is not None, "the demo camera ended"
    return frame


def digest(frame: Frame) -> str:
    return hashlib.sha256(b"".join(plane.tobytes() for plane in (frame.y, frame.u, frame.v))).hexdigest()


@pytest.mark.parametrize("size", [Size(64, 64), Size(65, 67), Size(320, 180), Size(641, 359), Size(96, 300)])
def test_every_size_gives_pictures_with_their_number(size: Size) -> None:
    camera = PatternCamera(FakeClock(), size=size)
    for _ in range(3):
        frame = read(camera)
        assert frame.size == size
        assert read_frame_number(frame.y) == frame.number


def test_the_same_number_is_always_the_same_picture() -> None:
    first, second = (PatternCamera(FakeClock(), size=Size(160, 90)) for _ in range(2))
    ours, theirs = [[digest(read(camera)) for _ in range(5)] for camera in (first, second)]
    assert ours == theirs
    assert len(set(ours)) == 5, "every picture must differ from the last"


def test_most_of_the_picture_stands_still_between_two_frames() -> None:
    camera = PatternCamera(FakeClock(), size=Size(320, 180))
    first, second = read(camera), read(camera)
    still = np.mean(first.y == second.y)
    assert still > 0.8


def test_it_is_in_colour_and_in_limited_range() -> None:
    frame = read(PatternCamera(FakeClock(), size=Size(320, 180)))
    assert frame.matrix is Matrix.BT601
    assert np.ptp(frame.u) > 60
    assert np.ptp(frame.v) > 60
    assert frame.y.min() >= 16
    assert frame.y.max() <= 235


def test_frames_come_at_their_rate_and_at_their_time() -> None:
    clock = FakeClock()
    camera = PatternCamera(clock, size=Size(64, 64), rate=Fraction(25))
    frames = [read(camera) for _ in range(6)]
    assert [frame.number for frame in frames] == list(range(6))
    assert [frame.time for frame in frames] == pytest.approx([1000 + n / 25 for n in range(6)])
    assert [frame.wall for frame in frames] == pytest.approx([1.7e9 + n / 25 for n in range(6)])


def test_a_late_reader_misses_frames_as_with_any_live_camera() -> None:
    clock = FakeClock()
    camera = PatternCamera(clock, size=Size(64, 64), rate=Fraction(10))
    read(camera)
    clock.advance(0.3)
    assert [read(camera).number for _ in range(3)] == [1, 2, 3], "a little late is made up for"
    clock.advance(10.05)
    late = read(camera)
    assert late.number == 103
    assert late.time == pytest.approx(1010.3)


def test_close_ends_it() -> None:
    camera = PatternCamera(FakeClock(), size=Size(64, 64))
    camera.close()
    camera.close()
    assert camera.read() is None


def test_too_small_a_size_is_refused() -> None:
    with pytest.raises(UsageError, match="64x64"):
        PatternCamera(FakeClock(), size=Size(63, 64))


def luma(size: Size, number: int) -> Plane:
    y = np.full((size.height, size.width), 100, np.uint8)
    write_frame_number(y, number)
    return y


@pytest.mark.parametrize("number", [0, 1, 0b1010, 65_535, 2**20 - 1])
def test_any_number_is_read_back(number: int) -> None:
    assert read_frame_number(luma(Size(64, 64), number)) == number


def test_numbers_begin_anew_after_20_bits() -> None:
    assert read_frame_number(luma(Size(64, 64), 2**20 + 5)) == 5


@pytest.mark.parametrize("level", [0, 16, 128, 255])
def test_no_number_is_read_from_a_blank_picture(level: int) -> None:
    with pytest.raises(ValueError, match="no frame number"):
        read_frame_number(np.full((64, 64), level, np.uint8))


@pytest.mark.parametrize("size", [Size(64, 64), Size(320, 180), Size(640, 360)])
def test_the_number_survives_hard_compression(size: Size) -> None:
    camera = PatternCamera(FakeClock(), size=size)
    encoder = av.CodecContext.create("libx264", "w")
    assert isinstance(encoder, av.VideoCodecContext)
    encoder.width, encoder.height, encoder.pix_fmt = size.width, size.height, "yuv420p"
    encoder.time_base = Fraction(1, 30)
    encoder.options = {"crf": "38", "preset": "veryfast", "tune": "zerolatency"}
    decoder = av.CodecContext.create("h264", "r")
    assert isinstance(decoder, av.VideoCodecContext)
    numbers = []
    for n in range(8):
        frame = read(camera)
        planes = [np.ascontiguousarray(plane).ravel() for plane in (frame.y, frame.u, frame.v)]
        picture = av.VideoFrame.from_ndarray(np.concatenate(planes).reshape(-1, size.width), format="yuv420p")
        picture.pts = n
        for packet in encoder.encode(picture):
            numbers += [read_frame_number(planes_of(out).y) for out in decoder.decode(packet)]
    assert numbers
    assert numbers == list(range(len(numbers)))


@pytest.mark.parametrize("size", [Size(320, 180), Size(1280, 720), Size(333, 201)])
def test_the_number_survives_scaling(size: Size) -> None:
    camera = PatternCamera(FakeClock(), size=Size(640, 360))
    frame = [read(camera) for _ in range(4)][-1]
    assert read_frame_number(scaled(frame, size).y) == 3
