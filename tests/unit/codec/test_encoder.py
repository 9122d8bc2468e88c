import itertools
import re
from dataclasses import replace
from fractions import Fraction

import av
import numpy as np
import pytest

from edge_vsr.camera.fake import gray_frame
from edge_vsr.codec.annexb import kind_of, parameter_sets, units
from edge_vsr.codec.encoder import check_encodable
from edge_vsr.codec.ffmpeg import FfmpegEncoder
from edge_vsr.codec.kinds import H264_QSV, X264, X265, Kind
from edge_vsr.codec.level import Codec, level_for
from edge_vsr.codec.video_frame import AV_MATRIX, AV_RANGE, video_frame
from edge_vsr.errors import EncoderError
from edge_vsr.frame import Matrix, Range, Size
from tests.unit.codec.pictures import RATE, SMALL, TICKS, decoded, encoded, noise, settings
from tests.unit.sr.pictures import demo_frame

SETS = {"h264": {7, 8}, "hevc": {32, 33, 34}}
IDR = {"h264": {5}, "hevc": {19, 20}}

software = pytest.mark.parametrize("kind", [X264, X265], ids=lambda kind: kind.name)


def units_in(data: bytes, codec: Codec = "h264") -> set[int]:
    """Their types."""
    return {kind_of(unit, codec) for unit in units(data)}


@software
def test_each_frame_comes_out_at_once_with_its_number_and_time(kind: Kind) -> None:
    encoder = kind.open(settings(kind=kind))
    for frame in noise(30, Size(64, 48)):
        (picture,) = encoder.encode(frame, frame.number * TICKS, keyframe=frame.number == 0)
        assert (picture.number, picture.wall, picture.pts) == (frame.number, frame.wall, frame.number * TICKS)
        assert encoder.held == 0
    assert encoder.flush() == []


@software
def test_keyframes_stand_where_they_are_asked_for_and_nowhere_else(kind: Kind) -> None:
    encoder = kind.open(settings(kind=kind))
    asked = {0, 7, 8, 50}
    for n in range(60):
        # Each picture is another gray: to an encoder that decides for itself, all of them cuts of a film.
        (picture,) = encoder.encode(gray_frame(n, luma=16 + 200 * (n % 2)), n * TICKS, keyframe=n in asked)
        assert picture.keyframe == (n in asked), f"picture {n}"
        found = units_in(picture.data, kind.codec)
        assert bool(IDR[kind.codec] & found) == (n in asked), f"picture {n} has units {found}"


def test_small_pictures_are_one_slice_however_many_processors_there_are() -> None:
    """A slice costs bits, and libx264 makes one a thread where it must not be late."""
    for picture in encoded(list(noise(4, Size(320, 176)))):
        slices = [kind_of(unit, "h264") for unit in units(picture.data) if kind_of(unit, "h264") in (1, 5)]
        assert len(slices) == 1


def test_flat_areas_get_less_of_what_is_restored() -> None:
    """Adaptive quantization at half its strength leaves more for what has detail."""
    flat = replace(
        next(noise(1, Size(320, 176))), u=np.full((88, 160), 128, np.uint8), v=np.full((88, 160), 128, np.uint8)
    )
    flat.y[:, :160] = 100 + np.arange(160, dtype=np.uint8) // 40
    usual = settings(flat.size, kbits=100_000)
    halves = []
    for one in (usual, replace(usual, restored=True)):
        (picture,) = X264.open(one).encode(flat, 0, keyframe=True)
        (shown,) = decoded(picture.data, "h264")
        error = (shown.to_ndarray()[:176].astype(int) - flat.y) ** 2
        halves.append((error[:, :160].mean(), error[:, 160:].mean()))
    (plain_flat, plain_noise), (restored_flat, restored_noise) = halves
    assert restored_flat >= plain_flat
    assert restored_noise < plain_noise


@software
def test_each_keyframe_carries_the_parameter_sets(kind: Kind) -> None:
    pictures, sets = encoded(list(noise(20, Size(64, 48))), kind=kind), SETS[kind.codec]
    for picture in pictures:
        assert (sets <= units_in(picture.data, kind.codec)) == picture.keyframe
    assert units_in(pictures[0].stream.extradata, kind.codec) == sets
    assert len({id(picture.stream) for picture in pictures}) == 1


