from fractions import Fraction

import pytest

from edge_vsr.coded import CodedPicture, CodedStream
from edge_vsr.errors import UplinkAway
from edge_vsr.frame import Size
from edge_vsr.uplink.base import LiveUplink, SegmentUplink
from edge_vsr.uplink.fake import FakeLiveUplink, FakeSegmentUplink, Fault

STREAM = CodedStream("h264", Size(640, 360), Fraction(25), b"")


def picture(number: int, *, keyframe: bool = False, stream: CodedStream = STREAM) -> CodedPicture:
    return CodedPicture(stream, b"x", 3600 * number, keyframe, number, 0.0)


def test_the_fakes_fit_the_seams() -> None:
    segments: SegmentUplink = FakeSegmentUplink()
    live: LiveUplink = FakeLiveUplink()
    segments.close()
    live.close()


def test_a_live_session_starts_at_a_keyframe_and_anew_after_a_fault() -> None:
    live = FakeLiveUplink(None, None, Fault(UplinkAway("gone")))
    with pytest.raises(UplinkAway, match="keyframe"):
        live.push(picture(0))
    live.push(picture(1, keyframe=True))
    live.push(picture(2))
    with pytest.raises(UplinkAway, match="gone"):
        live.push(picture(3))
    with pytest.raises(UplinkAway, match="keyframe"):
        live.push(picture(4))
    live.push(picture(5, keyframe=True))
    assert [[one.number for one in session] for session in live.sessions] == [[1, 2], [5]]


def test_another_stream_is_another_session() -> None:
    live = FakeLiveUplink()
    live.push(picture(0, keyframe=True))
    live.push(picture(1, keyframe=True, stream=CodedStream("h264", Size(320, 180), Fraction(25), b"")))
    assert len(live.sessions) == 2
