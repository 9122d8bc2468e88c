"""The sound of one session after another, as `LiveSound` hears it beside the pictures."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import pytest

from edge_vsr.camera.decoded import DecodedCamera
from edge_vsr.camera.hearing import HeardSession
from edge_vsr.clock import FakeClock
from edge_vsr.errors import CameraLost
from edge_vsr.frame import Frame
from edge_vsr.restoring.camera_sound import LiveSound
from tests.unit.restoring.videos import write_video

SECOND = 10
"""Frames."""


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def sound(clock: FakeClock) -> LiveSound:
    made = LiveSound(clock)
    made.start = clock.monotonic()
    return made


def session(path: Path, ear: LiveSound, clock: FakeClock) -> int:
    """One session with a camera that sends what is in `path`, and is closed then. Returns how many pictures it gave."""
    camera = DecodedCamera("cam", HeardSession(av.open(str(path)), ear), live=True, clock=clock)
    pictures: list[Frame] = []
    with pytest.raises(CameraLost, match="cam: the stream ended"):
        pictures.extend(seen(camera, clock))
    camera.close()
    return len(pictures)


def seen(camera: DecodedCamera, clock: FakeClock) -> Iterator[Frame]:
    while frame := camera.read():
        clock.advance(0.1)
        yield frame


def heard(sound: LiveSound, until: float) -> list[float]:
    """When each packet that comes begins, in seconds; all of them can be decoded."""
    found = []
    for packet in sound.until(until):
        assert packet.pts is not None
        found.append(float(packet.pts * packet.time_base))
        packet.decode()
    return found


def test_one_session_gives_pictures_and_sound(tmp_path: Path, sound: LiveSound, clock: FakeClock) -> None:
    assert session(write_video(tmp_path / "a.mkv", SECOND, sound="aac"), sound, clock) == SECOND
    context: Any = sound.streams[0].codec_context
    assert (context.name, context.sample_rate) == ("aac", 48_000)
    early, late = heard(sound, 0.5), heard(sound, 9.0)
    assert early
    assert max(early) < 0.5 <= min(late), "each comes once, in its turn"


def test_sound_goes_on_in_the_next_session_and_another_kind_is_left_out(
    tmp_path: Path, sound: LiveSound, clock: FakeClock
) -> None:
    session(write_video(tmp_path / "a.mkv", SECOND, sound="aac"), sound, clock)
    first = heard(sound, 99.0)
    session(write_video(tmp_path / "b.mkv", SECOND, sound="mp3"), sound, clock)
    assert heard(sound, 99.0) == [], "no decoder of AAC knows MP3"
    session(tmp_path / "a.mkv", sound, clock)
    third = heard(sound, 99.0)
    assert len(third) == len(first)
    assert min(third) > max(first) + 0.9


def test_sound_before_the_first_picture_is_left_out(tmp_path: Path, sound: LiveSound, clock: FakeClock) -> None:
    sound.start = clock.monotonic() + 0.5
    session(write_video(tmp_path / "a.mkv", SECOND, sound="aac"), sound, clock)
    assert 0 <= heard(sound, 9.0)[0] < 0.1


def test_pictures_alone_have_no_sound(tmp_path: Path, sound: LiveSound, clock: FakeClock) -> None:
    session(write_video(tmp_path / "a.mkv", SECOND), sound, clock)
    session(write_video(tmp_path / "b.mkv", SECOND, sound="aac"), sound, clock)
    assert (sound.streams, heard(sound, 9.0)) == ((), []), "what is written has no stream for it"
