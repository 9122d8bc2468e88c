"""The sound of a source as a container can carry it: as it is where that is possible, else coded anew as AAC."""

import contextlib
import logging
import os
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import av
from av.container import OutputContainer
from av.stream import Stream

from edge_vsr.coded import TIME_BASE
from edge_vsr.heard import SoundPacket, SoundStream
from edge_vsr.restoring.base import Sound

log = logging.getLogger(__name__)

AAC_RATES = frozenset({8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000, 64000, 88200, 96000})
USUAL_RATE = 48_000
LAYOUTS = {1: "mono", 2: "stereo", 6: "5.1"}
"""By the number of channels; others become stereo."""
KEPT = frozenset({"language", "title"})
"""What goes along of what is said of a stream."""
Fits = Callable[[Stream], bool]


def keep_words(source: Stream, stream: Any) -> None:
    """Say of `stream` what is said of `source` and goes along."""
    stream.metadata.update({key: source.metadata[key] for key in KEPT & source.metadata.keys()})


def stream_like(stream: Stream, streams: Sequence[Stream]) -> Stream | None:
    """The one of `streams` that is in the place of `stream` in its container and of the same kind, if there is one."""
    place = [one.index for one in stream.container.streams.audio].index(stream.index)
    for like in streams[place : place + 1]:
        if codec_of(like) == codec_of(stream):
            return like
    return None


def codec_of(stream: Stream | None) -> str | None:
    """Its name; None without a stream, and of an unknown kind."""
    # PyAV's stub leaves out that a stream of an unknown kind has no context.
    return getattr(getattr(stream, "codec_context", None), "name", None)


class Limited:
    """The sound of the first seconds."""

    def __init__(self, sound: Sound, seconds: float) -> None:
        self._sound = sound
        self._seconds = seconds

    @property
    def streams(self) -> tuple[Stream, ...]:
        return self._sound.streams

    def until(self, time: float) -> "Iterator[av.Packet[Any]]":
        return self._sound.until(min(time, self._seconds))

    def close(self) -> None:
        self._sound.close()


class FittedSound:
    """A `Sound` whose streams a container can carry, as far as they can be decoded."""

    def __init__(self, sound: Sound, fits: Fits, name: str) -> None:
        """`fits` says of a stream whether it may stay as it is; `name` is for people."""
        self._sound = sound
        self._coders: dict[Stream, AacCoder] = {}
        self._latest: dict[Stream, int] = {}
        streams: list[Stream] = []
        for stream in sound.streams:
            # PyAV's stub leaves out that a stream of an unknown kind has no context.
            if getattr(stream, "codec_context", None) is None:
                log.warning("%s gets pictures alone of sound in a format that is not known", name)
            elif fits(stream):
                streams.append(stream)
            else:
                log.info("the sound is coded anew as AAC, %s cannot carry %s", name, stream.codec_context.name)
                self._coders[stream] = AacCoder(stream)
                streams.append(self._coders[stream].stream)
        self.streams = tuple(streams)

    def until(self, time: float) -> "Iterator[av.Packet[Any]]":
        for packet in self._sound.until(time):
            coder = self._coders.get(packet.stream)
            if coder is not None:
                yield from coder.coded(packet)
            elif packet.stream in self.streams and self._goes_on(packet):
                yield packet

    def rest(self) -> "Iterator[av.Packet[Any]]":
        """What was held back of the packets until then. Nothing is to be asked for afterwards."""
        for coder in self._coders.values():
            yield from coder.flushed()

    def close(self) -> None:
        self._sound.close()

    def _goes_on(self, packet: "av.Packet[Any]") -> bool:
        """Whether it is later than the one before: muxers take no others."""
        latest = self._latest.get(packet.stream)
        if packet.dts is None or (latest is not None and packet.dts <= latest):
            return False
        self._latest[packet.stream] = packet.dts
        return True


