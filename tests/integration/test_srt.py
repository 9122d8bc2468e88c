"""Live push over SRT, against the ffmpeg program as far end and against what does not behave."""

import itertools
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from edge_vsr.coded import CodedPicture
from edge_vsr.errors import UplinkAway, UplinkError, UplinkRefused
from edge_vsr.uplink.options import UplinkOptions
from edge_vsr.uplink.srt import SrtUplink
from tests.integration.command import STEADY, edge_vsr, numbers_in, seen_by_others
from tests.integration.pictures import decoded_frames, make_pictures, padded
from tests.integration.servers import need, running

SECRET = "s3cr3t-w0rd"
IMPATIENT = UplinkOptions(connect_timeout=1.0, picture_timeout=0.5)
PATIENT = "latency=1000000"
"""For what must arrive whole from a busy machine: where the program is held up longer than the usual 0.12 s, the far
end drops what comes late."""


def free_udp_port() -> int:
    with socket.socket(type=socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def listening(port: int, file: Path, query: str = "") -> Iterator[subprocess.Popen[bytes]]:
    """A far end for one session, which writes what it gets into `file`."""
    url = f"srt://127.0.0.1:{port}?mode=listener{query}"
    command = [need("ffmpeg"), "-loglevel", "warning", "-y", "-f", "mpegts", "-i", url, "-c", "copy", str(file)]
    with running(command) as process:
        end = time.monotonic() + 60.0
        while f":{port:04X} 00000000:0000 07" not in Path("/proc/net/udp").read_text():
            assert time.monotonic() < end, f"nothing is bound to port {port}"
            time.sleep(0.02)
        yield process


def push_all(uplink: SrtUplink, pictures: list[CodedPicture]) -> None:
    for picture in pictures:
        uplink.push(picture)


def push(url: str, pictures: list[CodedPicture], options: UplinkOptions | None = None) -> None:
    """Push all pictures in one session and end it."""
    uplink = SrtUplink(url, options)
    try:
        push_all(uplink, pictures)
    finally:
        uplink.close()


def until_away(uplink: SrtUplink, pictures: list[CodedPicture], seconds: float = 90.0) -> UplinkError:
    """Push `pictures` again and again, at later and later times, until that fails."""
    end = time.monotonic() + seconds
    for n in itertools.count(1):
        assert time.monotonic() < end, f"no failure after {seconds:g} s"
        for picture in pictures:
            try:
                uplink.push(replace(picture, pts=picture.pts + n * 1_000_000))
            except UplinkError as error:
                return error
            time.sleep(0.01)
    raise AssertionError


def test_the_far_end_gets_every_frame(tmp_path: Path) -> None:
    port = free_udp_port()
    with listening(port, tmp_path / "got.ts") as far:
        push(f"srt://127.0.0.1:{port}?{PATIENT}", make_pictures(50))
        far.wait(60.0)
    assert decoded_frames(str(tmp_path / "got.ts")) == 50


def test_a_passphrase_and_a_stream_id_are_used_and_seen_nowhere(tmp_path: Path) -> None:
    port = free_udp_port()
    uplink = SrtUplink(f"srt://127.0.0.1:{port}?passphrase={SECRET}&streamid={SECRET}%23&{PATIENT}")
    assert SECRET not in f"{uplink.name} {uplink!r}"
    with listening(port, tmp_path / "got.ts", f"&passphrase={SECRET}") as far:
        pictures = make_pictures(30)
        uplink.push(pictures[0])
        shown = seen_by_others(uplink._session._process.pid)  # type: ignore[union-attr]
        assert f"srt://127.0.0.1:{port}\0" in shown
        assert SECRET not in shown
        push_all(uplink, pictures[1:])
        uplink.close()
        far.wait(60.0)
    assert decoded_frames(str(tmp_path / "got.ts")) == 30


def test_a_wrong_passphrase_is_refused_and_not_repeated(tmp_path: Path) -> None:
    port = free_udp_port()
    with listening(port, tmp_path / "got.ts", "&passphrase=another-one"), pytest.raises(UplinkRefused) as caught:
        push(f"srt://127.0.0.1:{port}?passphrase={SECRET}", make_pictures(1))
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize("bound", [True, False], ids=["never answers", "is not there"])
def test_a_far_end_that_gives_no_answer_is_away(bound: bool) -> None:
    with socket.socket(type=socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        port = silent.getsockname()[1] if bound else free_udp_port()
        with pytest.raises(UplinkAway):
            push(f"srt://127.0.0.1:{port}", make_pictures(1), IMPATIENT)


def test_a_session_starts_at_a_keyframe(tmp_path: Path) -> None:
    port = free_udp_port()
    pictures = make_pictures(30, first=100_000)
    uplink = SrtUplink(f"srt://127.0.0.1:{port}?{PATIENT}")
    with listening(port, tmp_path / "got.ts") as far:
        with pytest.raises(UplinkAway, match="waits for a keyframe"):
            uplink.push(pictures[5])
        push_all(uplink, pictures[10:])
        uplink.close()
        far.wait(60.0)
    assert decoded_frames(str(tmp_path / "got.ts")) == 20


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP])
def test_a_far_end_that_dies_or_freezes_is_away_and_is_found_again(tmp_path: Path, number: signal.Signals) -> None:
    port = free_udp_port()
    uplink = SrtUplink(f"srt://127.0.0.1:{port}?{PATIENT}", UplinkOptions(picture_timeout=3.0))
    pictures = make_pictures(20)
    with listening(port, tmp_path / "first.ts") as far:
        push_all(uplink, pictures)
        far.send_signal(number)
        assert isinstance(until_away(uplink, [padded(picture, 100_000) for picture in pictures]), UplinkAway)
    assert not uplink.connected
    with listening(port, tmp_path / "second.ts") as far:
        push_all(uplink, pictures)
        uplink.close()
        far.wait(60.0)
    assert decoded_frames(str(tmp_path / "second.ts")) == 20


def test_a_program_that_is_killed_is_away_and_leaves_nothing_behind(tmp_path: Path) -> None:
    port = free_udp_port()
    uplink = SrtUplink(f"srt://127.0.0.1:{port}")
    pictures = make_pictures(20)
    with listening(port, tmp_path / "got.ts"):
        uplink.push(pictures[0])
        process = uplink._session._process  # type: ignore[union-attr]
        process.kill()
        until_away(uplink, pictures)
    assert process.poll() is not None
    uplink.close()


def test_a_run_is_seen_over_srt(tmp_path: Path) -> None:
    port = free_udp_port()
    url = f"srt://127.0.0.1:{port}?passphrase={SECRET}&{PATIENT}"
    with listening(port, tmp_path / "got.ts", f"&passphrase={SECRET}") as far:
        outcome = edge_vsr(
            "run", "--camera", "demo", "--uplink", url, "--seconds", 5, *STEADY, state=tmp_path / "state"
        )
        far.wait(60.0)
    assert (outcome.code, outcome.waiting) == (0, 0), outcome.output
    assert len(numbers_in(tmp_path / "got.ts")) == outcome.encoded
    assert SECRET not in outcome.output
