"""The main job, as a user runs it, against real cameras and real far ends."""

import fcntl
import itertools
import os
import pty
import re
import select
import signal
import socket
import struct
import subprocess
import termios
import threading
import time
from collections import Counter
from pathlib import Path

import pytest

from edge_vsr.camera.pattern import DEMO_RATE, DEMO_SIZE
from edge_vsr.frame import Size
from edge_vsr.policy.cadence import LONGEST_GAP
from edge_vsr.uplink.playlist import PLAYLIST_NAME, Playlist
from edge_vsr.uplink.spool import Spool
from tests.integration import nginx
from tests.integration.certificates import certify
from tests.integration.command import (
    LIGHT,
    PROGRAM,
    STEADY,
    Outcome,
    edge_vsr,
    environment,
    figures,
    numbers_in,
    pictures_of,
    sizes_in,
    started,
)
from tests.integration.pictures import decoded_frames
from tests.integration.rude import rude_server
from tests.integration.servers import free_port
from tests.integration.test_cameras import MjpegCamera, Quiet, demo_pictures, http_server, record, rtsp_camera
from tests.integration.test_live_uplinks import ffmpeg_listens, frames_recorded, gstreamer_listens, settle

FOR_EVER = 100.0
"""Seconds that a stop is far from, on the slowest machine."""
STATUS = re.compile(r"\d+\.\d fps in \| +\d+\.\d fps out \| (low|native|enhanced) \| \d+ kbit/s \| backlog \d+")


def segments_in(folder: Path) -> list[Path]:
    return sorted((*folder.glob("*.ts"), *folder.glob("*.mp4")))


def assert_accounted_for(outcome: Outcome, out: Path) -> None:
    """Every frame is in a segment, once and in order, or was dropped and counted; the playlist plays them all."""
    assert outcome.code == 0, outcome.output
    numbers = list(itertools.chain(*map(numbers_in, segments_in(out))))
    assert all(after > before for before, after in itertools.pairwise(numbers)), "frames out of order"
    assert len(numbers) == outcome.encoded, outcome.output
    assert outcome.captured == outcome.encoded + outcome.dropped
    missing = numbers[-1] - numbers[0] + 1 - len(numbers)
    assert 0 <= missing <= outcome.dropped, f"{missing} frames are missing, {outcome.dropped} were counted"
    assert numbers_in(out / PLAYLIST_NAME) == numbers, "the playlist plays something else than its segments"
    text = (out / PLAYLIST_NAME).read_text()
    entries = Playlist.parse(text).entries
    assert text.count("#EXT-X-PROGRAM-DATE-TIME:") == len(entries) == outcome.segments == outcome.delivered
    assert text.endswith("#EXT-X-ENDLIST\n")
    assert [entry.name for entry in entries] == [path.name for path in segments_in(out)]
    for before, after in itertools.pairwise(entries):
        if not after.discontinuity:
            assert after.start == pytest.approx(before.start + before.duration, abs=0.2)


def spools(state: Path) -> list[Path]:
    return list((state / "edge-vsr" / "spool").glob("*"))


def waiting_in(state: Path) -> list[Path]:
    """Segments in the one spool below `state`."""
    (spool,) = spools(state)
    return segments_in(spool)


# The main job


