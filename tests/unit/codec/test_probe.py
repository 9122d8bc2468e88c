from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from edge_vsr.camera.fake import gray_frame
from edge_vsr.codec.kinds import H264_QSV, KINDS, SVTAV1, X264, X265, Kind
from edge_vsr.codec.probe import attempt, rehearse
from edge_vsr.errors import EncoderError
from edge_vsr.frame import Frame, Size

RATE = Fraction(15)
SIZE = Size(160, 96)


def slope() -> Frame:
    """A picture that is another one when it is shifted."""
    y = np.tile(np.linspace(16, 235, SIZE.width).astype(np.uint8), (SIZE.height, 1))
    return replace(gray_frame(size=SIZE), y=y)


def spoilt(**options: str) -> Kind:
    """libx264 with other options."""
    return replace(X264, options=lambda *given: {**X264.options(*given), **options})


@pytest.mark.parametrize("kind", [X264, X265, SVTAV1], ids=lambda kind: kind.name)
def test_what_works_passes(kind: Kind) -> None:
    rehearse(kind, slope(), RATE)
    rehearse(kind, gray_frame(size=SIZE, luma=235), RATE)


@pytest.mark.parametrize(
    ("kind", "says"),
    [
        (spoilt(g="7"), "asked for keyframes"),
        (spoilt(crf="51", qmin="51"), "is another picture"),
        (spoilt(preset="none such"), "cannot encode"),
        (spoilt(crf="0", maxrate="9000k", bufsize="9000k"), "it took"),
    ],
)
def test_what_an_encoder_does_wrong_is_found(kind: Kind, says: str) -> None:
    rng = np.random.default_rng(1)
    noisy = replace(slope(), y=rng.integers(16, 236, (SIZE.height, SIZE.width), np.uint8))
    with pytest.raises(EncoderError, match=says):
        rehearse(kind, noisy, RATE)


def test_a_child_tries_every_size() -> None:
    # In an emulator a child takes its time.
    assert attempt(X264, slope(), RATE, [SIZE, Size(80, 48), Size(320, 192)], patience=300.0) is None
    assert "cannot" in (attempt(KINDS["h264_v4l2m2m"], slope(), RATE, [SIZE], patience=300.0) or "")


def test_a_driver_that_hangs_is_left_behind() -> None:
    assert attempt(H264_QSV, slope(), RATE, [SIZE], patience=0.001) == "no answer within 0.001 s"
