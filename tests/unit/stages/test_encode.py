import itertools
from dataclasses import replace
from fractions import Fraction

import pytest

from edge_vsr.backoff import Backoff
from edge_vsr.camera.fake import gray_frame
from edge_vsr.clock import FakeClock
from edge_vsr.codec.fake import FaultyKind
from edge_vsr.codec.kinds import H264_V4L2M2M, X264, X265, Kind
from edge_vsr.coded import CodedPicture
from edge_vsr.dates import boot_id
from edge_vsr.errors import EncoderError
from edge_vsr.frame import Frame, Range, Size
from edge_vsr.policy.cadence import Cadence, Cut
from edge_vsr.rung import Rung
from edge_vsr.segment import Segment
from edge_vsr.stages.encode import SegmentEncoder
from edge_vsr.stages.prepare import PreparedFrame
from edge_vsr.stages.supervisor import Supervisor
from tests.unit.codec.pictures import decoded, noise
from tests.unit.uplink.segments import NAMES

RATE = Fraction(25)


def run(frames: list[Frame], rung: Rung = Rung.NATIVE) -> list[CodedPicture | Segment]:
    """What comes out of frames that are cut as a run cuts them."""
    encoder, cadence = SegmentEncoder(NAMES, RATE), Cadence()
    found: list[CodedPicture | Segment] = []
    for frame in frames:
        cadence, cut = cadence.step(frame.time)
        found += encoder.encode(PreparedFrame(frame, rung, 300.0, cut))
    return [*found, *encoder.finish()]


def segments(frames: list[Frame], rung: Rung = Rung.NATIVE) -> list[Segment]:
    return [item for item in run(frames, rung) if isinstance(item, Segment)]


def frames(numbers: range | list[int], *, later: float = 0.0, size: Size | None = None) -> list[Frame]:
    """At 25 frames a second; `later` in seconds."""
    return [gray_frame(n, time=n / 25 + later, size=size) for n in numbers]


def test_segments_are_named_in_order_and_say_what_they_are() -> None:
    found = segments(frames(range(125)))
    assert [one.info.name for one in found] == [NAMES.name(n) for n in range(3)]
    assert [one.info.sequence for one in found] == [0, 1, 2]
    assert [one.info.frames for one in found] == [50, 50, 25]
    assert [one.info.duration for one in found] == pytest.approx([2.0, 2.0, 1.0])
    assert [one.info.start for one in found] == pytest.approx([1.7e9, 1.7e9 + 2, 1.7e9 + 4])
    assert [one.info.discontinuity for one in found] == [False] * 3
    assert {(one.info.width, one.info.height, one.info.rung) for one in found} == {(64, 48, "native")}


def test_every_segment_plays_alone_and_starts_with_a_keyframe() -> None:
    for one in segments(frames(range(125))):
        shown = decoded(one.data, "mpegts")
        assert len(shown) == one.info.frames
        assert [picture.key_frame for picture in shown].count(True) == 1
        assert shown[0].key_frame


def test_pictures_come_at_once_and_a_segment_after_its_last_picture() -> None:
    found = run(frames(range(60)))
    kinds = ["segment" if isinstance(item, Segment) else item.number for item in found]
    assert kinds == [*range(50), "segment", *range(50, 60), "segment"]
    pictures = [item for item in found if isinstance(item, CodedPicture)]
    assert [picture.keyframe for picture in pictures].count(True) == 2


def test_time_stamps_start_at_nothing_and_go_up() -> None:
    times = [item.pts for item in run(frames(range(60), later=5e5)) if isinstance(item, CodedPicture)]
    assert times == [n * 3600 for n in range(60)]