def test_twenty_seconds_of_demo_are_accounted_for_frame_by_frame(tmp_path: Path) -> None:
    out, began = tmp_path / "out", time.time()
    outcome = edge_vsr("run", "--camera", "demo", "--uplink", out, "--seconds", 20, state=tmp_path / "state")
    assert_accounted_for(outcome, out)
    # A machine that others share may be behind, but never ahead.
    assert 0 < outcome.captured <= int(20 * DEMO_RATE)
    half = Size(DEMO_SIZE.width // 2, DEMO_SIZE.height // 2)
    assert sizes_in(out / PLAYLIST_NAME) <= {half, DEMO_SIZE, DEMO_SIZE.times(2)}
    assert waiting_in(tmp_path / "state") == []
    newest = Playlist.parse((out / PLAYLIST_NAME).read_text()).entries[-1]
    assert began <= newest.start <= time.time()
    assert not STATUS.search(outcome.output), "a line for the terminal, that a log does not need"
    assert "\x1b" not in outcome.output, "no terminal, no control codes"


@pytest.mark.parametrize(
    ("flags", "size"),
    [
        (["--rung", "native"], Size(320, 180)),
        (["--rung", "low"], Size(160, 90)),
        (["--rung", "native", "--encoder", "x265"], Size(320, 180)),
        (["--rung", "low", "--encoder", "svtav1"], Size(160, 90)),
        (["--sr", "on"], Size(640, 360)),
        (["--sr", "on", "--model", "bicubic"], Size(640, 360)),
        (["--rung", "enhanced", "--runtime", "onnxruntime", "--threads", "1"], Size(640, 360)),
    ],
)
def test_each_rung_has_its_size(tmp_path: Path, flags: list[str], size: Size) -> None:
    out = tmp_path / "out"
    light = ["--size", "320x180", "--fps", "5", "--seconds", 3]
    outcome = edge_vsr("run", "--camera", "demo", "--uplink", out, *light, *flags, state=tmp_path / "state")
    assert_accounted_for(outcome, out)
    assert sizes_in(out / PLAYLIST_NAME) == {size}
    assert Playlist.parse((out / PLAYLIST_NAME).read_text()).target == (4 if "--rung" in flags or "on" in flags else 10)


@pytest.mark.parametrize("encoder", ["x264", "svtav1"])
def test_a_second_run_goes_on_in_the_same_playlist(tmp_path: Path, encoder: str) -> None:
    out = tmp_path / "out"
    run = ["run", "--camera", "demo", "--uplink", out, "--seconds", 3, *STEADY, "--encoder", encoder]
    first, second = (edge_vsr(*run, state=tmp_path / "state") for _ in range(2))
    assert (first.code, second.code) == (0, 0), first.output + second.output
    entries = Playlist.parse((out / PLAYLIST_NAME).read_text()).entries
    assert len(entries) == first.segments + second.segments
    assert entries[first.segments].discontinuity, "the second run's stream begins anew"
    assert len(pictures_of(out / PLAYLIST_NAME)) == sum(map(decoded_frames, map(str, segments_in(out))))


# Far ends


def test_nginx_gets_segments_and_playlist_and_the_spool_is_empty(tmp_path: Path) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}/site/camera"
    with nginx.webdav(tmp_path, port):
        outcome = edge_vsr("run", "--camera", "demo", "--uplink", url, "--seconds", 5, *LIGHT, state=tmp_path / "state")
    assert_accounted_for(outcome, tmp_path / "www/site/camera")
    assert waiting_in(tmp_path / "state") == []


def test_tls_with_an_authority_and_a_certificate_of_one_s_own(tmp_path: Path) -> None:
    certify(tmp_path, "server", "subjectAltName=DNS:localhost")
    certify(tmp_path, "client", "subjectAltName=DNS:camera")
    port = free_port()
    server = (
        f"ssl_certificate {tmp_path}/server.pem; ssl_certificate_key {tmp_path}/server.key;"
        f"ssl_client_certificate {tmp_path}/client-ca.pem; ssl_verify_client on;"
    )
    flags = ["--uplink-ca", "server-ca.pem", "--uplink-cert", "client.pem", "--uplink-key", "client.key"]
    run = ["run", "--camera", "demo", "--uplink", f"https://localhost:{port}/", "--seconds", 3, *LIGHT, *flags]
    with nginx.webdav(tmp_path, port, listen=" ssl", server=server):
        outcome = edge_vsr(*run, "--parallel", 4, state=tmp_path / "state", cwd=tmp_path)
    assert_accounted_for(outcome, tmp_path / "www")


def puts(log: Path) -> Counter[str]:
    """How often nginx took each segment."""
    return Counter(re.findall(r'"PUT /(\S+\.(?:ts|mp4)) HTTP/1.1" 20', log.read_text()))


