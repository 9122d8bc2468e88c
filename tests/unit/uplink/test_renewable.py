from fractions import Fraction

import pytest

from edge_vsr.coded import CodedPicture, CodedStream
from edge_vsr.errors import UplinkRefused
from edge_vsr.frame import Size
from edge_vsr.uplink.fake import FakeLiveUplink, FakeSegmentUplink, Fault
from edge_vsr.uplink.renewable import RenewableLiveUplink, RenewableUplink

STREAM = CodedStream("h264", Size(64, 64), Fraction(15), b"")
KEYFRAME = CodedPicture(STREAM, b"x", 0, keyframe=True, number=0, wall=0.0)


def test_objects_go_the_new_way_from_the_next_one_on() -> None:
    first, second = FakeSegmentUplink(), FakeSegmentUplink()
    uplink = RenewableUplink(first)
    uplink.put("a.ts", b"a")
    uplink.renew(second)
    uplink.put("b.ts", b"b")
    uplink.close()
    assert (first.puts, second.puts) == (["a.ts"], ["b.ts"])
    assert (first.closed, second.closed) == (True, True)


def test_a_live_session_goes_on_and_the_next_one_goes_the_new_way() -> None:
    first, second = FakeLiveUplink(None, None, Fault(UplinkRefused("401"))), FakeLiveUplink()
    uplink = RenewableLiveUplink(first)
    uplink.push(KEYFRAME)
    uplink.renew(second)
    uplink.push(KEYFRAME)
    with pytest.raises(UplinkRefused):
        uplink.push(KEYFRAME)
    uplink.push(KEYFRAME)
    assert [len(pictures) for pictures in first.sessions] == [2]
    assert [len(pictures) for pictures in second.sessions] == [1]
