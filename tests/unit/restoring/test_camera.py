from contextlib import closing
from fractions import Fraction

import pytest

from edge_vsr.clock import FakeClock
from edge_vsr.errors import CameraNotFound, UsageError
from edge_vsr.frame import Size
from edge_vsr.restoring.camera import CameraSource


def test_a_stream_begins_at_zero_and_ends_when_it_is_stopped() -> None:
    with closing(CameraSource("demo", clock=FakeClock())) as source:
        assert (source.live, source.frames, source.about.sizes) == (True, None, (Size(640, 360),))
        assert source.about.rate == Fraction(15)
        each = iter(source)
        times = [next(each).time for _ in range(4)]
        source.stop()
        assert list(each) == []
    assert times == pytest.approx([n / 15 for n in range(4)], abs=0.002)


@pytest.mark.parametrize(("spec", "error"), [("rtsp://", UsageError), ("gone.mp4", CameraNotFound)])
def test_what_cannot_be_opened_is_an_error(spec: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        CameraSource(spec)