def test_what_a_far_end_that_is_down_missed_comes_with_the_next_run_once(tmp_path: Path) -> None:
    port = free_port()
    state = tmp_path / "state"
    command = ["run", "--camera", "demo", "--uplink", f"http://127.0.0.1:{port}", *LIGHT, "--seconds", 3]
    first = edge_vsr(*command, state=state)
    assert first.code == 0, first.output
    assert (first.delivered, first.waiting) == (0, first.segments)
    assert first.output.count("WARNING uplink away") == 1, first.output
    kept = waiting_in(state)
    assert len(kept) == first.segments
    with nginx.webdav(tmp_path, port):
        second = edge_vsr(*command, state=state)
    assert (second.code, second.delivered, second.waiting) == (0, first.segments + second.segments, 0), second.output
    assert {path.name for path in kept} < set(puts(tmp_path / "access.log"))
    assert set(puts(tmp_path / "access.log").values()) == {1}
    assert waiting_in(state) == []


@pytest.mark.parametrize("encoder", ["x264", "svtav1"])
def test_kill_9_loses_nothing_that_was_in_the_spool_and_sends_it_once(tmp_path: Path, encoder: str) -> None:
    port = free_port()
    state = tmp_path / "state"
    command = ["run", "--camera", "demo", "--uplink", f"http://127.0.0.1:{port}", *LIGHT, "--encoder", encoder]
    with started(*command, state=state) as run:
        run.until(lambda: spools(state) and len(waiting_in(state)) >= 2, "two segments in the spool")
        run.process.kill()
        run.process.wait()
    kept = {path.name: path.read_bytes() for path in waiting_in(state)}
    with nginx.webdav(tmp_path, port):
        second = edge_vsr(*command, "--seconds", 1, state=state)
    assert (second.code, second.waiting) == (0, 0), second.output
    for name, data in kept.items():
        assert (tmp_path / "www" / name).read_bytes() == data
    assert set(puts(tmp_path / "access.log").values()) == {1}
    encoded = sum(len(pictures_of(tmp_path / "www" / name)) for name in kept) + second.encoded
    assert len(pictures_of(tmp_path / "www" / PLAYLIST_NAME)) == encoded


def test_an_rtsp_far_end_gets_the_frames(tmp_path: Path) -> None:
    port = free_port()
    with gstreamer_listens(port, tmp_path / "got.h264"):
        url = f"rtsp://127.0.0.1:{port}/cam"
        outcome = edge_vsr(
            "run", "--camera", "demo", "--uplink", url, "--seconds", 5, *STEADY, state=tmp_path / "state"
        )
        settle(tmp_path / "got.h264")
    assert (outcome.code, outcome.waiting) == (0, 0), outcome.output
    assert outcome.delivered == outcome.segments
    # GStreamer drops what its jitter buffer holds when the session ends.
    assert outcome.encoded / 2 <= decoded_frames(str(tmp_path / "got.h264")) <= outcome.encoded


def test_an_rtmp_far_end_gets_every_frame(tmp_path: Path) -> None:
    port = free_port()
    url = f"rtmp://127.0.0.1:{port}/live/camera"
    with ffmpeg_listens(url, port, tmp_path / "got.flv") as far:
        outcome = edge_vsr(
            "run", "--camera", "demo", "--uplink", url, "--seconds", 5, *STEADY, state=tmp_path / "state"
        )
        far.wait(60.0)
    assert (outcome.code, outcome.waiting) == (0, 0), outcome.output
    assert decoded_frames(str(tmp_path / "got.flv")) == outcome.encoded


def test_a_file_goes_to_a_live_far_end_whole_and_in_its_own_time(tmp_path: Path) -> None:
    clip = record(tmp_path / "clip.mp4", "libx264", demo_pictures(100))
    port = free_port()
    with nginx.rtmp(tmp_path, port):
        url = f"rtmp://127.0.0.1:{port}/live/camera"
        began = time.monotonic()
        outcome = edge_vsr("run", "--camera", clip, "--uplink", url, "--sr", "off", state=tmp_path / "state")
        assert time.monotonic() - began >= 3.9, "100 frames at 25 a second take 4 s"
        assert (outcome.code, outcome.waiting, outcome.dropped) == (0, 0, 0), outcome.output
        assert frames_recorded(tmp_path / "www/camera.flv", 100) == 100