def mux_sound(container: OutputContainer, packet: "av.Packet[Any]") -> None:
    """Sound that is so damaged that the container cannot carry it is left out."""
    with contextlib.suppress(av.InvalidDataError, av.ArgumentError):
        container.mux(packet)


class OneStream:
    """The first stream of a `Sound`, for what carries one."""

    def __init__(self, sound: Sound) -> None:
        self._sound = sound
        if len(sound.streams) > 1:
            log.warning("of %d streams of sound the first one goes along", len(sound.streams))

    @property
    def streams(self) -> tuple[Stream, ...]:
        return self._sound.streams[:1]

    def until(self, time: float) -> "Iterator[av.Packet[Any]]":
        return (packet for packet in self._sound.until(time) if packet.stream in self.streams)

    def close(self) -> None:
        self._sound.close()


def goes_live(scheme: str) -> Fits:
    """What is sent as it is over RTSP or RTMP."""
    telephone = ("pcm_alaw", "pcm_mulaw") if scheme.startswith("rtsp") else ()

    def fits(stream: Stream) -> bool:
        context: Any = stream.codec_context
        return context.name in telephone or (context.name == "aac" and context.profile == "LC")

    return fits


def live_stream_of(sound: Sound) -> SoundStream | None:
    """What a live far end must know of the first stream of `sound`, if there is one."""
    for stream in sound.streams:
        context: Any = stream.codec_context
        return SoundStream(context.name, context.sample_rate, context.layout.name)
    return None


def packet_of(packet: "av.Packet[Any]") -> SoundPacket | None:
    """For a live far end; None without a time."""
    if packet.pts is None:
        return None
    data = bytes(packet)
    if data[:1] == b"\xff" and packet.stream.codec_context.name == "aac" and not packet.stream.codec_context.extradata:
        # ADTS, ISO/IEC 13818-7: two more bytes where there is a checksum.
        data = data[7 if data[1] & 1 else 9 :]
    return SoundPacket(data, round(packet.pts * packet.time_base / TIME_BASE))


class AacCoder:
    """One stream of sound as AAC, its time stamps kept."""

    def __init__(self, source: Stream) -> None:
        context: Any = source.codec_context
        self._rate = context.sample_rate if context.sample_rate in AAC_RATES else USUAL_RATE
        self._layout = LAYOUTS.get(context.layout.nb_channels, LAYOUTS[2])
        # An encoder's stream wants a container; what is written goes into others.
        self._nowhere = av.open(os.devnull, "w", format="null")
        self.stream: Any = self._nowhere.add_stream("aac", rate=self._rate, layout=self._layout)
        """Of the packets that are made."""
        keep_words(source, self.stream)
        self._nowhere.start_encoding()
        self._resampler = self._new_resampler()
        self._latest: int | None = None

    def coded(self, packet: "av.Packet[Any]") -> "Iterator[av.Packet[Any]]":
        """What of it is ready. Sound that cannot be decoded is left out."""
        try:
            frames = packet.decode()
        except av.FFmpegError:
            return
        for frame in frames:
            yield from self._encoded(self._resampled(frame))

    def flushed(self) -> "Iterator[av.Packet[Any]]":
        """The rest."""
        yield from self._encoded([*self._resampler.resample(None), None])

    def _resampled(self, frame: Any) -> list[Any]:
        try:
            return self._resampler.resample(frame)
        except ValueError:  # it changed its rate or its channels on its way
            rest = self._resampler.resample(None)
            self._resampler = self._new_resampler()
            return [*rest, *self._resampler.resample(frame)]

    def _new_resampler(self) -> av.AudioResampler:
        context = self.stream.codec_context
        return av.AudioResampler(context.format, context.layout, self._rate, context.frame_size)

    def _encoded(self, frames: list[Any]) -> "Iterator[av.Packet[Any]]":
        for frame in frames:
            for packet in self.stream.encode(frame):
                if self._latest is None or packet.dts > self._latest:
                    self._latest = packet.dts
                    yield packet
