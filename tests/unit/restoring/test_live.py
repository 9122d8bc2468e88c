from contextlib import closing
from pathlib import Path

import pytest

from edge_vsr.clock import FakeClock
from edge_vsr.errors import UplinkAway, UplinkError
from edge_vsr.heard import SoundPacket
from edge_vsr.restoring.base import About, Silence, Sound
from edge_vsr.restoring.live import PATIENCE, LiveTarget
from edge_vsr.restoring.sound import FittedSound
from edge_vsr.restoring.source import FileSound
from edge_vsr.uplink.fake import FakeLiveUplink, Fault
from tests.unit.restoring.videos import RATE, SIZE, frame, write_video

AWAY = Fault(UplinkAway("fake is away: no answer"))


def write(
    uplink: FakeLiveUplink, count: int, clock: FakeClock, *, paced: bool = True, sound: Sound | None = None
) -> None:
    with closing(
        LiveTarget(
            uplink, About(RATE, (SIZE,)), FittedSound(sound or Silence(), lambda _: True, "fake"), clock, paced=paced
        )
    ) as target:
        for number in range(count):
            target.write(frame(number))
        target.finish()


def test_every_frame_is_pushed_when_it_is_due() -> None:
    uplink, clock = FakeLiveUplink(), FakeClock()
    began = clock.monotonic()
    write(uplink, 30, clock)
    (session,) = uplink.sessions
    assert [picture.pts for picture in session] == [9000 * n for n in range(30)]
    assert [n for n, picture in enumerate(session) if picture.keyframe] == [0, 20]
    assert clock.monotonic() - began == pytest.approx(2.9)


def test_what_is_live_is_not_held_back() -> None:
    clock = FakeClock()
    write(FakeLiveUplink(), 30, clock, paced=False)
    assert clock.waits == []


def test_a_far_end_that_is_away_at_the_beginning_is_an_error_at_once() -> None:
    uplink, clock = FakeLiveUplink(AWAY), FakeClock()
    with pytest.raises(UplinkError, match="no answer"):
        write(uplink, 30, clock)
    assert uplink.sessions == []


def test_a_far_end_that_returns_goes_on_at_a_keyframe() -> None:
    uplink = FakeLiveUplink(*(5 * [None]), AWAY)
    write(uplink, 60, FakeClock())
    first, second = uplink.sessions
    assert (len(first), len(second)) == (5, 40)
    assert second[0].keyframe


def test_a_far_end_that_stays_away_is_given_up_in_time() -> None:
    uplink, clock = FakeLiveUplink(None, *(1000 * [AWAY])), FakeClock()
    began = clock.monotonic()
    with pytest.raises(UplinkAway, match="no answer"):
        write(uplink, 1000, clock)
    assert PATIENCE <= clock.monotonic() - began <= PATIENCE + 1.0


def test_sound_goes_along_at_its_time(tmp_path: Path) -> None:
    uplink = FakeLiveUplink()
    with closing(FileSound(write_video(tmp_path / "a.mkv", 30, sound="aac"))) as sound:
        write(uplink, 30, FakeClock(), sound=sound)
    stamps = [packet.pts for packet in uplink.heard]
    assert stamps == sorted(stamps)
    assert stamps[-1] == pytest.approx(2.9 * 90_000, abs=4000)


def test_a_far_end_that_is_lost_while_it_hears_is_tried_again(tmp_path: Path) -> None:
    class Deaf(FakeLiveUplink):
        def hear(self, packet: SoundPacket) -> None:
            if len(self.sessions) == 1 and len(self.sessions[0]) == 5:
                self.close()
                raise UplinkAway("fake is away: it did not answer in time")
            super().hear(packet)

    uplink = Deaf()
    with closing(FileSound(write_video(tmp_path / "a.mkv", 60, sound="aac"))) as sound:
        write(uplink, 60, FakeClock(), sound=sound)
    first, second = uplink.sessions
    assert (len(first), len(second)) == (5, 40)
    stamps = [packet.pts for packet in uplink.heard]
    assert [pts for pts in stamps if first[-1].pts + 9000 < pts < second[0].pts - 9000] == []
    assert max(stamps) > second[-1].pts - 9000