def test_what_a_live_far_end_missed_stays_in_the_spool(tmp_path: Path) -> None:
    port = free_port()
    state = tmp_path / "state"
    with nginx.rtmp(tmp_path, port) as server:
        url = f"rtmp://127.0.0.1:{port}/live/S3CR3T"
        with started(
            "run", "--camera", "demo", "--uplink", url, *STEADY, state=state, RUNTIME_DIRECTORY=str(tmp_path / "front")
        ) as run:
            run.until(lambda: figures(tmp_path).get("edge_vsr_segments_delivered_total"), "a segment at the far end")
            server.kill()
            run.until(lambda: "kept in the spool" in run.output, "the loss in the log")
            run.until(lambda: len(waiting_in(state)) >= 2, "segments that wait")
            run.process.send_signal(signal.SIGTERM)
            outcome = run.ended()
    assert outcome.code == 0, outcome.output
    assert outcome.delivered + outcome.waiting == outcome.segments
    kept = waiting_in(state)
    assert len(kept) == outcome.waiting
    assert all(numbers_in(path) for path in kept)
    assert "S3CR3T" not in outcome.output + str(spools(state))


def test_one_encode_goes_to_a_live_far_end_and_to_one_that_keeps_it(tmp_path: Path) -> None:
    port, web = free_port(), free_port()
    live, kept = tmp_path / "live", tmp_path / "kept"
    live.mkdir()
    kept.mkdir()
    uplinks = ["--uplink", f"rtmp://127.0.0.1:{port}/live/camera", "--uplink", f"http://127.0.0.1:{web}/"]
    with nginx.rtmp(live, port), nginx.webdav(kept, web):
        outcome = edge_vsr("run", "--camera", "demo", *uplinks, "--seconds", 5, *STEADY, state=tmp_path / "state")
        assert (outcome.code, outcome.waiting, outcome.delivered) == (0, 0, outcome.segments), outcome.output
        assert frames_recorded(live / "www/camera.flv", outcome.encoded) == outcome.encoded
    assert len(numbers_in(kept / "www" / PLAYLIST_NAME)) == outcome.encoded
    assert f"live: {outcome.segments} segments whole" in outcome.output


def test_a_live_far_end_that_is_down_takes_nothing_from_the_one_that_keeps_segments(tmp_path: Path) -> None:
    live = f"rtmp://127.0.0.1:{free_port()}/live/S3CR3T"
    outcome = edge_vsr(
        "run", "--camera", "demo", "--seconds", 5, *STEADY,
        state=tmp_path / "state", EDGE_VSR_UPLINK=f"{live}\n{tmp_path / 'a folder'}",
    )  # fmt: skip
    assert_accounted_for(outcome, tmp_path / "a folder")
    assert "live: 0 segments whole, 0.0 MB" in outcome.output
    assert "S3CR3T" not in outcome.output


# Cameras


def test_an_rtsp_camera_is_sent(tmp_path: Path) -> None:
    out = tmp_path / "out"
    with rtsp_camera(free_port()) as (url, _):
        run = ["run", "--camera", url, "--uplink", out, "--seconds", 4, "--rung", "native"]
        outcome = edge_vsr(*run, state=tmp_path / "state")
    assert outcome.code == 0, outcome.output
    assert len(pictures_of(out / PLAYLIST_NAME)) == outcome.encoded > 0
    assert sizes_in(out / PLAYLIST_NAME) == {Size(320, 240)}
    assert "secret" not in outcome.output


