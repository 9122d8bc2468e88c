"""The ffmpeg program as encoder, by an encoder of its own that needs no device."""

import io
import shutil
import stat
from dataclasses import replace
from pathlib import Path

import av
import pytest

from edge_vsr.camera.fake import gray_frame
from edge_vsr.codec import program
from edge_vsr.codec.encoder import Encoder, EncoderSettings
from edge_vsr.codec.kinds import H264_VAAPI, ProgramKind
from edge_vsr.codec.probe import attempt, rehearse
from edge_vsr.coded import CodedPicture
from edge_vsr.errors import EncoderError
from edge_vsr.frame import Matrix, Range, Size
from edge_vsr.policy.cadence import Cut
from edge_vsr.rung import Rung
from edge_vsr.segment import Segment, SegmentNames
from edge_vsr.stages.encode import SegmentEncoder
from edge_vsr.stages.prepare import PreparedFrame
from tests.unit.codec.test_probe import RATE, SIZE, slope

needs_ffmpeg = pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="needs the ffmpeg program")
LARGE = Size(640, 360)
"""More than a pipe holds."""
SETTINGS = EncoderSettings(SIZE, RATE, Matrix.BT601, Range.LIMITED, 400)


def software(settings: EncoderSettings, _fullness: float, _crf: float) -> dict[str, str]:
    rate = {"maxrate": f"{settings.kbits}k", "bufsize": str(settings.buffer_bits)}
    return {"preset": "ultrafast", "tune": "zerolatency", "g": "9999", **rate}


def code(encoder: Encoder, frames: int) -> list[CodedPicture]:
    """All that comes out, with a keyframe at the start."""
    made = [one for n in range(frames) for one in encoder.encode(gray_frame(size=LARGE), n, keyframe=n == 0)]
    return made + encoder.flush()


STAND_IN = ProgramKind("stand-in", "libx264", "h264", software)


@needs_ffmpeg
def test_it_passes_what_hardware_has_to_pass() -> None:
    rehearse(STAND_IN, slope(), RATE)


@needs_ffmpeg
def test_every_frame_comes_out_in_order_and_a_keyframe_where_asked() -> None:
    encoder = STAND_IN.open(SETTINGS)
    made = [one for n in range(9) for one in encoder.encode(slope(), 6000 * n, keyframe=n in (0, 5))]
    made += encoder.flush()
    assert [one.pts for one in made] == [6000 * n for n in range(9)]
    assert [n for n, one in enumerate(made) if one.keyframe] == [0, 5]
    assert encoder.held == 0
    assert encoder.flush() == []
    assert 0.0 <= encoder.fullness <= 1.0


@needs_ffmpeg
def test_without_a_device_it_says_what_the_program_says() -> None:
    reason = attempt(H264_VAAPI, slope(), RATE, [SIZE])
    assert reason is not None
    assert "h264_vaapi failed at" in reason


def test_a_program_that_cannot_be_started_is_an_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "ffmpeg").write_bytes(b"not a program")
    (tmp_path / "ffmpeg").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    encoder = STAND_IN.open(SETTINGS)
    with pytest.raises(EncoderError, match="Exec format error"):
        encoder.encode(gray_frame(size=SIZE), 0, keyframe=True)


def test_without_the_program_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(EncoderError, match="needs the ffmpeg program: apt install ffmpeg"):
        STAND_IN.open(SETTINGS)


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("echo 'no such driver' >&2; exit 3", "failed at .*: no such driver"),
        ("cat >/dev/null", "it left out 1 pictures"),
        ("cat >/dev/null; sleep 60", "it does not end within 0.5 s"),
        ("exec sleep 60", "no answer within 0.5 s"),
        ("cat >/dev/null; printf '\\0\\0\\0\\1\\11\\20a\\0\\0\\0\\1\\11\\20b'", "more pictures than it got"),
    ],
)
def test_a_program_that_misbehaves_is_an_error(
    body: str, says: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    script = tmp_path / "ffmpeg"
    script.write_text(f"#!/bin/sh\n{body}\n")
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    monkeypatch.setattr(program, "PATIENCE", 0.5)
    encoder = STAND_IN.open(EncoderSettings(LARGE, RATE, Matrix.BT601, Range.LIMITED, 400))
    with pytest.raises(EncoderError, match=says):
        code(encoder, 3 if "answer" in says else 1)
    assert encoder.held == 0


@needs_ffmpeg
def test_segments_lose_nothing_to_a_program_that_holds_a_picture_back() -> None:
    encoder = SegmentEncoder(SegmentNames("20260101T000000Z", "000000"), RATE, STAND_IN)
    items: list[CodedPicture | Segment] = []
    for n in range(70):
        cut = Cut.STREAM if n == 0 else Cut.SEGMENT if n % 30 == 0 else Cut.NONE
        frame = replace(slope(), number=n, time=n / float(RATE))
        items += encoder.encode(PreparedFrame(frame, Rung.NATIVE, 400.0 if n < 30 else 200.0, cut))
    segments = [item for item in (*items, *encoder.finish()) if isinstance(item, Segment)]
    assert [one.info.frames for one in segments] == [30, 30, 10]
    assert not any(one.info.discontinuity for one in segments)
    with av.open(io.BytesIO(b"".join(one.data for one in segments)), "r", format="mpegts") as container:
        assert sum(1 for _ in container.decode(video=0)) == 70