def test_the_rate_s_ceiling_holds_on_noise() -> None:
    size = Size(320, 240)
    pictures = encoded(list(noise(100, size)), gop=50)
    kbits = sum(len(picture.data) for picture in pictures) * 8 / 1000 / (len(pictures) / RATE)
    # A buffer of one second comes on top, over four seconds.
    assert kbits <= settings(size).kbits * 1.3


@software
def test_encoders_of_several_rates_make_one_stream_that_keeps_to_them(kind: Kind) -> None:
    kbits = 300
    size, frames = Size(320, 240), list(noise(200, Size(320, 240)))
    sizes, streams, encoder = [], set(), kind.open(settings(size, kbits=kbits, kind=kind))
    for begin in range(0, 200, 50):
        encoder = kind.open(settings(size, kbits=kbits + begin, kind=kind), encoder.fullness)
        pictures = [
            picture
            for frame in frames[begin : begin + 50]
            for picture in encoder.encode(frame, frame.number * TICKS, keyframe=frame.number % 50 == 0)
        ]
        streams |= {picture.stream for picture in pictures}
        sizes.append(sum(len(picture.data) for picture in pictures) * 8 / 1000)
    assert len(streams) == 1, "a player, or a live far end, would have to begin anew"
    asked = sum(2 * (kbits + begin) for begin in range(0, 200, 50))
    # libx265 gets to its rate more slowly.
    assert sum(sizes) <= (1.15 if kind is X264 else 1.25) * asked, (
        "each encoder spent the buffer of the one before once more"
    )
    # The first has a whole buffer more than the others.
    assert sizes[1:] == sorted(sizes[1:])


@software
@pytest.mark.parametrize(("matrix", "range_"), list(itertools.product(Matrix, Range)))
def test_the_colour_s_meaning_survives(kind: Kind, matrix: Matrix, range_: Range) -> None:
    pictures = encoded(list(noise(3, Size(64, 48), matrix=matrix, range_=range_)), kind=kind)
    shown = decoded(b"".join(picture.data for picture in pictures), kind.codec)
    assert len(shown) == 3
    for picture in shown:
        assert (picture.colorspace, picture.color_range) == (AV_MATRIX[matrix], AV_RANGE[range_])


def test_a_player_sees_the_levels_that_went_in() -> None:
    frames = [gray_frame(n, luma=16 + 8 * n) for n in range(20)]
    shown = decoded(b"".join(picture.data for picture in encoded(frames)), "h264")
    for frame, picture in zip(frames, shown, strict=True):
        assert abs(int(picture.to_ndarray(format="yuv420p")[10, 10]) - int(frame.y[0, 0])) <= 2


def test_a_keyframe_after_a_fall_to_a_thin_rate_is_not_gray_all_over() -> None:
    frame = demo_frame(320, 180)
    encoder = X264.open(settings(frame.size, frame.matrix, frame.range, kbits=16), fullness=0.0)
    pictures = [*encoder.encode(frame, 0, keyframe=True), *encoder.flush()]
    (shown,) = decoded(b"".join(picture.data for picture in pictures), "h264")
    assert np.std(shown.to_ndarray(format="gray")) > 0.7 * np.std(frame.y)


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
        X264.open(settings(size))
    check_encodable(fits)


@pytest.mark.parametrize("size", [Size(16, 16), Size(8192, 16), Size(1366, 768), Size(642, 362)])
def test_sizes_at_the_limits_are_taken(size: Size) -> None:
    assert len(encoded([gray_frame(size=size)])) == 1


def test_what_libx264_refuses_is_told_in_one_line() -> None:
    with pytest.raises(EncoderError, match="libx264 cannot encode 64x48"):
        replace(X264, options=lambda *_: {"preset": "no such preset"}).open(settings())


def test_an_encoder_that_is_not_there_is_told_in_one_line() -> None:
    with pytest.raises(EncoderError, match="h264_none cannot encode 64x48"):
        replace(X264, library="h264_none").open(settings())