def test_a_live_camera_that_drops_out_is_reopened_and_what_it_gave_is_kept(quick_path: Path) -> None:
    out, port = quick_path / "out", free_port()
    with (
        rtsp_camera(port) as (url, server),
        started("run", "--camera", url, "--uplink", out, "--rung", "native", state=quick_path / "state") as run,
    ):
        run.until(lambda: segments_in(out), "a segment")
        server.kill()
        server.wait()
        run.until(lambda: "the camera is away" in run.output, "the loss in the log")
        # A stream goes on over shorter gaps.
        time.sleep(LONGEST_GAP + 0.5)
        with rtsp_camera(port):
            run.until(lambda: "is back" in run.output, "the return in the log")
            before = len(segments_in(out))
            run.until(lambda: len(segments_in(out)) >= before + 2, "more segments")
            run.process.send_signal(signal.SIGTERM)
            outcome = run.ended()
    assert outcome.code == 0, outcome.output
    assert len(pictures_of(out / PLAYLIST_NAME)) == outcome.encoded
    entries = Playlist.parse((out / PLAYLIST_NAME).read_text()).entries
    assert [entry.discontinuity for entry in entries].count(True) == outcome.output.count("is back after") > 0
    assert "secret" not in outcome.output


def test_an_http_camera_is_sent(tmp_path: Path) -> None:
    out = tmp_path / "out"

    with http_server(MjpegCamera) as url:
        flags = ["--size", "160x120", "--seconds", "3", "--sr", "off"]
        outcome = edge_vsr(
            "run", "--camera", f"{url}/cam?key=S3CR3T", "--uplink", out, *flags, state=tmp_path / "state"
        )
    assert outcome.code == 0, outcome.output
    assert len(pictures_of(out / PLAYLIST_NAME)) == outcome.encoded > 0
    assert "S3CR3T" not in outcome.output + str(spools(tmp_path / "state"))


@pytest.mark.parametrize("name", ["clip.mp4", "clip.mkv", "clip.ts"])
def test_every_frame_of_a_file_is_sent(tmp_path: Path, name: str) -> None:
    clip, out = record(tmp_path / name, "libx264", demo_pictures(130)), tmp_path / "out"
    outcome = edge_vsr("run", "--camera", clip, "--uplink", out, "--sr", "off", state=tmp_path / "state")
    assert_accounted_for(outcome, out)
    assert numbers_in(out / PLAYLIST_NAME) == list(range(130))
    assert sizes_in(out / PLAYLIST_NAME) == {Size(320, 180)}, "a file's own speed is no reason to go down the ladder"


def test_every_frame_of_a_recording_over_http_is_sent(tmp_path: Path) -> None:
    record(tmp_path / "clip.ts", "libx264", demo_pictures(60))
    out = tmp_path / "out"
    with http_server(lambda *a: Quiet(*a, directory=str(tmp_path))) as url:
        outcome = edge_vsr("run", "--camera", f"{url}/clip.ts", "--uplink", out, "--sr", "off", state=tmp_path / "s")
    assert outcome.code == 0, outcome.output
    assert numbers_in(out / PLAYLIST_NAME) == list(range(60))