def test_frames_that_share_a_time_get_stamps_of_their_own() -> None:
    found = run([gray_frame(n, time=n // 3 / 10) for n in range(30)])
    times = [item.pts for item in found if isinstance(item, CodedPicture)]
    assert len(times) == 30
    assert all(after > before for before, after in itertools.pairwise(times))


def test_numbers_that_are_missing_are_counted_where_they_are_missing() -> None:
    numbers = [n for n in range(150) if n not in {3, 4, 50, 99, 149}]
    found = segments(frames(numbers))
    assert [one.info.dropped for one in found] == [2, 1, 1]
    assert [one.info.frames for one in found] == [48, 48, 49]


def test_a_gap_is_a_discontinuity_and_the_segment_before_ends_with_its_last_frame() -> None:
    found = segments([*frames(range(30)), *frames(range(30, 60), later=100.0)])
    assert [one.info.duration for one in found] == pytest.approx([1.2, 1.2])
    assert [one.info.discontinuity for one in found] == [False, True]
    assert [one.info.start for one in found] == pytest.approx([1.7e9, 1.7e9 + 101.2])


def test_time_that_jumps_back_is_a_discontinuity_and_loses_nothing() -> None:
    found = run([*frames(range(30)), *frames(range(30, 60), later=-1.0)])
    times = [item.pts for item in found if isinstance(item, CodedPicture)]
    assert len(times) == 60
    assert all(after > before for before, after in itertools.pairwise(times))
    assert [item.info.discontinuity for item in found if isinstance(item, Segment)] == [False, True]


def test_another_size_is_a_discontinuity() -> None:
    found = segments([*frames(range(10)), *frames(range(10, 20), size=Size(128, 96))])
    assert [(one.info.width, one.info.height) for one in found] == [(64, 48), (128, 96)]
    assert [one.info.discontinuity for one in found] == [False, True]
    assert [one.info.frames for one in found] == [10, 10]


def test_another_colour_range_is_a_discontinuity() -> None:
    full = [replace(frame, range=Range.FULL) for frame in frames(range(10, 20))]
    assert [one.info.discontinuity for one in segments([*frames(range(10)), *full])] == [False, True]


def test_a_segment_tells_its_rung() -> None:
    assert segments(frames(range(5)), Rung.LOW)[0].info.rung == "low"


def test_a_live_camera_s_segment_tells_when_it_was_made_without_a_date() -> None:
    clock = FakeClock(monotonic=500.0)
    encoder = SegmentEncoder(NAMES, RATE, clock=clock)
    clock.advance(2.0)
    list(encoder.encode(PreparedFrame(gray_frame(time=501.5), Rung.NATIVE, 300.0, Cadence().step(501.5)[1])))
    (found,) = (item for item in encoder.finish() if isinstance(item, Segment))
    assert (found.info.boot, found.info.uptime) == (boot_id(), 501.5)


def stretch(
    encoder: SegmentEncoder, frames: list[Frame], kbits: float, rung: Rung, cut: Cut = Cut.SEGMENT, left_out: int = 0
) -> list[CodedPicture | Segment]:
    """What comes out of one segment's frames."""
    found: list[CodedPicture | Segment] = []
    for n, frame in enumerate(frames):
        prepared = PreparedFrame(frame, rung, kbits, Cut.NONE if n else cut, 0 if n else left_out)
        found += encoder.encode(prepared)
    return found


LATE = replace(X264, options=lambda *given: {**X264.options(*given), "tune": "film", "bf": "0"})
"""Holds frames back, as some hardware does."""


@pytest.mark.parametrize("kind", [X264, X265, LATE], ids=["x264", "x265", "late"])
def test_another_rate_goes_on_with_the_same_stream(kind: Kind) -> None:
    encoder, size = SegmentEncoder(NAMES, RATE, kind), Size(160, 120)
    pictures = list(noise(150, size))
    found = stretch(encoder, pictures[:50], 600.0, Rung.NATIVE, Cut.STREAM)
    found += stretch(encoder, pictures[50:100], 200.0, Rung.NATIVE)
    found += stretch(encoder, pictures[100:], 600.0, Rung.NATIVE)
    found += encoder.finish()
    made = [item for item in found if isinstance(item, Segment)]
    assert [one.info.frames for one in made] == [50, 50, 50]
    assert not any(one.info.discontinuity for one in made)
    assert len({item.stream for item in found if isinstance(item, CodedPicture)}) == 1
    first, second, third = (len(one.data) * 8 / 2000 for one in made)
    assert second < 250 < first
    assert second < 250 < third
    assert len(decoded(b"".join(one.data for one in made), "mpegts")) == 150


@pytest.mark.parametrize("kind", [X264, X265], ids=["x264", "x265"])
@pytest.mark.parametrize("comes", [10, 25, 60])
def test_the_ceiling_holds_however_fast_pictures_come(kind: Kind, comes: int) -> None:
    """An encoder shares it out by the nominal rate, 25 a second."""
    encoder, cadence = SegmentEncoder(NAMES, RATE, kind), Cadence()
    found: list[CodedPicture | Segment] = []
    for frame in noise(8 * comes, Size(128, 80)):
        timed = replace(frame, time=frame.number / comes)
        cadence, cut = cadence.step(timed.time)
        found += encoder.encode(PreparedFrame(timed, Rung.NATIVE, 300.0, cut))
    first, *later = [item for item in [*found, *encoder.finish()] if isinstance(item, Segment)]
    assert len({one.info.discontinuity for one in (first, *later)}) == 1, "it is one stream"
    kbits = sum(len(one.data) * 8 / 1000 for one in later) / sum(one.info.duration for one in later)
    assert kbits == pytest.approx(300, rel=0.25)


@pytest.mark.parametrize("kind", [X265, LATE], ids=["x265", "late"])
def test_segments_of_any_encoder_play_alone(kind: Kind) -> None:
    encoder, cadence = SegmentEncoder(NAMES, RATE, kind), Cadence()
    found: list[CodedPicture | Segment] = []
    for frame in frames(range(125)):
        cadence, cut = cadence.step(frame.time)
        found += encoder.encode(PreparedFrame(frame, Rung.NATIVE, 300.0, cut))
    found += encoder.finish()
    made = [item for item in found if isinstance(item, Segment)]
    assert [one.info.frames for one in made] == [50, 50, 25]
    for one in made:
        shown = decoded(one.data, "mpegts")
        assert [picture.key_frame for picture in shown] == [True] + [False] * (one.info.frames - 1)
    levels = [int(picture.to_ndarray(format="gray")[8, 8]) for one in made for picture in decoded(one.data, "mpegts")]
    assert levels == [pytest.approx(int(frame.y[0, 0]), abs=3) for frame in frames(range(125))]


def test_stills_are_not_for_hardware() -> None:
    still = stretch(SegmentEncoder(NAMES, RATE, H264_V4L2M2M), frames([0]), 10.0, Rung.STILL, Cut.STREAM)
    assert isinstance(still[-1], Segment)
    assert len(decoded(still[-1].data, "mpegts")) == 1


@pytest.mark.parametrize("kind", [X264, X265], ids=["x264", "x265"])
def test_a_still_is_complete_at_once_and_nothing_between_two_counts_as_lost(kind: Kind) -> None:
    encoder = SegmentEncoder(NAMES, RATE, kind)
    found = stretch(encoder, frames(range(50)), 300.0, Rung.NATIVE, Cut.STREAM)
    first = stretch(encoder, frames([50]), 10.0, Rung.STILL)
    second = stretch(encoder, frames([300]), 8.0, Rung.STILL, left_out=249)
    back = stretch(encoder, frames([550]), 300.0, Rung.NATIVE, left_out=249)
    for still in (first, second):
        assert isinstance(still[-1], Segment)
        assert (still[-1].info.rung, still[-1].info.frames, still[-1].info.duration) == ("still", 1, 10.0)
        (shown,) = decoded(still[-1].data, "mpegts")
        assert shown.key_frame
    made = [item for item in [*found, *first, *second, *back, *encoder.finish()] if isinstance(item, Segment)]
    assert [one.info.dropped for one in made] == [0, 0, 0, 0]
    assert [one.info.discontinuity for one in made] == [False, True, False, True]
    assert [one.info.sequence for one in made] == [0, 1, 2, 3]


def test_a_still_fits_a_thin_link() -> None:
    encoder, size = SegmentEncoder(NAMES, RATE), Size(640, 360)
    sizes = []
    for n, frame in enumerate(noise(4, size)):
        still = stretch(encoder, [replace(frame, time=10.0 * n)], 12.0, Rung.STILL, Cut.SEGMENT if n else Cut.STREAM)
        assert isinstance(still[-1], Segment)
        sizes.append(len(still[-1].data) * 8 / 1000 / 10)
    # A whole buffer comes on top, once.
    assert sum(sizes) <= 12.0 * (4 + 2), f"{sizes} kbit/s"


def test_nothing_in_is_nothing_out() -> None:
    encoder = SegmentEncoder(NAMES, RATE)
    assert list(encoder.finish()) == []
    list(encoder.encode(PreparedFrame(gray_frame(), Rung.NATIVE, 300.0, Cadence().step(0.0)[1])))
    assert len(list(encoder.finish())) == 1
    assert list(encoder.finish()) == []


def test_a_frame_that_cannot_be_encoded_is_told() -> None:
    with pytest.raises(EncoderError, match="try 64x16"):
        run([gray_frame(size=Size(64, 2))])


# An encoder that fails

FAULT = EncoderError("libx264 failed")


def supervised(
    frames: list[Frame], *faults: Exception | None, pause: float = 0.0, most: int | None = None
) -> tuple[list[Segment], Supervisor]:
    """What comes out where the encoders have `faults`, frame by frame; `pause` in seconds after each."""
    clock, kind = FakeClock(), FaultyKind(faults=iter(faults))
    supervisor = Supervisor("encoder", clock, Backoff(first=0.0, floor=pause), most=most)
    encoder, cadence = SegmentEncoder(NAMES, RATE, kind, supervisor=supervisor), Cadence()
    found: list[CodedPicture | Segment] = []
    for frame in frames:
        cadence, cut = cadence.step(frame.time)
        found += encoder.encode(PreparedFrame(frame, Rung.NATIVE, 300.0, cut))
        clock.advance(1 / 25)
    found += encoder.finish()
    return [item for item in found if isinstance(item, Segment)], supervisor


@pytest.mark.parametrize("at", [0, 20, 50, 99])
def test_an_encoder_that_fails_is_replaced_at_once_and_costs_a_frame(at: int) -> None:
    found, supervisor = supervised(frames(range(100)), *[None] * at, FAULT)
    shown = [decoded(one.data, "mpegts") for one in found]
    assert [len(pictures) for pictures in shown] == [one.info.frames for one in found]
    assert sum(map(len, shown)) == 99
    assert all(pictures[0].key_frame for pictures in shown)
    assert sum(one.info.dropped for one in found) == (at not in (0, 99)), "before the first and after the last unknown"
    assert supervisor.status.failures == 1


def test_while_an_encoder_is_not_tried_again_frames_are_dropped_and_counted() -> None:
    found, supervisor = supervised(frames(range(100)), *[None] * 10, FAULT, pause=0.5)
    assert sum(one.info.frames for one in found) + sum(one.info.dropped for one in found) == 100
    assert 12 <= sum(one.info.dropped for one in found) <= 14, "half a second"
    assert (supervisor.status.error, supervisor.refusal) == (None, None), "it works again"


def test_an_encoder_that_fails_again_and_again_ends_the_run() -> None:
    with pytest.raises(EncoderError, match="libx264 failed"):
        supervised(frames(range(100)), *[FAULT] * 100, most=5)


def test_a_size_that_no_encoder_takes_passes() -> None:
    wrong = frames(range(10, 20), size=Size(64, 2))
    found, supervisor = supervised([*frames(range(10)), *wrong, *frames(range(20, 30))])
    assert sum(one.info.frames for one in found) == 20
    assert [one.info.discontinuity for one in found] == [False, True]
    assert supervisor.status.failures == 10
