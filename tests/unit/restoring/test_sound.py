import logging
import math
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from edge_vsr.restoring.base import About
from edge_vsr.restoring.segments import SegmentsTarget
from edge_vsr.restoring.sound import FittedSound, Limited, OneStream, goes_live, live_stream_of, packet_of
from edge_vsr.restoring.source import FileSound
from edge_vsr.restoring.target import open_file
from edge_vsr.uplink.playlist import PLAYLIST_NAME
from tests.unit.restoring.videos import RATE, SIZE, frame, read_video, sound_packets, write_video

ABOUT = About(RATE, (SIZE,))


def times(packets: "list[av.Packet[Any]]") -> list[float]:
    return [float(one.pts * one.time_base) for one in packets if one.pts is not None]


def decoded_seconds(packets: "list[av.Packet[Any]]") -> float:
    """How long the sound of AAC packets is, once it is decoded."""
    decoder: Any = av.CodecContext.create("aac", "r")
    decoder.extradata = packets[0].stream.codec_context.extradata
    frames = [frame for packet in packets for frame in decoder.decode(packet)]
    return float(sum(frame.samples / frame.sample_rate for frame in frames))


def test_sound_that_fits_is_copied(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.mkv", 10, sound="aac")
    with closing(FileSound(path)) as plain, closing(FileSound(path)) as other:
        fitted = FittedSound(other, lambda _: True, "x")
        assert [bytes(one) for one in fitted.until(math.inf)] == [bytes(one) for one in plain.until(math.inf)]


@pytest.mark.parametrize(
    ("codec", "name", "language"),
    [("pcm_s16le", "a.mkv", "deu"), ("libopus", "a.mkv", "deu"), ("pcm_alaw", "a.mov", None)],
)
def test_sound_that_does_not_fit_becomes_aac_of_the_same_length(
    tmp_path: Path, codec: str, name: str, language: str | None
) -> None:
    with closing(FileSound(write_video(tmp_path / name, 20, sound=codec, language=language))) as sound:
        fitted = FittedSound(sound, lambda _: False, "x")
        (stream,) = fitted.streams
        packets = [*fitted.until(math.inf), *fitted.rest()]
    assert stream.codec_context.name == "aac"
    assert stream.metadata.get("language") == language
    assert times(packets) == sorted(set(times(packets)))
    assert decoded_seconds(packets) == pytest.approx(2.0, abs=0.2)


def test_a_hole_in_sound_that_is_coded_anew_stays_one(tmp_path: Path) -> None:
    with av.open(str(tmp_path / "a.mkv"), "w") as container:
        tone: Any = container.add_stream("pcm_s16le", rate=48_000, layout="mono")
        for block in (*range(20), *range(60, 80)):
            samples = av.AudioFrame.from_ndarray(np.ones((1, 4800), np.int16), format="s16", layout="mono")
            samples.rate, samples.pts = 48_000, block * 4800
            container.mux(tone.encode(samples))
    with closing(FileSound(tmp_path / "a.mkv")) as sound:
        found = times(list(FittedSound(sound, lambda _: False, "x").until(math.inf)))
    assert found[-1] == pytest.approx(8.0, abs=0.1)
    assert not [time for time in found if 2.1 < time < 5.9]


def test_no_more_than_what_is_asked_for_is_given(tmp_path: Path) -> None:
    with closing(FileSound(write_video(tmp_path / "a.mkv", 40, sound="aac"))) as sound:
        assert max(times(list(Limited(sound, 1.0).until(math.inf)))) < 1.0


def test_what_carries_one_stream_gets_the_first_and_says_so(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    path = tmp_path / "two.mkv"
    with av.open(str(path), "w") as container:
        tones: list[Any] = [container.add_stream("pcm_s16le", rate=8000, layout="mono") for _ in range(2)]
        for number, tone in enumerate(tones):
            samples = av.AudioFrame.from_ndarray(np.full((1, 800), number, np.int16), format="s16", layout="mono")
            samples.rate, samples.pts = 8000, 0
            container.mux(tone.encode(samples))
    with closing(FileSound(path)) as sound:
        one = OneStream(sound)
        assert [bytes(packet) for packet in one.until(math.inf)] == [bytes(1600)]
        assert len(one.streams) == 1
    assert "of 2 streams of sound the first one goes along" in caplog.text


@pytest.mark.parametrize(
    ("codec", "scheme", "as_it_is"),
    [("aac", "rtsp", True), ("aac", "rtmp", True), ("pcm_alaw", "rtsps", True), ("pcm_alaw", "rtmp", False)],
)
def test_what_players_of_live_streams_know_is_sent_as_it_is(
    tmp_path: Path, codec: str, scheme: str, as_it_is: bool
) -> None:
    with closing(FileSound(write_video(tmp_path / "a.mov", 5, sound=codec))) as sound:
        fitted = FittedSound(sound, goes_live(scheme), "x")
        told = live_stream_of(fitted)
        assert (fitted.streams == sound.streams) is as_it_is
        assert told is not None
        assert told.codec == (codec if as_it_is else "aac")


def test_a_header_of_its_own_is_taken_off(tmp_path: Path) -> None:
    with closing(FileSound(write_video(tmp_path / "a.ts", 10, sound="aac"))) as sound:
        for packet in sound.until(math.inf):
            found = packet_of(packet)
            assert found is not None
            assert found.data == bytes(packet)[7:]


class DamagedSound(FileSound):
    """Every tenth packet is noise, and every seventh comes again."""

    def until(self, time: float) -> "Iterator[av.Packet[Any]]":
        for number, packet in enumerate(super().until(time)):
            if number % 10 == 9:
                noise = av.Packet(bytes(range(40)))
                noise.stream, noise.time_base = packet.stream, packet.time_base
                noise.pts, noise.dts = packet.pts, packet.dts
                yield noise
            else:
                yield packet
            if number % 7 == 6:
                yield packet


@pytest.mark.parametrize("name", ["out.mp4", "out.mkv", "out"])
@pytest.mark.parametrize("source", ["a.ts", "a.mkv"])
def test_damaged_sound_costs_neither_the_pictures_nor_the_rest_of_it(tmp_path: Path, source: str, name: str) -> None:
    with closing(DamagedSound(write_video(tmp_path / source, 25, sound="aac"))) as sound:
        target = (
            open_file(tmp_path / name, ABOUT, sound) if "." in name else SegmentsTarget(tmp_path / name, ABOUT, sound)
        )
        with closing(target):
            for number in range(25):
                target.write(frame(number))
            target.finish()
    shown = tmp_path / name if "." in name else tmp_path / name / PLAYLIST_NAME
    assert len(read_video(shown)) == 25
    assert len(sound_packets(shown)) > 80
