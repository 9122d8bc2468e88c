import itertools
import re
from dataclasses import replace
from fractions import Fraction

import av
import pytest

from edge_vsr.camera.fake import gray_frame
from edge_vsr.codec.annexb import units
from edge_vsr.codec.encoder import X264Encoder, check_encodable
from edge_vsr.codec.level import level_for
from edge_vsr.codec.video_frame import AV_MATRIX, AV_RANGE
from edge_vsr.errors import EncoderError
from edge_vsr.frame import Matrix, Range, Size
from tests.unit.codec.pictures import RATE, TICKS, decoded, encoded, noise, settings

IDR = 5


def kinds(data: bytes) -> set[int]:
    return {unit[0] & 31 for unit in units(data)}


def test_each_frame_comes_out_at_once_with_its_number_and_time() -> None:
    encoder = X264Encoder(settings())
    for frame in noise(30, Size(64, 48)):
        (picture,) = encoder.encode(frame, frame.number * TICKS, keyframe=frame.number == 0)
        assert (picture.number, picture.wall, picture.pts) == (frame.number, frame.wall, frame.number * TICKS)
    assert encoder.flush() == []


def test_keyframes_stand_where_they_are_asked_for_and_nowhere_else() -> None:
    encoder = X264Encoder(settings())
    asked = {0, 7, 8, 50}
    for n in range(60):
        # Each picture is another gray: to an encoder that decides for itself, all of them cuts of a film.
        (picture,) = encoder.encode(gray_frame(n, luma=16 + 200 * (n % 2)), n * TICKS, keyframe=n in asked)
        assert picture.keyframe == (n in asked), f"picture {n}"
        assert (IDR in kinds(picture.data)) == (n in asked), f"picture {n} has units {kinds(picture.data)}"


def test_each_keyframe_carries_the_parameter_sets() -> None:
    pictures = encoded(list(noise(20, Size(64, 48))))
    for picture in pictures:
        assert ({7, 8} <= kinds(picture.data)) == picture.keyframe
    assert kinds(pictures[0].stream.extradata) == {7, 8}
    assert len({id(picture.stream) for picture in pictures}) == 1


def test_the_rate_s_ceiling_holds_on_noise() -> None:
    size = Size(320, 240)
    pictures = encoded(list(noise(100, size)), gop=50)
    kbits = sum(len(picture.data) for picture in pictures) * 8 / 1000 / (len(pictures) / RATE)
    # A buffer of one second comes on top, over four seconds.
    assert kbits <= settings(size).kbits * 1.3


def test_encoders_of_several_rates_make_one_stream_that_keeps_to_them() -> None:
    kbits = 300
    size, frames = Size(320, 240), list(noise(200, Size(320, 240)))
    sizes, streams, encoder = [], set(), X264Encoder(settings(size, kbits=kbits))
    for begin in range(0, 200, 50):
        encoder = X264Encoder(settings(size, kbits=kbits + begin), encoder.fullness)
        pictures = [
            picture
            for frame in frames[begin : begin + 50]
            for picture in encoder.encode(frame, frame.number * TICKS, keyframe=frame.number % 50 == 0)
        ]
        streams |= {picture.stream for picture in pictures}
        sizes.append(sum(len(picture.data) for picture in pictures) * 8 / 1000)
    assert len(streams) == 1, "a player, or a live far end, would have to begin anew"
    asked = sum(2 * (kbits + begin) for begin in range(0, 200, 50))
    assert sum(sizes) <= 1.15 * asked, "each encoder spent the buffer of the one before once more"
    # The first has a whole buffer more than the others.
    assert sizes[1:] == sorted(sizes[1:])


@pytest.mark.parametrize(("matrix", "range_"), list(itertools.product(Matrix, Range)))
def test_the_colour_s_meaning_survives(matrix: Matrix, range_: Range) -> None:
    pictures = encoded(list(noise(3, Size(64, 48), matrix=matrix, range_=range_)))
    shown = decoded(b"".join(picture.data for picture in pictures), "h264")
    assert len(shown) == 3
    for picture in shown:
        assert (picture.colorspace, picture.color_range) == (AV_MATRIX[matrix], AV_RANGE[range_])


def test_a_player_sees_the_levels_that_went_in() -> None:
    frames = [gray_frame(n, luma=16 + 8 * n) for n in range(20)]
    shown = decoded(b"".join(picture.data for picture in encoded(frames)), "h264")
    for frame, picture in zip(frames, shown, strict=True):
        assert abs(int(picture.to_ndarray(format="yuv420p")[10, 10]) - int(frame.y[0, 0])) <= 2


@pytest.mark.parametrize(
    ("size", "fits"),
    [
        (Size(65, 48), Size(64, 48)),
        (Size(64, 49), Size(64, 48)),
        (Size(2, 2), Size(16, 16)),
        (Size(64, 1), Size(64, 16)),
        (Size(9000, 64), Size(8192, 64)),
        (Size(100_000, 100_001), Size(8192, 8192)),
    ],
)
def test_a_size_that_cannot_be_encoded_is_refused_with_the_nearest_that_can(size: Size, fits: Size) -> None:
    says = re.escape(f"cannot take {size}") + f".*; try {fits}$"
    with pytest.raises(EncoderError, match=says):
        check_encodable(size)
    with pytest.raises(EncoderError, match=says):
        X264Encoder(settings(size))
    check_encodable(fits)


@pytest.mark.parametrize("size", [Size(16, 16), Size(8192, 16), Size(1366, 768), Size(642, 362)])
def test_sizes_at_the_limits_are_taken(size: Size) -> None:
    assert len(encoded([gray_frame(size=size)])) == 1


def test_what_libx264_refuses_is_told_in_one_line() -> None:
    with pytest.raises(EncoderError, match="libx264 cannot encode 64x48"):
        X264Encoder(replace(settings(), preset="no such preset"))


def test_one_picture_in_ten_seconds_may_take_the_bits_of_twenty() -> None:
    assert settings(kbits=100).buffer_bits == 100_000
    assert replace(settings(kbits=100), rate=Fraction(1, 10)).buffer_bits == 2_000_000


@pytest.mark.parametrize(
    ("size", "rate", "kbits", "level"),
    [
        (Size(176, 144), 15, 64, "1"),
        (Size(320, 240), 20, 500, "1.3"),
        (Size(320, 240), 20, 1000, "2"),
        (Size(640, 360), 25, 800, "3"),
        (Size(1280, 720), 30, 4000, "3.1"),
        (Size(1920, 1080), 30, 8000, "4"),
        (Size(1920, 1080), 60, 8000, "4.2"),
        (Size(8192, 16), 1, 64, "5.1"),
        (Size(8192, 8192), 60, 10**9, "6.2"),
    ],
)
def test_a_level_is_the_lowest_that_a_decoder_needs(size: Size, rate: int, kbits: int, level: str) -> None:
    assert level_for(size, Fraction(rate), kbits) == level


def test_a_stream_starts_with_what_a_decoder_needs() -> None:
    data = encoded([gray_frame()])[0].data
    context = av.CodecContext.create("h264", "r")
    assert isinstance(context, av.VideoCodecContext)
    shown = [*context.decode(av.Packet(data)), *context.decode(None)]
    assert [picture.key_frame for picture in shown] == [True]
