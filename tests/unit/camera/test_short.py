"""Short files of MPEG-TS: stills, segments that a cut left short, and what others made."""

import threading
from itertools import count
from pathlib import Path

import av
import pytest

from edge_vsr.camera.base import CaptureWish
from edge_vsr.camera.lossy import is_lossy_video
from edge_vsr.camera.open import open_camera
from edge_vsr.camera.short import PACKET, short_format
from edge_vsr.clock import FakeClock
from edge_vsr.restoring.source import VideoFile


def write_clip(path: Path, frames: int) -> None:
    with av.open(str(path), "w", format="mpegts") as out:
        stream = out.add_stream("libx264", rate=15)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for _ in range(frames):
            out.mux(stream.encode(av.VideoFrame(64, 48, "yuv420p")))
        out.mux(stream.encode(None))


@pytest.mark.parametrize("name", ["clip.ts", "clip"])
@pytest.mark.parametrize("frames", range(1, 8))
def test_every_frame_of_a_short_clip_is_read_by_all_who_read_files(tmp_path: Path, name: str, frames: int) -> None:
    clip = tmp_path / name
    write_clip(clip, frames)
    with VideoFile(clip) as video:
        assert len(list(video)) == frames, f"{clip.stat().st_size / PACKET:g} packets to restore"
    camera = open_camera(str(clip), CaptureWish(), FakeClock(), threading.Event())
    read = next(n for n in count() if camera.read() is None)
    camera.close()
    assert read == frames, f"{clip.stat().st_size / PACKET:g} packets as a camera"
    assert is_lossy_video(clip)


def test_one_that_was_cut_within_a_packet_is_known_too(tmp_path: Path) -> None:
    clip = tmp_path / "clip.ts"
    write_clip(clip, 2)
    clip.write_bytes(clip.read_bytes()[:-100])
    assert short_format(clip) == "mpegts"
    with VideoFile(clip) as video:
        assert len(list(video)) >= 1


@pytest.mark.parametrize("data", [b"", b"G", b"G" * PACKET * 4, b"G" * PACKET * 5 + b"x", b"GIF89a" * 300])
def test_others_are_left_to_ffmpeg(tmp_path: Path, data: bytes) -> None:
    file = tmp_path / "file.ts"
    file.write_bytes(data)
    assert short_format(file) is None
    assert short_format(tmp_path) is None
    assert short_format(tmp_path / "none") is None