def test_planes_for_hardware_are_the_same_picture() -> None:
    (frame,) = noise(1, SMALL)
    picture = video_frame(frame, 0, pixels=H264_QSV.pixels)
    luma, chroma = picture.planes
    rows = np.frombuffer(memoryview(luma), np.uint8).reshape(luma.height, luma.line_size)
    pairs = np.frombuffer(memoryview(chroma), np.uint8).reshape(chroma.height, chroma.line_size)[:, : SMALL.width]
    assert np.array_equal(rows[:, : SMALL.width], frame.y)
    assert np.array_equal(pairs[:, 0::2], frame.u)
    assert np.array_equal(pairs[:, 1::2], frame.v)


def test_parameter_sets_that_come_once_stand_before_each_keyframe() -> None:
    """As some hardware does it, in a packet before the first picture."""
    once = replace(X264, options=lambda *given: {**X264.options(*given), "x264-params": "repeat-headers=0"})
    encoder = once.open(settings())
    sets = parameter_sets(encoded([gray_frame()])[0].data)
    assert isinstance(encoder, FfmpegEncoder)
    encoder._headers = sets
    pictures = [
        picture for n in range(20) for picture in encoder.encode(gray_frame(n), n * TICKS, keyframe=n % 10 == 0)
    ]
    assert [picture.number for picture in pictures if parameter_sets(picture.data)] == [0, 10]
    assert len(decoded(b"".join(picture.data for picture in pictures), "h264")) == 20


def test_an_encoder_that_holds_frames_back_gives_each_its_number() -> None:
    slow = replace(X264, options=lambda *given: {**X264.options(*given), "tune": "film", "bf": "0"})
    encoder = slow.open(settings())
    pictures = []
    for n in range(60):
        pictures += encoder.encode(gray_frame(n), n * TICKS, keyframe=n == 0)
    assert encoder.held == 60 - len(pictures) > 0
    pictures += encoder.flush()
    assert [(picture.number, picture.pts) for picture in pictures] == [(n, n * TICKS) for n in range(60)]
    assert encoder.held == 0


def test_one_picture_in_ten_seconds_may_take_the_bits_of_twenty() -> None:
    assert settings(kbits=100).buffer_bits == 100_000
    assert replace(settings(kbits=100), rate=Fraction(1, 10)).buffer_bits == 2_000_000


@pytest.mark.parametrize(
    ("codec", "size", "rate", "kbits", "level"),
    [
        ("h264", Size(176, 144), 15, 64, "1"),
        ("h264", Size(320, 240), 20, 500, "1.3"),
        ("h264", Size(320, 240), 20, 1000, "2"),
        ("h264", Size(640, 360), 25, 800, "3"),
        ("h264", Size(1280, 720), 30, 4000, "3.1"),
        ("h264", Size(1920, 1080), 30, 8000, "4"),
        ("h264", Size(1920, 1080), 60, 8000, "4.2"),
        ("h264", Size(8192, 16), 1, 64, "5.1"),
        ("h264", Size(8192, 8192), 60, 10**9, "6.2"),
        ("hevc", Size(176, 144), 15, 64, "1"),
        ("hevc", Size(640, 360), 25, 800, "2.1"),
        ("hevc", Size(1280, 720), 30, 4000, "3.1"),
        ("hevc", Size(1920, 1080), 30, 8000, "4"),
        ("hevc", Size(1920, 1080), 60, 8000, "4.1"),
        ("av1", Size(320, 180), 15, 415, "2.0"),
        ("av1", Size(640, 360), 25, 800, "2.1"),
        ("av1", Size(1920, 1080), 60, 8000, "4.1"),
    ],
)
def test_a_level_is_the_lowest_that_a_decoder_needs(
    codec: Codec, size: Size, rate: int, kbits: int, level: str
) -> None:
    assert level_for(codec, size, Fraction(rate), kbits) == level


def test_a_stream_starts_with_what_a_decoder_needs() -> None:
    data = encoded([gray_frame()])[0].data
    context = av.CodecContext.create("h264", "r")
    assert isinstance(context, av.VideoCodecContext)
    shown = [*context.decode(av.Packet(data)), *context.decode(None)]
    assert [picture.key_frame for picture in shown] == [True]