def test_a_file_that_breaks_off_keeps_what_was_captured(tmp_path: Path) -> None:
    clip, out = record(tmp_path / "clip.ts", "libx264", demo_pictures(100), gop=5), tmp_path / "out"
    clip.write_bytes(clip.read_bytes()[: clip.stat().st_size // 2])
    outcome = edge_vsr("run", "--camera", clip, "--uplink", out, "--sr", "off", state=tmp_path / "state")
    assert outcome.code == 0, outcome.output
    numbers = numbers_in(out / PLAYLIST_NAME)
    # The decoder fills the picture in which the file breaks off with what it has.
    assert numbers[:-1] == list(range(len(numbers) - 1))
    assert 20 <= len(numbers) < 100
    assert (out / PLAYLIST_NAME).read_text().endswith("#EXT-X-ENDLIST\n")


def test_a_file_is_thinned_out_and_scaled_as_asked_and_nothing_counts_as_dropped(tmp_path: Path) -> None:
    clip, out = record(tmp_path / "clip.mp4", "libx264", demo_pictures(60)), tmp_path / "out"
    flags = ["--fps", "25/2", "--size", "640x360", "--sr", "off"]
    outcome = edge_vsr("run", "--camera", clip, "--uplink", out, *flags, state=tmp_path / "state")
    assert (outcome.code, outcome.dropped) == (0, 0), outcome.output
    assert numbers_in(out / PLAYLIST_NAME) == list(range(0, 60, 2))
    assert sizes_in(out / PLAYLIST_NAME) == {Size(640, 360)}


# The end


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_with_everything_flushed(quick_path: Path, number: signal.Signals) -> None:
    out = quick_path / "out"
    encoded = 0.0

    def begins_another() -> bool:
        nonlocal encoded
        encoded = figures(quick_path).get("edge_vsr_frames_encoded_total", 0.0)
        return encoded > sum(len(numbers_in(path)) for path in segments_in(out)) > 0

    with started(
        "run", "--camera", "demo", "--uplink", out, *LIGHT,
        state=quick_path / "state", RUNTIME_DIRECTORY=str(quick_path / "front"),
    ) as run:  # fmt: skip
        run.until(begins_another, "a segment that was begun")
        run.process.send_signal(number)
        outcome = run.ended()
    assert_accounted_for(outcome, out)
    assert waiting_in(quick_path / "state") == []
    assert outcome.encoded >= encoded, "the segment that was begun is there too"


def test_a_stop_does_not_wait_for_a_camera_that_takes_long_to_open(tmp_path: Path) -> None:
    asked, over = threading.Event(), threading.Event()

    def say_nothing(peer: socket.socket) -> None:
        asked.set()
        over.wait(FOR_EVER)

    with rude_server(say_nothing) as port:
        # Of a camera of one frame in 40 s, 200 s of silence are nothing unusual.
        words = ["--camera", f"http://127.0.0.1:{port}/cam", "--uplink", "out", "--fps", "1/40", "--sr", "off"]
        with started("run", *words, state=tmp_path, cwd=tmp_path) as run:
            run.until(asked.is_set, "a connection to the camera")
            run.process.send_signal(signal.SIGTERM)
            outcome = run.ended(FOR_EVER)
        over.set()
    assert outcome.code == 0, outcome.output
    assert "stopped before the first frame" in outcome.output


# What is shown


def test_a_terminal_shows_one_line_that_stays_in_place(tmp_path: Path) -> None:
    far, near = pty.openpty()
    fcntl.ioctl(near, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 100, 0, 0))
    command = [PROGRAM, "run", "--camera", "demo", "--uplink", str(tmp_path / "out"), "--seconds", "4", *LIGHT]
    shown = bytearray()
    with subprocess.Popen(command, stdin=near, stdout=near, stderr=near, env=environment(tmp_path)) as run:
        os.close(near)
        end = time.monotonic() + 60.0
        while time.monotonic() < end and select.select([far], [], [], 30.0)[0]:
            try:
                shown += os.read(far, 4096)
            except OSError:
                break
    os.close(far)
    assert run.returncode == 0
    text = shown.decode()
    states = [part for part in text.split("\r\x1b[2K") if STATUS.match(part.strip())]
    assert len(states) >= 2, f"too few states in {text!r}"
    for state in states:
        assert "\n" not in state, f"a state must not scroll the screen, and no log line may follow it: {state!r}"
        assert len(state) <= 100
    last = text.rpartition("\x1b[2K")[2]
    assert "frames captured" in last, f"the summary must stand alone: {last!r}"


def test_two_runs_of_one_camera_to_two_far_ends_do_not_meet(tmp_path: Path) -> None:
    outcomes: list[Outcome] = []

    def one(name: str) -> None:
        run = ["run", "--camera", "demo", "--uplink", tmp_path / name, "--seconds", 3, *LIGHT]
        outcomes.append(edge_vsr(*run, state=tmp_path / "state"))

    threads = [threading.Thread(target=one, args=(name,)) for name in ("a", "b")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [outcome.code for outcome in outcomes] == [0, 0], outcomes
    assert len(spools(tmp_path / "state")) == 2
    for spool in spools(tmp_path / "state"):
        with Spool(spool) as opened:
            assert opened.count == 0
